import type { OperatorName } from '../tflite/builtin-operators.ts';

/**
 * How an operator computes with quantized tensors, after the TensorFlow Lite 8-bit quantization specification.
 *
 * - `linear`: weights of 8 bits, symmetric, and a bias of 32 bits whose scale is that of input times weights. `axis` is
 *   that of the weights' scales, absent where there is one for all.
 * - `free`: each tensor has parameters of its own; the result's are observed.
 * - `fixed`: as `free`, with a result whose parameters the specification fixes.
 * - `shared`: the result has the parameters of the operands, which must all be the same.
 * - `reads`: takes quantized operands and gives something that is not quantized.
 */
export type QuantizedRule =
  | {
      readonly kind: 'linear';
      readonly input: number;
      readonly weights: number;
      readonly bias: number | undefined;
      readonly axis: number | undefined;
    }
  | { readonly kind: 'free'; readonly operands: Operands }
  | { readonly kind: 'fixed'; readonly operands: Operands; readonly int8: FixedParams; readonly int16: FixedParams }
  | {
      readonly kind: 'shared';
      readonly operands: Operands;
      /** The operand that the others follow, where one decides; else all follow the result. */
      readonly leader: number | undefined;
    }
  | { readonly kind: 'reads'; readonly operands: Operands };

/** Which operands are data. */
type Operands = readonly number[] | 'all';

interface FixedParams {
  readonly scale: number;
  readonly zeroPoint: number;
}

interface Row {
  readonly rule: QuantizedRule;
  /** Whether LiteRT has a kernel for 16-bit data as well. */
  readonly int16: boolean;
}

const UNARY = [0] as const;
const BINARY = [0, 1] as const;
const free = (operands: Operands, int16 = false): Row => ({ rule: { kind: 'free', operands }, int16 });
const shared = (operands: Operands, int16 = false): Row => ({
  rule: { kind: 'shared', operands, leader: operands !== 'all' && operands.length === 1 ? operands[0] : undefined },
  int16,
});
const linear = (axis: number | undefined): Row => ({
  rule: { kind: 'linear', input: 0, weights: 1, bias: 2, axis },
  int16: true,
});
const fixed = (int8: FixedParams, int16: FixedParams, has16 = true): Row => ({
  rule: { kind: 'fixed', operands: UNARY, int8, int16 },
  int16: has16,
});

const UNIT = { scale: 1 / 256, zeroPoint: -128 };
const UNIT_16 = { scale: 1 / 32768, zeroPoint: 0 };
const SIGNED_UNIT = { scale: 1 / 128, zeroPoint: 0 };

const ROWS: Partial<Record<OperatorName, Row>> = {
  CONV_2D: linear(0),
  DEPTHWISE_CONV_2D: linear(3),
  // One scale for all: older interpreters read the first one only and would compute wrong numbers without a word.
  FULLY_CONNECTED: linear(undefined),
  TRANSPOSE_CONV: { rule: { kind: 'linear', input: 2, weights: 1, bias: 3, axis: 0 }, int16: true },

  ADD: free(BINARY, true),
  SUB: free(BINARY, true),
  MUL: free(BINARY, true),
  BATCH_MATMUL: free(BINARY),
  MEAN: free(UNARY),
  SUM: free(UNARY),
  PRELU: free(BINARY),
  LEAKY_RELU: free(UNARY, true),
  RELU: free(UNARY, true),
  RELU6: free(UNARY, true),
  HARD_SWISH: free(UNARY),
  ELU: free(UNARY),
  EXP: free(UNARY),
  SQUARED_DIFFERENCE: free(BINARY),

  LOGISTIC: fixed(UNIT, UNIT_16),
  SOFTMAX: fixed(UNIT, UNIT_16),
  TANH: fixed(SIGNED_UNIT, UNIT_16),
  LOG_SOFTMAX: fixed({ scale: 16 / 256, zeroPoint: 127 }, UNIT_16, false),

  AVERAGE_POOL_2D: shared(UNARY, true),
  MAX_POOL_2D: shared(UNARY, true),
  RESHAPE: shared(UNARY, true),
  TRANSPOSE: shared(UNARY, true),
  CONCATENATION: shared('all', true),
  PACK: shared('all'),
  UNPACK: shared(UNARY),
  PAD: shared(UNARY, true),
  // The fill before a maximum is the lowest float, which saturates to the lowest integer and stays below all.
  PADV2: { rule: { kind: 'shared', operands: [0, 2], leader: 0 }, int16: false },
  MIRROR_PAD: shared(UNARY),
  SLICE: shared(UNARY, true),
  STRIDED_SLICE: shared(UNARY),
  SPLIT: shared([1], true),
  SPLIT_V: shared(UNARY, true),
  GATHER: shared(UNARY, true),
  TILE: shared(UNARY),
  BROADCAST_TO: shared(UNARY),
  MAXIMUM: shared(BINARY),
  MINIMUM: shared(BINARY),
  REDUCE_MAX: shared(UNARY),
  REDUCE_MIN: shared(UNARY),
  RESIZE_BILINEAR: shared(UNARY),
  RESIZE_NEAREST_NEIGHBOR: shared(UNARY),
  DEPTH_TO_SPACE: shared(UNARY),
  SPACE_TO_DEPTH: shared(UNARY),
  SELECT_V2: shared([1, 2]),

  ARG_MAX: { rule: { kind: 'reads', operands: UNARY }, int16: false },
  ARG_MIN: { rule: { kind: 'reads', operands: UNARY }, int16: false },
};

/** The types that activations are quantized to. */
export type ActivationBits = 'int8' | 'int16';

/** How an operator computes with data of a quantized type; `undefined` where it has no kernel for it. */
export function quantizedRule(name: OperatorName, type: ActivationBits): QuantizedRule | undefined {
  const row = ROWS[name];
  return row === undefined || (type === 'int16' && !row.int16) ? undefined : row.rule;
}

/** The operands of a node that hold data under a rule. */
export function dataOperands(rule: QuantizedRule, count: number): readonly number[] {
  if (rule.kind === 'linear') return [rule.input];
  return rule.operands === 'all' ? Array.from({ length: count }, (_, index) => index) : rule.operands;
}
