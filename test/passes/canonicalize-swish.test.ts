import { canonicalizeSwish } from '../../passes/canonicalize-swish.ts';
import { goldenCases } from './golden.ts';

goldenCases(canonicalizeSwish, [
  {
    title: 'Swish of opset 24, with and without alpha',
    opset: 24,
    input: `g (float[8] x) => (float[8] y, float[8] z) { y = Swish(x) z = Swish <alpha = 2.0> (x) }`,
    expected: `g (float[8] x) => (float[8] y, float[8] z) <float two = {2}> { a = Sigmoid(x) y = Mul(x, a) b = Mul(x, two) c = Sigmoid(b) z = Mul(x, c) }`,
    counts: { 'swish-to-sigmoid': 2 },
  },
  {
    title: 'written out: 1 / (1 + exp(-x)) and x / (1 + exp(-x))',
    input: `g (float[8] x) => (float[8] y, float[8] z) <float one = {1}> {
      a = Neg(x) b = Exp(a) c = Add(one, b) y = Div(one, c) d = Neg(x) e = Exp(d) f = Add(e, one) z = Div(x, f) }`,
    expected: `g (float[8] x) => (float[8] y, float[8] z) { y = Sigmoid(x) a = Sigmoid(x) z = Mul(x, a) }`,
    counts: { 'written-out-sigmoid': 2 },
  },
  {
    title: 'not with other numbers or another numerator',
    input: `g (float[8] x, float[8] u) => (float[8] y, float[8] z) <float one = {1}, float two = {2}> {
      a = Neg(x) b = Exp(a) c = Add(b, two) y = Div(one, c) d = Neg(x) e = Exp(d) f = Add(e, one) z = Div(u, f) }`,
    counts: {
      'written-out-sigmoid rejected: the added constant is not 1': 1,
      'written-out-sigmoid rejected: the numerator is neither 1 nor the operand of the exponential': 1,
    },
  },
]);
