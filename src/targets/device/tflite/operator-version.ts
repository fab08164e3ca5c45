import type { OperatorName } from './builtin-operators.ts';
import type { ElementType } from './element-type.ts';
import type { TfOperator, TfTensor } from './tf-graph.ts';

/** Versions by the type of the operand that decides; types that are not listed take 1. */
type ByType = Partial<Record<ElementType, number>>;

interface VersionRule {
  /** Operand whose type decides. Default 0. */
  readonly operand?: number;
  readonly types?: ByType;
  /** Version for what the type does not tell; the larger one counts. */
  readonly form?: (operator: TfOperator) => number;
}

const INT8: ByType = { int8: 2 };
const INT8_INT16: ByType = { int8: 2, int16: 3 };

/**
 * The lowest version of each operator that has what a node uses, after TensorFlow Lite's own table
 * (tensorflow/lite/tools/versioning/op_version.cc). Operators without a row have version 1.
 */
const RULES: Partial<Record<OperatorName, VersionRule>> = {
  CONV_2D: { form: convolutionVersion },
  DEPTHWISE_CONV_2D: { form: depthwiseVersion },
  FULLY_CONNECTED: { form: fullyConnectedVersion },
  TRANSPOSE_CONV: { form: (op) => (op.inputs[3] !== undefined ? 3 : op.inputs[1]?.type === 'int8' ? 2 : 1) },
  GATHER: { types: { int8: 2, bool: 3, int16: 4 }, form: (op) => (op.options.batch_dims ? 5 : 1) },
  GATHER_ND: { types: { int16: 3, bool: 5 } },
  MUL: { types: { int8: 2, int16: 4, int64: 5, uint32: 7 }, form: mulVersion },
  ADD: { types: { int8: 2, int16: 3, int64: 4 } },
  SUB: { types: { int8: 2, int16: 5, int64: 4 }, form: (op) => (broadcastsBeyond4(op) ? 3 : 1) },
  DIV: { form: (op) => (broadcastsBeyond4(op) ? 2 : 1) },
  MAXIMUM: { types: { int8: 2, int16: 4 }, form: (op) => (broadcastsBeyond4(op) ? 3 : 1) },
  MINIMUM: { types: { int8: 2, int16: 4 }, form: (op) => (broadcastsBeyond4(op) ? 3 : 1) },
  MAX_POOL_2D: { types: INT8_INT16 },
  AVERAGE_POOL_2D: { types: INT8_INT16 },
  TRANSPOSE: {
    types: { int8: 2, bool: 3, int16: 5 },
    form: (op) => (rankOf(op.inputs[0]) > 5 ? 6 : rankOf(op.inputs[0]) > 4 ? 4 : 1),
  },
  SPLIT: { operand: 1, types: { int8: 2, int32: 3, int16: 4 } },
  SPLIT_V: { types: INT8 },
  SLICE: { types: { int8: 2, int16: 4, uint32: 6 }, form: (op) => (rankOf(op.inputs[0]) > 4 ? 5 : 1) },
  STRIDED_SLICE: { types: { int8: 2, bool: 3, uint32: 7 }, form: (op) => (rankOf(op.inputs[0]) > 4 ? 4 : 1) },
  UNPACK: { types: { int8: 2, uint8: 2, bool: 3, int16: 4 } },
  PACK: { types: { int8: 2, int16: 3, uint32: 4 } },
  DEQUANTIZE: { types: { int8: 2, int16: 3, float16: 3 }, form: (op) => (isPerChannel(op.inputs[0]) ? 5 : 1) },
  QUANTIZE: {
    form: (op) => (isPerChannel(op.outputs[0]) ? 3 : op.outputs[0]?.type === 'int16' ? 2 : 1),
  },
  FLOOR_DIV: { types: { float32: 2, int8: 3, int16: 3 } },
  FLOOR_MOD: { types: { int8: 2, int16: 2 } },
  L2_NORMALIZATION: { types: INT8 },
  ABS: { types: { int8: 2, uint8: 2, int16: 3, int32: 5 } },
  RELU: { types: { int8: 2, uint8: 2, int16: 3 } },
  RELU6: { types: INT8_INT16 },
  REVERSE_V2: { types: { bool: 2, int8: 3 } },
  RESIZE_BILINEAR: { types: { int8: 2, int16: 4 }, form: (op) => (op.options.half_pixel_centers ? 3 : 1) },
  RESIZE_NEAREST_NEIGHBOR: {
    types: { int8: 2, int16: 4 },
    form: (op) => (op.options.half_pixel_centers || op.options.align_corners ? 3 : 1),
  },
  TILE: { types: { int8: 3 } },
  SPACE_TO_BATCH_ND: { types: { int8: 2, int16: 4 }, form: (op) => (rankOf(op.inputs[0]) !== 4 ? 3 : 1) },
  BATCH_TO_SPACE_ND: { types: { int8: 2, int16: 4 }, form: (op) => (rankOf(op.inputs[0]) !== 4 ? 3 : 1) },
  TANH: { types: INT8_INT16 },
  LOGISTIC: { types: INT8_INT16 },
  FILL: { operand: 1, types: { bool: 2, int8: 3, int16: 3, float16: 4 } },
  EQUAL: { types: { int8: 2, int16: 4 } },
  NOT_EQUAL: { types: INT8 },
  LEAKY_RELU: { types: { int16: 2 } },
  RANGE: { types: { int64: 2 } },
  BATCH_MATMUL: { types: INT8_INT16 },
  PAD: { types: INT8_INT16, form: (op) => (rankOf(op.inputs[0]) > 4 ? 4 : 1) },
  PADV2: { types: INT8_INT16, form: (op) => (rankOf(op.inputs[0]) > 4 ? 4 : 1) },
  CONCATENATION: { types: { int8: 2, int16: 3, uint32: 4 } },
  SOFTMAX: { types: INT8_INT16 },
  MEAN: { types: INT8_INT16 },
  MIRROR_PAD: { types: INT8_INT16 },
  REDUCE_MAX: { types: INT8_INT16 },
  REDUCE_MIN: { types: INT8_INT16 },
  RSQRT: { types: INT8_INT16 },
  ARG_MAX: { types: { int8: 2, bool: 3 } },
  ARG_MIN: { types: { int8: 2, bool: 3 } },
  SELECT: { types: { uint32: 4 }, form: (op) => (op.inputs.some((tensor) => rankOf(tensor) === 5) ? 3 : 1) },
  LESS: { types: INT8_INT16 },
  GREATER_EQUAL: { types: INT8_INT16 },
  GREATER: { types: INT8 },
  LESS_EQUAL: { types: INT8 },
  SPACE_TO_DEPTH: { types: INT8 },
  DEPTH_TO_SPACE: { types: INT8 },
  SUM: { types: INT8 },
  LOG_SOFTMAX: { types: INT8 },
  SQUARED_DIFFERENCE: { types: INT8 },
  TOPK_V2: { types: { int8: 2, int16: 3 } },
  EXP: { types: { int8: 2, int16: 2 } },
  LOG: { types: { int8: 2, int16: 2 } },
  REDUCE_PROD: { types: { int8: 2, int16: 2 } },
  BROADCAST_TO: { types: { int8: 3, int16: 3 }, form: () => 2 },
  CAST: { form: castVersion },
  GELU: { types: { int8: 2, uint8: 2 } },
  SIGN: { types: { int32: 2 } },
};

