import { stringTensor, type Tensor, tensorBytes, tensorFromBytes, toStrings } from '../ir/tensor.ts';
import type { NonTensor, OutputValue } from '../runtime/session.ts';

/**
 * Answers to several samples as one: tensors are joined along the first axis, scalars become a vector. Where the samples'
 * shapes do not fit together each keeps its own tensor, under the name and the number of the sample, `boxes.3`.
 */
export function stackOutputs(answers: readonly ReadonlyMap<string, OutputValue>[]): {
  readonly outputs: ReadonlyMap<string, Tensor>;
  readonly others: ReadonlyMap<string, readonly NonTensor['value'][]>;
} {
  const outputs = new Map<string, Tensor>();
  const others = new Map<string, readonly NonTensor['value'][]>();
  for (const name of answers[0]?.keys() ?? []) {
    const values = answers.map((answer) => answer.get(name)!);
    const tensors = values.filter((value): value is Tensor => !('kind' in value));
    if (tensors.length < values.length) {
      others.set(
        name,
        values.map((value) => ('kind' in value ? value.value : value)),
      );
      continue;
    }
    const joined = joinRows(tensors);
    if (joined !== undefined) outputs.set(name, joined);
    else for (const [i, tensor] of tensors.entries()) outputs.set(`${name}.${i}`, tensor);
  }
  return { outputs, others };
}

/** Tensors one below the other; undefined where their rows differ. */
function joinRows(tensors: readonly Tensor[]): Tensor | undefined {
  const [first] = tensors;
  if (first === undefined || tensors.length === 1) return first;
  const row = first.dims.slice(1);
  const alike = tensors.every(
    ({ dims, dtype }) =>
      dtype === first.dtype && dims.length === first.dims.length && dims.slice(1).join() === row.join(),
  );
  if (!alike) return undefined;
  const dims = [tensors.reduce((rows, tensor) => rows + (tensor.dims[0] ?? 1), 0), ...row];
  if (first.dtype === 'string') return stringTensor(dims, tensors.flatMap(toStrings));
  const parts = tensors.map(tensorBytes);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return tensorFromBytes(first.dtype, dims, bytes);
}
