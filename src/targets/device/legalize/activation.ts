import { floatOf, intOf, textOf } from '../../../ir/attribute.ts';
import { clipBounds } from '../../../rewrite/clip-bounds.ts';
import type { OperatorName } from '../tflite/builtin-operators.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import { reshape } from './broadcast-rank.ts';
import type { Legalization, LegalizationTable, LegalizeCall } from './legalization.ts';

function unary(name: OperatorName): Legalization {
  return (call) => call.finish(name, [call.input(0)]);
}

/** The operators that cut to a range, by the range. */
const CLIPS: readonly { readonly min: number; readonly max: number; readonly name: OperatorName }[] = [
  { min: 0, max: Number.POSITIVE_INFINITY, name: 'RELU' },
  { min: 0, max: 6, name: 'RELU6' },
  { min: -1, max: 1, name: 'RELU_N1_TO_1' },
  { min: 0, max: 1, name: 'RELU_0_TO_1' },
];

const clip: Legalization = (call) => {
  const bounds = clipBounds(call.node);
  if (typeof bounds === 'string') return clipToOperands(call);
  const { min, max } = bounds;
  // Beyond the largest float32 a bound is none.
  const open = (bound: number): boolean => Math.abs(bound) >= 3.4e38;
  const known = CLIPS.find((row) => row.min === min && (row.max === max || (open(row.max) && open(max))));
  if (known !== undefined && call.resultType() === 'float32') return call.finish(known.name, [call.input(0)]);
  const x = call.input(0);
  if (open(min) && open(max)) return call.bind(x);
  if (open(min)) return call.finish('MINIMUM', [x, call.scalar(max)]);
  const lower: readonly [TfTensor, TfTensor] = [x, call.scalar(min)];
  if (open(max)) return call.finish('MAXIMUM', lower);
  call.finish('MINIMUM', [call.emit('MAXIMUM', lower), call.scalar(max)]);
};

/** A Clip whose bounds are computed, or out of order: the upper one wins, as ONNX says. */
function clipToOperands(call: LegalizeCall): void {
  let x = call.input(0);
  if (call.has(1)) x = call.emit('MAXIMUM', [x, call.input(1)]);
  if (call.has(2)) x = call.emit('MINIMUM', [x, call.input(2)]);
  call.bind(x);
}

const hardSigmoid: Legalization = (call) => {
  const alpha = floatOf(call.node, 'alpha') ?? Math.fround(0.2);
  const beta = floatOf(call.node, 'beta') ?? 0.5;
  const line = call.emit('ADD', [call.emit('MUL', [call.input(0), call.scalar(alpha)]), call.scalar(beta)]);
  call.finish('RELU_0_TO_1', [line]);
};

/** alpha * (exp(x / scale) - 1) below 0, gamma * x above. */
function exponential(call: LegalizeCall, alpha: number, scale: number, gamma: number): void {
  const x = call.input(0);
  const below = call.emit('EXP', [
    call.emit('MUL', [call.emit('MINIMUM', [x, call.scalar(0)]), call.scalar(1 / scale)]),
  ]);
  const negative = call.emit('MUL', [call.emit('SUB', [below, call.scalar(1)]), call.scalar(alpha)]);
  call.finish('ADD', [call.emit('MUL', [call.emit('RELU', [x]), call.scalar(gamma)]), negative]);
}

const elu: Legalization = (call) => {
  const alpha = floatOf(call.node, 'alpha') ?? 1;
  if (alpha === 1) return call.finish('ELU', [call.input(0)]);
  exponential(call, alpha, 1, 1);
};

const selu: Legalization = (call) => {
  const alpha = floatOf(call.node, 'alpha') ?? 1.6732631921768188;
  const gamma = floatOf(call.node, 'gamma') ?? 1.0507010221481323;
  exponential(call, alpha * gamma, 1, gamma);
};

/** relu(x) + log(1 + exp(-|x|)), which does not overflow. */
function softplus(call: LegalizeCall, x: TfTensor): readonly [TfTensor, TfTensor] {
  const decay = call.emit('EXP', [call.emit('NEG', [call.emit('ABS', [x])])]);
  return [call.emit('RELU', [x]), call.emit('LOG', [call.emit('ADD', [decay, call.scalar(1)])])];
}

/** Coefficients of formula 7.1.26 of Abramowitz and Stegun, from the highest power down; its error is below 1.5e-7. */
const ERF_COEFFICIENTS = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
const ERF_STEP = 0.3275911;

