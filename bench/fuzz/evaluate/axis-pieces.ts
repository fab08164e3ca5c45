import { elementCount, elements, stringTensor, type Tensor, tensorFromElements } from '../../../src/ir/tensor.ts';

/** Tensor `index` along the first axis, which goes. */
export function pieceAt(tensor: Tensor, index: number): Tensor {
  const dims = tensor.dims.slice(1);
  const count = elementCount(dims);
  const { storage } = tensor;
  if (storage.kind === 'strings') return stringTensor(dims, storage.values.slice(index * count, (index + 1) * count));
  return tensorFromElements(tensor.dtype, dims, elements(tensor).slice(index * count, (index + 1) * count));
}

/** Tensors one after the other along a new first axis; undefined where there are none or their dimensions differ. */
export function joinAlong(list: readonly Tensor[]): Tensor | undefined {
  const [first] = list;
  if (first === undefined || list.some(({ dims }) => dims.join() !== first.dims.join())) return undefined;
  const dims = [list.length, ...first.dims];
  if (first.storage.kind === 'strings') {
    return stringTensor(
      dims,
      list.flatMap(({ storage }) => (storage.kind === 'strings' ? storage.values : [])),
    );
  }
  const count = elementCount(first.dims);
  const joined = elements(first).constructor as new (length: number) => ReturnType<typeof elements>;
  const all = new joined(count * list.length);
  for (const [index, tensor] of list.entries()) all.set(elements(tensor) as never, index * count);
  return tensorFromElements(first.dtype, dims, all);
}
