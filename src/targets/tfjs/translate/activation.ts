import type { NodeRef } from '../graph-builder.ts';
import type { TranslateCall, Translation, TranslationTable } from './translation.ts';

function unary(op: string): Translation {
  return (call) => call.node(op, [call.input(0)]);
}

/** Values cut to a range. The kernel computes with float32 only, as the operators that become it do. */
function clipped(call: TranslateCall, x: NodeRef, min: number, max: number): NodeRef {
  return call.node('ClipByValue', [x, call.scalar(min), call.scalar(max)]);
}

/** The activations of TensorFlow Lite's `ActivationFunctionType` by number: as a part of another node, or after it. */
const FUSED: Readonly<
  Record<number, { readonly name?: string; readonly after: (c: TranslateCall, x: NodeRef) => NodeRef }>
> = {
  1: { name: 'Relu', after: (call, x) => call.node('Relu', [x]) },
  2: { after: (call, x) => clipped(call, x, -1, 1) },
  3: { name: 'Relu6', after: (call, x) => call.node('Relu6', [x]) },
};

/** The activation that is part of an operator, as nodes of its own. */
export function activated(call: TranslateCall, x: NodeRef): NodeRef {
  return FUSED[call.option('fused_activation_function')]?.after(call, x) ?? x;
}

/** What a fused node is told to do after its products, and what is left to be done after it. */
export function fusedOps(call: TranslateCall, bias: boolean) {
  const fused = FUSED[call.option('fused_activation_function')];
  const ops = [...(bias ? ['BiasAdd'] : []), ...(fused?.name === undefined ? [] : [fused.name])];
  const after = (x: NodeRef): NodeRef => (fused === undefined || fused.name !== undefined ? x : fused.after(call, x));
  // The fused nodes take an activation only as the second of their operations.
  const fits = bias || ops.length === 0;
  return fits ? { ops, after } : { ops: [], after: (x: NodeRef): NodeRef => activated(call, x) };
}

/** x * relu6(x + 3) / 6 */
const hardSwish: Translation = (call) => {
  const x = call.input(0);
  const gate = call.node('Relu6', [call.node('AddV2', [x, call.scalar(3)])]);
  return call.node('Mul', [call.node('Mul', [x, gate]), call.scalar(1 / 6)]);
};

const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

/** x * (1 + erf(x / sqrt 2)) / 2, or its approximation by tanh. */
const gelu: Translation = (call) => {
  const x = call.input(0);
  const half = call.node('Mul', [x, call.scalar(0.5)]);
  const bell = call.operator.options.approximate
    ? call.node('Tanh', [call.node('Mul', [cubic(call, x), call.scalar(SQRT_2_OVER_PI)])])
    : call.node('Erf', [call.node('Mul', [x, call.scalar(Math.SQRT1_2)])]);
  return call.node('Mul', [half, call.node('AddV2', [bell, call.scalar(1)])]);
};

/** x + 0.044715 x^3 */
function cubic(call: TranslateCall, x: NodeRef): NodeRef {
  const square = call.node('Mul', [x, x]);
  const slope = call.node('AddV2', [call.node('Mul', [square, call.scalar(0.044715)]), call.scalar(1)]);
  return call.node('Mul', [x, slope]);
}

/** The last axis of what is normalized. */
function last(call: TranslateCall): NodeRef {
  return call.integers([call.tensor(0).shape.length - 1]);
}

/** x - max - log(sum(exp(x - max))): the wasm backend has no kernel of this operator. */
const logSoftmax: Translation = (call) => {
  const keep = { keep_dims: { b: true } };
  const shifted = call.node('Sub', [call.input(0), call.node('Max', [call.input(0), last(call)], keep)]);
  const sum = call.node('Sum', [call.node('Exp', [shifted]), last(call)], keep);
  return call.node('Sub', [shifted, call.node('Log', [sum])]);
};

const softmax: Translation = (call) => {
  const beta = call.option('beta');
  const x = beta === 1 ? call.input(0) : call.node('Mul', [call.input(0), call.scalar(beta)]);
  return call.node('Softmax', [x]);
};

export const ACTIVATIONS: TranslationTable = {
  ABS: unary('Abs'),
  NEG: unary('Neg'),
  EXP: unary('Exp'),
  LOG: unary('Log'),
  SQRT: unary('Sqrt'),
  RSQRT: unary('Rsqrt'),
  FLOOR: unary('Floor'),
  CEIL: unary('Ceil'),
  ROUND: unary('Round'),
  SIN: unary('Sin'),
  COS: unary('Cos'),
  SIGN: unary('Sign'),
  TANH: unary('Tanh'),
  LOGISTIC: unary('Sigmoid'),
  RELU: unary('Relu'),
  RELU6: unary('Relu6'),
  RELU_N1_TO_1: (call) => clipped(call, call.input(0), -1, 1),
  RELU_0_TO_1: (call) => clipped(call, call.input(0), 0, 1),
  ELU: unary('Elu'),
  LEAKY_RELU: (call) => call.node('LeakyRelu', [call.input(0)], { alpha: { f: call.option('alpha') } }),
  HARD_SWISH: hardSwish,
  GELU: gelu,
  PRELU: (call) => call.node('Prelu', [call.input(0), call.input(1)]),
  SOFTMAX: softmax,
  LOG_SOFTMAX: logSoftmax,
};