const erf: Legalization = (call) => {
  const x = call.input(0);
  const size = call.emit('ABS', [x]);
  const slope = call.emit('ADD', [call.emit('MUL', [size, call.scalar(ERF_STEP)]), call.scalar(1)]);
  const t = call.emit('DIV', [call.scalar(1), slope]);
  let sum = call.emit('MUL', [t, call.scalar(ERF_COEFFICIENTS[0]!)]);
  for (const coefficient of ERF_COEFFICIENTS.slice(1)) {
    sum = call.emit('MUL', [call.emit('ADD', [sum, call.scalar(coefficient)]), t]);
  }
  const decay = call.emit('EXP', [call.emit('NEG', [call.emit('MUL', [x, x])])]);
  const magnitude = call.emit('SUB', [call.scalar(1), call.emit('MUL', [sum, decay])]);
  call.finish('MUL', [call.emit('SIGN', [x]), magnitude]);
};

/** (exp(x) + sign * exp(-x)) / 2 */
function hyperbolic(sign: 'ADD' | 'SUB'): Legalization {
  return (call) => {
    const x = call.input(0);
    const sum = call.emit(sign, [call.emit('EXP', [x]), call.emit('EXP', [call.emit('NEG', [x])])]);
    call.finish('MUL', [sum, call.scalar(0.5)]);
  };
}

/** sqrt(1 - x * x), by (1 - x) * (1 + x), which keeps its digits near 1. */
function complement(call: LegalizeCall, x: TfTensor): TfTensor {
  const one = call.scalar(1);
  return call.emit('SQRT', [call.emit('MUL', [call.emit('SUB', [one, x]), call.emit('ADD', [one, x])])]);
}

/** log(|x| + sqrt(x * x + 1)) with the sign of x. */
const asinh: Legalization = (call) => {
  const x = call.input(0);
  const size = call.emit('ABS', [x]);
  const root = call.emit('SQRT', [call.emit('ADD', [call.emit('MUL', [x, x]), call.scalar(1)])]);
  call.finish('MUL', [call.emit('SIGN', [x]), call.emit('LOG', [call.emit('ADD', [size, root])])]);
};

/** log(x + sqrt((x - 1) * (x + 1))) */
const acosh: Legalization = (call) => {
  const x = call.input(0);
  const one = call.scalar(1);
  const root = call.emit('SQRT', [call.emit('MUL', [call.emit('SUB', [x, one]), call.emit('ADD', [x, one])])]);
  call.finish('LOG', [call.emit('ADD', [x, root])]);
};

/** log((1 + x) / (1 - x)) / 2 */
const atanh: Legalization = (call) => {
  const x = call.input(0);
  const one = call.scalar(1);
  const ratio = call.emit('DIV', [call.emit('ADD', [one, x]), call.emit('SUB', [one, x])]);
  call.finish('MUL', [call.emit('LOG', [ratio]), call.scalar(0.5)]);
};

/** x * sigmoid(alpha * x) */
const swish: Legalization = (call) => {
  const x = call.input(0);
  const alpha = floatOf(call.node, 'alpha') ?? 1;
  const scaled = alpha === 1 ? x : call.emit('MUL', [x, call.scalar(alpha)]);
  call.finish('MUL', [x, call.emit('LOGISTIC', [scaled])]);
};

/** The first operand's Swish times the second. */
const swiGlu: Legalization = (call) => {
  const [x, alpha] = [call.input(0), floatOf(call.node, 'alpha') ?? 1];
  const scaled = alpha === 1 ? x : call.emit('MUL', [x, call.scalar(alpha)]);
  const gate = call.emit('MUL', [x, call.emit('LOGISTIC', [scaled])]);
  call.finish('MUL', [gate, call.broadcast(1)]);
};

const isInf: Legalization = (call) => {
  const [positive, negative] = ['detect_positive', 'detect_negative'].map((name) => intOf(call.node, name) !== 0);
  const x = call.input(0);
  if (!positive && !negative) call.refuse({ code: 'device-operator-form', message: 'IsInf that looks for nothing' });
  const spec = { type: 'float32' } as const;
  const looked = positive && negative ? call.emit('ABS', [x], spec) : x;
  call.finish('EQUAL', [looked, call.scalar(positive ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY, x.type)]);
};

const thresholdedRelu: Legalization = (call) => {
  const x = call.input(0);
  const above = call.emit('GREATER', [x, call.scalar(floatOf(call.node, 'alpha') ?? 1)], { type: 'bool' });
  call.finish('SELECT_V2', [above, x, call.scalar(0)]);
};

const shrink: Legalization = (call) => {
  const [lambda, bias] = [floatOf(call.node, 'lambd') ?? 0.5, floatOf(call.node, 'bias') ?? 0];
  const x = call.input(0);
  const above = call.emit('GREATER', [x, call.scalar(lambda)], { type: 'bool' });
  const below = call.emit('LESS', [x, call.scalar(-lambda)], { type: 'bool' });
  const high = call.emit('SELECT_V2', [above, call.emit('SUB', [x, call.scalar(bias)]), call.scalar(0)]);
  call.finish('SELECT_V2', [below, call.emit('ADD', [x, call.scalar(bias)]), high]);
};

