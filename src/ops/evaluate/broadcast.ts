import { CannotEvaluate } from './kernel.ts';

/**
 * The dimensions that several operands broadcast to (ONNX "multidirectional broadcasting").
 *
 * @throws CannotEvaluate where they do not.
 */
export function broadcastDims(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((dims) => dims.length));
  const result = new Array<number>(rank).fill(1);
  for (const dims of shapes) {
    for (let i = 0; i < dims.length; i++) {
      const axis = rank - dims.length + i;
      const dim = dims[i]!;
      if (dim === 1 || result[axis] === dim) continue;
      if (result[axis] !== 1)
        throw new CannotEvaluate(`[${shapes.map((shape) => shape.join(',')).join('] and [')}] do not broadcast`);
      result[axis] = dim;
    }
  }
  return result;
}
