import { isFloat } from '../../../src/ir/dtype.ts';
import type { Model } from '../../../src/ir/model.ts';
import { type Tensor, tensorFromNumbers, toNumbers } from '../../../src/ir/tensor.ts';
import type { Random } from '../../../src/random/seeded-random.ts';
import { evaluateModel, NotEvaluated } from '../evaluate/evaluate-model.ts';
import { differenceOf } from './difference-of.ts';

/** Neighbours of a feed that are looked at. */
const TRIALS = 4;
/** How far away they are: some sixteen roundings of a float32. */
const STEP = 2 ** -20;
/** How far the results of nodes are moved: a few roundings. */
const ROUNDING = 2 ** -22;

/**
 * Whether a model gives about the same outputs for about the same feed and with other roundings on the way. Where it
 * does not, because of sums that cancel out or of a jump, a difference after reordered roundings says nothing.
 */
export function isStable(
  model: Model,
  feed: ReadonlyMap<string, Tensor>,
  outputs: ReadonlyMap<string, Tensor>,
  random: Random,
): boolean {
  for (let trial = 0; trial < TRIALS; trial++) {
    const near = new Map([...feed].map(([name, tensor]) => [name, neighbour(tensor, random, STEP, 0.1)]));
    const disturb = (result: Tensor): Tensor => neighbour(result, random, ROUNDING, 0);
    try {
      if (differenceOf(outputs, evaluateModel(model, near, disturb)) !== undefined) return false;
    } catch (error) {
      if (error instanceof NotEvaluated) return false;
      throw error;
    }
  }
  return true;
}

/** Floats moved by up to `step` of their magnitude, and of `least`. */
function neighbour(tensor: Tensor, random: Random, step: number, least: number): Tensor {
  if (!isFloat(tensor.dtype)) return tensor;
  const moved = toNumbers(tensor).map((value) => value + (Math.abs(value) + least) * step * (2 * random.next() - 1));
  return tensorFromNumbers(tensor.dtype, tensor.dims, moved);
}
