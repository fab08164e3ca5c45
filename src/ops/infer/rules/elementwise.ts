import { DATA_TYPES, type DataType } from '../../../ir/dtype.ts';
import type { Shape } from '../../../ir/shape.ts';
import { tensorType } from '../../../ir/value-type.ts';
import { broadcastShapes, unifyShapes } from '../broadcast.ts';
import { type InferRule, type InferRules, resultDtype } from '../infer-rule.ts';
import type { NodeCall } from '../node-call.ts';

/** Every result has the shape of the first operand. */
export const likeFirst: InferRule = (call) => call.node.outputs.map(() => call.shape(0));

/** Only the first result has the shape of the first operand. */
export const firstLikeFirst: InferRule = (call) => [call.shape(0)];

/** Two operands. Before opset 7 the second is stretched to the first, along the attribute `axis`. */
const binary: InferRule = (call) => [call.since < 7 ? call.shape(0) : broadcastShapes([call.shape(0), call.shape(1)])];

/** Any number of operands. Before opset 8 all have one shape. */
const variadic: InferRule = (call) => {
  const shapes = call.shapes();
  return [call.since < 8 ? shapes.reduce<Shape | undefined>(unifyShapes, undefined) : broadcastShapes(shapes)];
};

/** An element type as ONNX numbers them. */
export function dtypeOfNumber(code: number | undefined): DataType | undefined {
  return code === undefined ? undefined : DATA_TYPES[code - 1];
}

/** The names that `Cast` gave element types before opset 6. */
const OLD_NAMES: Readonly<Record<string, DataType>> = { FLOAT: 'float32', DOUBLE: 'float64' };

function castTarget(call: NodeCall): DataType | undefined {
  const code = call.int('to');
  if (code !== undefined) return dtypeOfNumber(code);
  const name = call.text('to');
  if (name === undefined) return undefined;
  const lower = name.toLowerCase();
  return OLD_NAMES[name] ?? DATA_TYPES.find((dtype) => dtype === lower);
}

function typed(dtype: DataType | undefined, shape: Shape | undefined) {
  return [dtype === undefined ? undefined : tensorType(dtype, shape)];
}

const UNARY = [
  'Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Cos Cosh Erf Exp Floor IsInf IsNaN Log Neg Not Reciprocal Round',
  'Sign Sin Sinh Sqrt Tan Tanh Celu Clip Elu Gelu HardSigmoid HardSwish LeakyRelu Mish PRelu Relu Selu Shrink Sigmoid',
  'Softplus Softsign Swish SwiGLU ThresholdedRelu Affine ImageScaler ParametricSoftplus Scale ScaledTanh RegexFullMatch',
].flatMap((line) => line.split(' '));

const BINARY =
  'Add Sub Mul Div Pow Mod And Or Xor BitShift BitwiseAnd BitwiseOr BitwiseXor Equal Greater GreaterOrEqual Less LessOrEqual StringConcat'.split(
    ' ',
  );

/** Operators that work on each element by itself, and casts. */
export const ELEMENTWISE_RULES: InferRules = {
  ...Object.fromEntries(UNARY.map((op) => [op, firstLikeFirst])),
  ...Object.fromEntries(BINARY.map((op) => [op, binary])),
  ...Object.fromEntries(['Max', 'Min', 'Mean', 'Sum'].map((op) => [op, variadic])),
  Where: (call) => [broadcastShapes([call.shape(0), call.shape(1), call.shape(2)])],
  Identity: (call) => [call.type(0)],
  Cast: (call) => typed(castTarget(call), call.shape(0)),
  CastLike: (call) => typed(call.dtype(1), call.shape(0)),
  BitCast: (call) => typed(castTarget(call), call.shape(0)),
  Dropout: (call) => {
    const shape = call.shape(0);
    const mask = resultDtype(call, 1);
    return [shape, mask === undefined ? undefined : tensorType(mask, shape)];
  },
};
