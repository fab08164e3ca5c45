import type { Node } from '../ir/node.ts';
import { weightLayoutOf } from './weight-layout.ts';

/** A constant operand that holds most of an operator's bytes, and the axis along which its numbers differ in size. */
export interface StoredWeight {
  readonly operand: number;
  /** Negative counts from the end. */
  readonly axis: number;
  /** `before`: dequantized and then used. `after`: the operator only picks from it and works on the stored form. */
  readonly dequantize: 'before' | 'after';
}

/** Weights [directions, gates * hidden, inputs] and recurrence weights [directions, gates * hidden, hidden]. */
const RECURRENT: readonly StoredWeight[] = [
  { operand: 1, axis: 1, dequantize: 'before' },
  { operand: 2, axis: 1, dequantize: 'before' },
];

const ROWS: Readonly<Record<string, readonly StoredWeight[]>> = {
  LSTM: RECURRENT,
  GRU: RECURRENT,
  RNN: RECURRENT,
  // An embedding table: its rows are picked in 8 bits, and only they are dequantized.
  Gather: [{ operand: 0, axis: -1, dequantize: 'after' }],
};

/** The weights that a node reads and that can be stored in fewer bits than it computes with. */
export function storedWeights(node: Node): readonly StoredWeight[] {
  if (node.domain !== '') return [];
  const layout = weightLayoutOf(node);
  if (layout !== undefined) return [{ operand: layout.operand, axis: layout.channelAxis, dequantize: 'before' }];
  return Object.hasOwn(ROWS, node.op) ? ROWS[node.op]! : [];
}
