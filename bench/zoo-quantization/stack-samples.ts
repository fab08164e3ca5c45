import type { Dataset } from '../../src/data/dataset.ts';
import {
  elementCount,
  elements,
  stringTensor,
  type Tensor,
  tensorBytes,
  tensorFromBytes,
  tensorFromNumbers,
  toStrings,
} from '../../src/ir/tensor.ts';

/** The key under which archives hold labels. */
const LABELS = 'labels';

/**
 * A dataset as one array per input, the samples one after the other along the first axis: what an archive needs to hold
 * for every tool to read the same samples without preparing them again.
 *
 * @param labelled whether the labels are to be there too; other tools take every array for an input.
 * @throws RangeError when the samples of an input differ in shape, or when labels are whole outputs.
 */
export async function stackSamples(dataset: Dataset, labelled: boolean): Promise<ReadonlyMap<string, Tensor>> {
  const inputs = new Map<string, Tensor[]>();
  const labels: (number | readonly number[])[] = [];
  for await (const { feed, label } of dataset.samples()) {
    for (const [name, tensor] of feed) {
      const tensors = inputs.get(name) ?? [];
      inputs.set(name, tensors);
      tensors.push(tensor);
    }
    if (!labelled || label === undefined) continue;
    if (label.kind === 'outputs') throw new RangeError(`${dataset.label}: labels are outputs`);
    labels.push(label.kind === 'class' ? label.index : label.kind === 'classes' ? label.indices : label.values);
  }
  const stacked = new Map([...inputs].map(([name, tensors]) => [name, concatenated(name, tensors)]));
  if (labels.length > 0) stacked.set(LABELS, labelTensor(labels));
  return stacked;
}

function concatenated(name: string, tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  if (first === undefined) throw new RangeError(`${name}: no samples`);
  const [rows = 1, ...row] = first.dims;
  const stranger = tensors.find(({ dims }) => dims.join() !== first.dims.join());
  if (stranger !== undefined) throw new RangeError(`${name}: samples of [${first.dims}] and of [${stranger.dims}]`);
  const dims = [rows * tensors.length, ...row];
  if (first.dtype === 'string') return stringTensor(dims, tensors.flatMap(toStrings));
  const size = elements(first).byteLength;
  const bytes = new Uint8Array(size * tensors.length);
  for (const [i, tensor] of tensors.entries()) bytes.set(tensorBytes(tensor), i * size);
  return tensorFromBytes(first.dtype, dims, bytes);
}

function labelTensor(labels: readonly (number | readonly number[])[]): Tensor {
  const classes = labels.filter((label) => typeof label === 'number');
  if (classes.length === labels.length) return tensorFromNumbers('int64', [labels.length], classes);
  const values = labels.flat();
  const dims = [labels.length, values.length / labels.length];
  if (elementCount(dims) !== values.length) throw new RangeError('labels of several lengths');
  return tensorFromNumbers('float64', dims, values);
}
