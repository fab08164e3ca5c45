import { canonicalizeHardSwish } from '../../passes/canonicalize-hard-swish.ts';
import { goldenCases } from './golden.ts';

const constants = 'float three = {3}, float zero = {0}, float six = {6}, float sixth = {0.16666667}';
const sigmoid = 'HardSigmoid <alpha = 0.16666667, beta = 0.5>';

goldenCases(canonicalizeHardSwish, [
  {
    title: 'the operator',
    input: `g (float[8] x) => (float[8] y) { y = HardSwish(x) }`,
    expected: `g (float[8] x) => (float[8] y) { s = ${sigmoid} (x) y = Mul(x, s) }`,
    counts: { 'hard-swish-to-hard-sigmoid': 1 },
  },
  {
    title: 'written out with the division last or first, or as a product',
    input: `g (float[8] x) => (float[8] y, float[8] z, float[8] u) <${constants}> {
      a = Add(x, three) b = Clip(a, zero, six) c = Mul(b, x) y = Div(c, six)
      d = Add(three, x) e = Clip(d, zero, six) f = Div(e, six) z = Mul(x, f)
      h = Add(x, three) i = Clip(h, zero, six) j = Mul(sixth, i) u = Mul(j, x) }`,
    expected: `g (float[8] x) => (float[8] y, float[8] z, float[8] u) {
      p = ${sigmoid} (x) y = Mul(x, p) q = ${sigmoid} (x) z = Mul(x, q) r = ${sigmoid} (x) u = Mul(r, x) }`,
    counts: { 'divided-product-to-hard-sigmoid': 1, 'divided-cut-to-hard-sigmoid': 2 },
  },
  {
    title: 'in opset 10, whose Clip has attributes',
    opset: 10,
    input: `g (float[8] x) => (float[8] y) <${constants}> { a = Add(x, three) b = Clip <min = 0.0, max = 6.0> (a) y = Div(b, six) }`,
    expected: `g (float[8] x) => (float[8] y) { y = ${sigmoid} (x) }`,
  },
  {
    title: 'not with other constants, the constant divided, or bounds that are not known',
    input: `g (float[8] x, float low) => (float[8] y, float[8] z, float[8] u) <${constants}> {
      a = Add(x, three) b = Clip(a, zero, six) y = Div(b, three)
      c = Add(x, three) d = Clip(c, zero, six) z = Div(six, d)
      e = Add(x, three) f = Clip(e, low, six) u = Div(f, six) }`,
    counts: {
      'divided-cut-to-hard-sigmoid rejected: the constants are not those of HardSigmoid': 1,
      'divided-cut-to-hard-sigmoid rejected: the bounds are not constant': 1,
    },
  },
  {
    title: 'not in float64, which HardSigmoid has no kernels for',
    input: `g (double[8] x) => (double[8] y) { y = HardSwish(x) }`,
    counts: {
      'hard-swish-to-hard-sigmoid rejected: the element type is not proven to be one that HardSigmoid is for': 1,
    },
  },
]);
