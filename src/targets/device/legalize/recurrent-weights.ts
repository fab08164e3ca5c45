import { elements, toNumbers } from '../../../ir/tensor.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import { reshape } from './broadcast-rank.ts';
import type { LegalizeCall } from './legalization.ts';

/** A block of rows of one direction of a recurrent layer's operand. */
interface RowBlock {
  readonly operand: number;
  readonly direction: number;
  readonly first: number;
  readonly rows: number;
  readonly label: string;
}

/** Some rows of weights [directions, rows, columns] as a matrix; constants are cut here, others while the model runs. */
export function weightRows(call: LegalizeCall, { operand, direction, first, rows, label }: RowBlock): TfTensor {
  const [, height = 0, width = 0] = call.shape(operand);
  const constant = call.constant(operand);
  if (constant !== undefined) {
    checkFloat(call, constant.dtype);
    const start = (direction * height + first) * width;
    return call.floats((elements(constant) as Float32Array).slice(start, start + rows * width), [rows, width], label);
  }
  const cut = [1, rows, width];
  const part = call.emit('SLICE', [call.input(operand), call.integers([direction, first, 0]), call.integers(cut)], {
    shape: cut,
  });
  return reshape(call, part, [rows, width]);
}

/** Some elements of a bias or of peepholes [directions, length]; none where all are zero. */
export function vectorRows(
  call: LegalizeCall,
  { operand, direction, first, rows, label }: RowBlock,
): TfTensor | undefined {
  if (!call.has(operand)) return undefined;
  const [, length = 0] = call.shape(operand);
  const constant = call.constant(operand);
  if (constant !== undefined) {
    checkFloat(call, constant.dtype);
    const start = direction * length + first;
    const values = toNumbers(constant).slice(start, start + rows);
    return values.every((value) => value === 0) ? undefined : call.floats(values, [rows], label);
  }
  const cut = [1, rows];
  const part = call.emit('SLICE', [call.input(operand), call.integers([direction, first]), call.integers(cut)], {
    shape: cut,
  });
  return reshape(call, part, [rows]);
}

function checkFloat(call: LegalizeCall, dtype: string): void {
  if (dtype !== 'float32') call.refuse({ code: 'device-type', message: `${call.node.op} with ${dtype} weights` });
}