export const ACTIVATIONS: LegalizationTable = {
  Abs: unary('ABS'),
  Neg: unary('NEG'),
  Exp: unary('EXP'),
  Log: unary('LOG'),
  Sqrt: unary('SQRT'),
  Floor: unary('FLOOR'),
  Ceil: unary('CEIL'),
  Round: unary('ROUND'),
  Sin: unary('SIN'),
  Cos: unary('COS'),
  Sign: unary('SIGN'),
  Tanh: unary('TANH'),
  Sigmoid: unary('LOGISTIC'),
  Relu: unary('RELU'),
  HardSwish: unary('HARD_SWISH'),
  Reciprocal: (call) => call.finish('DIV', [call.scalar(1), call.input(0)]),
  Tan: (call) => call.finish('DIV', [call.emit('SIN', [call.input(0)]), call.emit('COS', [call.input(0)])]),
  Atan: (call) =>
    call.finish('ATAN2', [
      call.input(0),
      call.emit('ADD', [call.emit('ABS', [call.emit('MUL', [call.input(0), call.scalar(0)])]), call.scalar(1)]),
    ]),
  Asin: (call) => call.finish('ATAN2', [call.input(0), complement(call, call.input(0))]),
  Acos: (call) => call.finish('ATAN2', [complement(call, call.input(0)), call.input(0)]),
  Asinh: asinh,
  Acosh: acosh,
  Atanh: atanh,
  Swish: swish,
  SwiGLU: swiGlu,
  IsInf: isInf,
  Sinh: hyperbolic('SUB'),
  Cosh: hyperbolic('ADD'),
  Erf: erf,
  Clip: clip,
  LeakyRelu: (call) =>
    call.finish('LEAKY_RELU', [call.input(0)], { alpha: floatOf(call.node, 'alpha') ?? Math.fround(0.01) }),
  Elu: elu,
  Selu: selu,
  Celu: (call) => {
    const alpha = floatOf(call.node, 'alpha') ?? 1;
    exponential(call, alpha, alpha, 1);
  },
  HardSigmoid: hardSigmoid,
  Softplus: (call) => call.finish('ADD', softplus(call, call.input(0))),
  Softsign: (call) => {
    const x = call.input(0);
    call.finish('DIV', [x, call.emit('ADD', [call.emit('ABS', [x]), call.scalar(1)])]);
  },
  Mish: (call) => {
    const x = call.input(0);
    call.finish('MUL', [x, call.emit('TANH', [call.emit('ADD', softplus(call, x))])]);
  },
  Gelu: (call) => call.finish('GELU', [call.input(0)], { approximate: textOf(call.node, 'approximate') === 'tanh' }),
  ThresholdedRelu: thresholdedRelu,
  Shrink: shrink,
  Softmax: softmax('SOFTMAX'),
  LogSoftmax: softmax('LOG_SOFTMAX'),
};

/** Softmax runs over the last axis in memory; another one is moved there and back. */
function softmax(name: 'SOFTMAX' | 'LOG_SOFTMAX'): Legalization {
  return (call) => {
    const rank = call.order.length;
    if (call.opset < 13) return flatSoftmax(call, name);
    const at = call.axis(intOf(call.node, 'axis') ?? -1);
    const options = name === 'SOFTMAX' ? { beta: 1 } : {};
    const x = call.input(0);
    if (at === rank - 1) return call.finish(name, [x], options);
    const swap = Array.from({ length: rank }, (_, k) => (k === at ? rank - 1 : k === rank - 1 ? at : k));
    const shape = swap.map((k) => x.shape[k]!);
    const moved = call.emit('TRANSPOSE', [x, call.integers(swap)], { shape });
    call.finish('TRANSPOSE', [call.emit(name, [moved], { shape, options }), call.integers(swap)]);
  };
}

/** Until opset 12 a Softmax runs over all elements of the axes from the given one on. */
function flatSoftmax(call: LegalizeCall, name: 'SOFTMAX' | 'LOG_SOFTMAX'): void {
  const shape = call.shape(0);
  const given = intOf(call.node, 'axis') ?? 1;
  const axis = given < 0 ? given + shape.length : given;
  if (!call.order.every((place, k) => place === k)) {
    call.refuse({ code: 'device-opset', message: `${call.node.op} before opset 13 in channels-last order` });
  }
  const flat = [shape.slice(0, axis), shape.slice(axis)].map((dims) => dims.reduce((product, dim) => product * dim, 1));
  const x = reshape(call, call.input(0), flat);
  const result = call.emit(name, [x], { shape: flat, options: name === 'SOFTMAX' ? { beta: 1 } : {} });
  call.bind(reshape(call, result, shape));
}
