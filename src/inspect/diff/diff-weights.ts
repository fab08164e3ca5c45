import { createHash } from 'node:crypto';
import type { Model } from '../../ir/model.ts';
import { type Tensor, tensorByteLength, tensorBytes, toStrings } from '../../ir/tensor.ts';
import { tensorsOf } from '../weight-summary.ts';
import type { WeightDiff } from './model-diff.ts';

/** How much of what two models store they have in common, by contents. */
export function diffWeights(a: Model, b: Model): WeightDiff {
  const [left, right] = [byContents(a), byContents(b)];
  const only = (own: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): readonly number[] =>
    Array.from(own).flatMap(([key, bytes]) => (other.has(key) ? [] : [bytes]));
  const [onlyA, onlyB] = [only(left, right), only(right, left)];
  const sum = (sizes: readonly number[]): number => sizes.reduce((total, bytes) => total + bytes, 0);
  return {
    shared: left.size - onlyA.length,
    onlyA: onlyA.length,
    onlyB: onlyB.length,
    bytesOnlyA: sum(onlyA),
    bytesOnlyB: sum(onlyB),
  };
}

/** Bytes of each tensor by what it holds. */
function byContents(model: Model): Map<string, number> {
  return new Map(tensorsOf(model).map(({ tensor }) => [contentsOf(tensor), tensorByteLength(tensor)]));
}

function contentsOf(tensor: Tensor): string {
  const { dtype, dims } = tensor;
  const hash = createHash('sha256').update(`${dtype}[${dims.join(',')}]`);
  // Strings have no bytes of their own form.
  hash.update(tensor.dtype === 'string' ? toStrings(tensor).join('\0') : tensorBytes(tensor));
  return hash.digest('hex');
}
