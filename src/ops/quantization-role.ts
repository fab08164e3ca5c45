import { textOf } from '../ir/attribute.ts';
import type { Node } from '../ir/node.ts';

/**
 * What the integer kernels of ONNX Runtime's CPU provider do with an operator.
 *
 * - `compute`: a linear operator with 8-bit kernels; where most of the arithmetic is. Seeds the integer part of a graph.
 *   `floatOutput` says that it keeps its 8-bit kernel when its result stays float.
 * - `free-scale`: has an 8-bit kernel that takes and gives any scales.
 * - `same-scale`: moves or selects numbers; runs on 8 bits when its results have the parameters of its operand.
 * - `foldable`: an activation that the quantization of its result makes redundant.
 * - `float`: has no 8-bit kernel, so that wrapping it only adds cost.
 *
 * `operands` are the ones that carry data, `all` every one.
 */
export type QuantizationRole =
  | { readonly kind: 'compute'; readonly floatOutput: boolean }
  | {
      readonly kind: 'free-scale';
      readonly operands: readonly number[] | 'all';
      readonly range?: { readonly min: number; readonly max: number };
    }
  | { readonly kind: 'same-scale'; readonly operands: readonly number[] }
  | { readonly kind: 'foldable' }
  | { readonly kind: 'float' };

const FLOAT: QuantizationRole = { kind: 'float' };
const FIRST = [0] as const;
const SAME_SCALE: QuantizationRole = { kind: 'same-scale', operands: FIRST };
const UNIT = { min: 0, max: 1 } as const;

/** One row per operator that is not simply `float`; a function where it depends on the node. */
const ROLES: Readonly<Record<string, QuantizationRole | ((node: Node) => QuantizationRole)>> = {
  Conv: { kind: 'compute', floatOutput: false },
  Gemm: { kind: 'compute', floatOutput: true },
  MatMul: { kind: 'compute', floatOutput: true },

  Add: { kind: 'free-scale', operands: [0, 1] },
  Mul: { kind: 'free-scale', operands: [0, 1] },
  Where: { kind: 'free-scale', operands: [1, 2] },
  Concat: { kind: 'free-scale', operands: 'all' },
  AveragePool: (node) => (node.attributes.has('dilations') ? FLOAT : { kind: 'free-scale', operands: FIRST }),
  GlobalAveragePool: { kind: 'free-scale', operands: FIRST },
  LeakyRelu: { kind: 'free-scale', operands: FIRST },
  Sigmoid: { kind: 'free-scale', operands: FIRST, range: UNIT },
  Softmax: { kind: 'free-scale', operands: FIRST, range: UNIT },

  // The second result of MaxPool, the positions, has no 8-bit form.
  MaxPool: (node) => (node.outputs[1] === undefined ? SAME_SCALE : FLOAT),
  ReduceMax: SAME_SCALE,
  ReduceMin: SAME_SCALE,
  Reshape: SAME_SCALE,
  Transpose: SAME_SCALE,
  Flatten: SAME_SCALE,
  Squeeze: SAME_SCALE,
  Unsqueeze: SAME_SCALE,
  Slice: SAME_SCALE,
  Gather: SAME_SCALE,
  Expand: SAME_SCALE,
  Tile: SAME_SCALE,
  Split: SAME_SCALE,
  Resize: (node) => ((textOf(node, 'mode') ?? 'nearest') === 'nearest' ? SAME_SCALE : FLOAT),

  Relu: { kind: 'foldable' },
  Clip: { kind: 'foldable' },
};

/** The role of a node; operators that are not in the table, and those of other domains, are `float`. */
export function quantizationRole(node: Node): QuantizationRole {
  if (node.domain !== '' || !Object.hasOwn(ROLES, node.op)) return FLOAT;
  const row = ROLES[node.op]!;
  return typeof row === 'function' ? row(node) : row;
}

/** Operators whose state feeds back into themselves: their weights can only be quantized dynamically or for storage. */
export function isRecurrent(node: Node): boolean {
  return node.domain === '' && ['LSTM', 'GRU', 'RNN'].includes(node.op);
}
