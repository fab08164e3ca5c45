import { fuseActivations } from '../../passes/fuse-activations.ts';
import { goldenCases } from './golden.ts';

const constants = 'float three = {3}, float zero = {0}, float six = {6}';
const sigmoid = 'HardSigmoid <alpha = 0.16666667, beta = 0.5>';

goldenCases(fuseActivations, [
  {
    title: 'HardSwish, written out and with HardSigmoid',
    input: `g (float[8] x, float[8] z) => (float[8] y, float[8] u) <${constants}> {
      a = Add (x, three) b = Clip (a, zero, six) c = Mul (b, x) y = Div (c, six)
      h = ${sigmoid} (z) u = Mul (h, z) }`,
    expected: `g (float[8] x, float[8] z) => (float[8] y, float[8] u) { y = HardSwish (x) u = HardSwish (z) }`,
    counts: { 'divided-product-to-hard-sigmoid': 1, 'hard-sigmoid-product-to-hard-swish': 2 },
  },
  {
    title: 'HardSigmoid alone, and no HardSwish before opset 14',
    opset: 13,
    input: `g (float[8] x) => (float[8] y) <${constants}> { a = Add (x, three) b = Clip (a, zero, six) c = Div (b, six) y = Mul (x, c) }`,
    expected: `g (float[8] x) => (float[8] y) { h = ${sigmoid} (x) y = Mul (x, h) }`,
    counts: {
      'divided-cut-to-hard-sigmoid': 1,
      'hard-sigmoid-product-to-hard-swish rejected: it needs opset 14': 1,
    },
  },
  {
    title: 'Mish',
    opset: 18,
    input: `g (float[8] x) => (float[8] y) { s = Softplus (x) t = Tanh (s) y = Mul (t, x) }`,
    expected: `g (float[8] x) => (float[8] y) { y = Mish (x) }`,
    counts: { mish: 1 },
  },
  {
    title: 'LeakyRelu',
    input: `g (float[8] x) => (float[8] y) <float slope = {0.25}> { s = Mul (slope, x) y = Max (s, x) }`,
    expected: `g (float[8] x) => (float[8] y) { y = LeakyRelu <alpha = 0.25> (x) }`,
    counts: { 'max-with-slope-to-leaky-relu': 1 },
  },
  {
    title: 'not with another slope, of another value, or where a constant adds an axis',
    opset: 18,
    input: `g (float[8] x, float[8] z) => (float[8] y, float[8] u, float[8] t, float[8] w, float[1,8] r)
      <float steep = {1.5}, float[1,1] wide = {0.25}> {
      h = HardSigmoid (x) y = Mul (x, h)
      s = Softplus (z) p = Tanh (s) u = Mul (x, p)
      a = Mul (x, steep) t = Max (x, a)
      b = ${sigmoid} (z) w = Mul (b, x)
      c = Mul (x, wide) r = Max (x, c) }`,
    counts: {
      'hard-sigmoid-product-to-hard-swish rejected: the HardSigmoid is not that of HardSwish': 1,
      'max-with-slope-to-leaky-relu rejected: the slope is not one number from 0 to 1': 1,
      'max-with-slope-to-leaky-relu rejected: the constant may widen the result': 1,
    },
  },
]);
