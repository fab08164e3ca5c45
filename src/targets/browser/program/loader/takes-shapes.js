/** @import { Candidate } from './manifest.js' */
/** @import { Tensor } from './tensor.js' */

/**
 * Whether a model file takes inputs of these shapes: some files take one shape only.
 *
 * @param {Candidate} candidate
 * @param {Readonly<Record<string, Tensor>>} tensors
 */
export function takesShapes({ shapes }, tensors) {
  return Object.entries(shapes).every(([name, shape]) => tensors[name]?.dims.join() === shape.join());
}
