/** Which elements of a tensor stay: 1 keeps, 0 prunes. */
export type Mask = Uint8Array;

/**
 * Masks that keep the largest magnitudes of several tensors taken together and prune the share `sparsity` of all their
 * elements (Han et al. 2015, arXiv:1506.02626). Exactly `floor(sparsity x elements)` are pruned; among equal magnitudes
 * at the threshold the earlier ones go first.
 *
 * @param sparsity from 0 up to, not including, 1.
 */
export function unstructuredMasks(tensors: readonly Float32Array[], sparsity: number): Mask[] {
  const total = tensors.reduce((sum, tensor) => sum + tensor.length, 0);
  const pruned = Math.floor(sparsity * total);
  const masks = tensors.map((tensor) => new Uint8Array(tensor.length).fill(1));
  if (pruned === 0) return masks;
  const magnitudes = new Float32Array(total);
  let at = 0;
  for (const tensor of tensors) for (const value of tensor) magnitudes[at++] = Math.abs(value);
  const threshold = magnitudes.sort()[pruned - 1]!;
  let below = 0;
  for (const tensor of tensors) for (const value of tensor) if (Math.abs(value) < threshold) below++;
  let ties = pruned - below;
  for (const [index, tensor] of tensors.entries()) {
    const mask = masks[index]!;
    for (let i = 0; i < tensor.length; i++) {
      const magnitude = Math.abs(tensor[i]!);
      if (magnitude < threshold || (magnitude === threshold && ties-- > 0)) mask[i] = 0;
    }
  }
  return masks;
}

/**
 * A mask that keeps the `keep` largest magnitudes of every `group` neighbours along one axis (N:M sparsity, Mishra et al.
 * 2021, arXiv:2104.08378). An incomplete group at the end of the axis is kept whole.
 *
 * @param dims dimensions of the row-major tensor; `axis` counts from the front.
 */
export function groupedMask(
  values: Float32Array,
  dims: readonly number[],
  axis: number,
  keep: number,
  group: number,
): Mask {
  const mask = new Uint8Array(values.length).fill(1);
  const length = dims[axis] ?? 1;
  const stride = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const order = Array.from({ length: group }, (_, i) => i);
  for (let outer = 0; outer < values.length; outer += length * stride) {
    for (let start = 0; start + group <= length; start += group) {
      for (let inner = 0; inner < stride; inner++) {
        const base = outer + start * stride + inner;
        const magnitude = (i: number): number => Math.abs(values[base + i * stride]!);
        order.sort((a, b) => magnitude(b) - magnitude(a) || a - b);
        for (let i = keep; i < group; i++) mask[base + order[i]! * stride] = 0;
        order.sort((a, b) => a - b);
      }
    }
  }
  return mask;
}

/** The share of elements that are zero. */
export function sparsityOf(values: ArrayLike<number>): number {
  let zeros = 0;
  for (let i = 0; i < values.length; i++) if (values[i] === 0) zeros++;
  return values.length === 0 ? 0 : zeros / values.length;
}
