import type { OperatorName } from '../tflite/builtin-operators.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import type { Row } from '../tflite/write-table.ts';
import type { LegalizeCall } from './legalization.ts';

/** Axes beyond which TensorFlow Lite's broadcasting kernels are not to be relied on. */
const MAX_BROADCAST_RANK = 4;

/**
 * Gives the node's result by an operator that broadcasts its operands. Where they have more axes than its kernels take,
 * neighbouring axes that broadcast alike are merged first.
 */
export function finishBroadcast(
  call: LegalizeCall,
  name: OperatorName,
  operands: readonly TfTensor[],
  options: Row = {},
): void {
  const rank = call.order.length;
  const sameShape = operands.every((tensor) => tensor.shape.join() === operands[0]?.shape.join());
  if (rank <= MAX_BROADCAST_RANK || sameShape) {
    call.finish(name, operands, options);
    return;
  }
  const groups = mergeableAxes(operands, rank);
  if (groups.length > MAX_BROADCAST_RANK) {
    call.refuse({
      code: 'device-broadcast-rank',
      message: `${name} would broadcast over ${groups.length} separate axes; TensorFlow Lite does ${MAX_BROADCAST_RANK}`,
    });
  }
  const merged = operands.map((tensor) => {
    if (tensor.shape.length === 0) return tensor;
    const shape = groups.map((axes) => axes.reduce((size, axis) => size * tensor.shape[axis]!, 1));
    return reshape(call, tensor, shape);
  });
  const full = groups.map((_, k) => merged.reduce((size, tensor) => Math.max(size, tensor.shape[k] ?? 1), 1));
  const result = call.emit(name, merged, { shape: full, options });
  const shape = call.order.map((axis) => call.resultShape()[axis]!);
  call.finish('RESHAPE', [result, call.integers(shape)], { new_shape: shape });
}

/** A tensor in another shape. */
export function reshape(call: LegalizeCall, tensor: TfTensor, shape: readonly number[]): TfTensor {
  if (tensor.shape.join() === shape.join()) return tensor;
  return call.emit('RESHAPE', [tensor, call.integers(shape)], {
    shape,
    type: tensor.type,
    options: { new_shape: shape },
  });
}

/** Runs of axes along which every operand either has all the elements or one. */
function mergeableAxes(operands: readonly TfTensor[], rank: number): number[][] {
  const groups: number[][] = [];
  const signature = (axis: number): string =>
    operands.map(({ shape }) => (shape.length > 0 && shape[axis] !== 1 ? 'x' : '.')).join('');
  for (let axis = 0; axis < rank; axis++) {
    const last = groups.at(-1);
    const unit = operands.every(({ shape }) => shape.length === 0 || shape[axis] === 1);
    if (last !== undefined && (unit || signature(axis) === signature(last[0]!))) last.push(axis);
    else groups.push([axis]);
  }
  return groups;
}
