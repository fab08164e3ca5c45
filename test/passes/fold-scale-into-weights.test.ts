import { foldScaleIntoWeights } from '../../passes/fold-scale-into-weights.ts';
import { goldenCases } from './golden.ts';

goldenCases(foldScaleIntoWeights, [
  {
    title: 'into a Conv that pads and has groups and a bias',
    input: `g (float[1,2,2,2] x) => (float[1,2,2,2] y) <float[2,1,3,3] w = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9}, float[2] b = {1, 2}, float half = {0.5}> {
      a = Mul(half, x) y = Conv <pads = [1, 1, 1, 1], group = 2> (a, w, b) }`,
    expected: `g (float[1,2,2,2] x) => (float[1,2,2,2] y) <float[2,1,3,3] w = {0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5}, float[2] b = {1, 2}> {
      y = Conv <pads = [1, 1, 1, 1], group = 2> (x, w, b) }`,
    counts: { 'scale-before-weights': 1 },
  },
  {
    title: 'a division, into Gemm, ConvTranspose and MatMul',
    input: `g (float[N,2] x, float[1,1,2,2] u) => (float[N,1] y, float[1,1,2,2] z, float[N,1] v) <float[2,1] w = {2, 6}, float[1] b = {1}, float[1,1,1,1] k = {4}, float[1] two = {2}> {
      a = Div(x, two) y = Gemm <beta = 2.0> (a, w, b) c = Div(u, two) z = ConvTranspose(c, k) d = Div(x, two) v = MatMul(d, w) }`,
    expected: `g (float[N,2] x, float[1,1,2,2] u) => (float[N,1] y, float[1,1,2,2] z, float[N,1] v) <float[2,1] w = {1, 3}, float[1] b = {2}, float[1,1,1,1] k = {2}, float[2,1] o = {1, 3}> {
      y = Gemm(x, w, b) z = ConvTranspose(u, k) v = MatMul(x, o) }`,
  },
  {
    title: 'not different numbers, a divided constant, or a factor that may add dimensions',
    input: `g (float[1,2,2,2] x, float[] u) => (float[1,1,2,2] y, float[1,1,2,2] z, float[] v) <float[1,2,1,1] w = {1, 2}, float[1,2,1,1] m = {1, 2}, float one = {1},
      float[2,1] k = {1, 2}, float[1] n = {2}> { a = Mul(x, m) y = Conv(a, w) b = Div(one, x) z = Conv(b, w) c = Mul(u, n) v = MatMul(c, k) }`,
    counts: {
      'scale-before-weights rejected: the factor is not one number': 1,
      'scale-before-weights rejected: the factor may add dimensions': 1,
    },
  },
  {
    title: 'not where others read the scaled value',
    input: `g (float[N,2] x) => (float[N,1] y, float[N,2] z) <float[2,1] w = {2, 6}, float two = {2}> { a = Mul(x, two) y = MatMul(a, w) z = Relu(a) }`,
    counts: { 'scale-before-weights rejected: the Mul is used elsewhere': 1 },
  },
  {
    title: 'not the half of GELU, which the runtime fuses as a whole; another factor is',
    input: `g (float[N,2] x) => (float[N,1] y, float[N,1] z, float[N,1] u) <float[2,1] w = {2, 6}, float r = {1.41421354}, float one = {1}, float half = {0.5}, float two = {2}, float three = {3}> {
      a = Div(x, r) b = Erf(a) c = Add(b, one) d = Mul(x, c) e = Mul(d, half) y = MatMul(e, w)
      t = Tanh(x) o = Add(one, t) p = Mul(o, x) q = Div(p, two) z = MatMul(q, w)
      s = Mul(o, x) m = Mul(s, three) u = MatMul(m, w) }`,
    expected: `g (float[N,2] x) => (float[N,1] y, float[N,1] z, float[N,1] u) <float[2,1] w = {2, 6}, float r = {1.41421354}, float one = {1}, float half = {0.5}, float two = {2}, float[2,1] v = {6, 18}> {
      a = Div(x, r) b = Erf(a) c = Add(b, one) d = Mul(x, c) e = Mul(d, half) y = MatMul(e, w)
      t = Tanh(x) o = Add(one, t) p = Mul(o, x) q = Div(p, two) z = MatMul(q, w)
      s = Mul(o, x) u = MatMul(s, v) }`,
    counts: {
      'scale-before-weights': 1,
      'scale-before-weights rejected: the factor belongs to GELU that the runtime fuses': 2,
    },
  },
  {
    title: 'before another order of the axes, as in images with their channels last',
    input: `g (float[N,2,2,1] x) => (float[N,1,2,2] y) <float[1,1,3,3] w = {1, 2, 3, 4, 5, 6, 7, 8, 9}, float half = {0.5}> {
      a = Mul(x, half) b = Transpose <perm = [0, 3, 1, 2]> (a) y = Conv <pads = [1, 1, 1, 1]> (b, w) }`,
    expected: `g (float[N,2,2,1] x) => (float[N,1,2,2] y) <float[1,1,3,3] w = {0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5}> {
      b = Transpose <perm = [0, 3, 1, 2]> (x) y = Conv <pads = [1, 1, 1, 1]> (b, w) }`,
    counts: { 'scale-before-transpose-and-weights': 1 },
  },
  {
    title: 'not before another order of the axes where others read it, or with several numbers',
    input: `g (float[N,2,2,1] x) => (float[N,1,2,2] y, float[N,1,2,2] z, float[N,1,2,2] u) <float[1,1,1,1] w = {3}, float half = {0.5}, float[2] both = {1, 2}> {
      a = Mul(x, half) z = Transpose <perm = [0, 3, 1, 2]> (a) y = Conv(z, w)
      b = Mul(x, both) c = Transpose <perm = [0, 3, 1, 2]> (b) u = Conv(c, w) }`,
    counts: {
      'scale-before-transpose-and-weights rejected: the Transpose is a graph output': 1,
      'scale-before-transpose-and-weights rejected: the factor is not one number': 1,
    },
  },
  {
    title: 'not into groups that are none',
    input: `g (float[1,2,2,2] x) => (float[] y, float[] z) <float two = {2}, float[2,1,1,1] w = {1, 3}> {
      a = Mul(x, two) y = Conv <group = -1> (a, w) b = Mul(x, two) z = ConvTranspose <group = -2> (b, w) }`,
    counts: { 'scale-before-weights rejected: the groups do not divide the channels': 2 },
    notRun: 'no runtime takes it',
  },
]);