/** The lowest version of a node's operator that runs it. */
export function operatorVersion(operator: TfOperator): number {
  const rule = RULES[operator.name];
  if (rule === undefined) return 1;
  const type = operator.inputs[rule.operand ?? 0]?.type;
  const byType = type === undefined ? 1 : (rule.types?.[type] ?? 1);
  return Math.max(byType, rule.form?.(operator) ?? 1);
}

function rankOf(tensor: TfTensor | undefined): number {
  return tensor?.shape.length ?? 0;
}

function isPerChannel(tensor: TfTensor | undefined): boolean {
  return (tensor?.quantization?.scales.length ?? 0) > 1;
}

function broadcastsBeyond4({ inputs: [a, b] }: TfOperator): boolean {
  return Math.max(rankOf(a), rankOf(b)) > 4 && a?.shape.join() !== b?.shape.join();
}

function isHybrid({ inputs: [data, weights] }: TfOperator): boolean {
  return data?.type === 'float32' && weights?.type === 'int8';
}

function convolutionVersion(operator: TfOperator): number {
  const [data, weights] = operator.inputs;
  if (data?.shape[3] !== weights?.shape[3]) return 6;
  if (isHybrid(operator)) return isPerChannel(weights) ? 5 : 2;
  if (data?.type === 'int16') return 4;
  return data?.type === 'int8' ? 3 : 1;
}

function depthwiseVersion(operator: TfOperator): number {
  const [data, weights] = operator.inputs;
  if (data?.type === 'int16') return 5;
  if (isHybrid(operator)) return isPerChannel(weights) ? 6 : 4;
  if (data?.type === 'int8') return 3;
  const { dilation_w_factor: width = 1, dilation_h_factor: height = 1 } = operator.options;
  return width !== 1 || height !== 1 ? 2 : 1;
}

function fullyConnectedVersion(operator: TfOperator): number {
  const [data, weights, bias] = operator.inputs;
  if (isHybrid(operator) && isPerChannel(weights)) return 12;
  if (data?.type === 'int16') return 7;
  if (bias === undefined) return 6;
  if (operator.options.keep_num_dims) return 5;
  if (data?.type === 'int8') return 4;
  if (isHybrid(operator)) return operator.options.asymmetric_quantize_inputs ? 9 : 3;
  return 1;
}

/** Version 3 can rescale by 1 and more. */
function mulVersion({ inputs, outputs }: TfOperator): number {
  const [a, b, out] = [inputs[0], inputs[1], outputs[0]].map((tensor) => tensor?.quantization?.scales[0]);
  return a !== undefined && b !== undefined && out !== undefined && (a * b) / out >= 1 ? 3 : 1;
}

function castVersion({ inputs, outputs }: TfOperator): number {
  const types = [inputs[0]?.type, outputs[0]?.type];
  if (types.includes('float64') || types.includes('float16')) return 5;
  if (types.includes('uint16')) return 4;
  if (types.includes('int8')) return 3;
  return types.includes('uint32') ? 2 : 1;
}
