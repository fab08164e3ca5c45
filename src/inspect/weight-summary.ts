import type { Model } from '../ir/model.ts';
import { elementCount, type Tensor, tensorByteLength } from '../ir/tensor.ts';
import { graphsOf } from '../ir/walk.ts';
import type { WeightSummary } from './inspection.ts';

/** A tensor that a model holds, and what to call it in a message. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** Every tensor of a model's initializers, defaults and attributes, each once, under the first name that it has. */
export function tensorsOf(model: Model): readonly NamedTensor[] {
  const names = new Map<Tensor, string>();
  const add = (tensor: Tensor | undefined, name: string): void => {
    if (tensor !== undefined && !names.has(tensor)) names.set(tensor, name);
  };
  for (const graph of graphsOf(model)) {
    for (const value of [...graph.constants(), ...graph.inputs])
      add(value.constant ?? value.initial ?? value.sparse?.values, value.name);
    for (const node of graph.nodes()) {
      for (const attribute of node.attributes.values()) {
        if (attribute.kind === 'tensor') add(attribute.value, node.outputs[0]?.name ?? node.name);
      }
    }
  }
  return Array.from(names, ([tensor, name]) => ({ name, tensor }));
}

/** How many elements and bytes there are of each element type. */
export function summarizeWeights(tensors: readonly NamedTensor[]): WeightSummary {
  const byType = new Map<string, { type: string; tensors: number; bytes: number }>();
  let parameters = 0;
  let bytes = 0;
  for (const { tensor } of tensors) {
    const row = byType.get(tensor.dtype) ?? { type: tensor.dtype, tensors: 0, bytes: 0 };
    byType.set(tensor.dtype, row);
    const size = tensorByteLength(tensor);
    row.tensors++;
    row.bytes += size;
    parameters += elementCount(tensor.dims);
    bytes += size;
  }
  return { parameters, bytes, byType: [...byType.values()].sort((a, b) => b.bytes - a.bytes) };
}
