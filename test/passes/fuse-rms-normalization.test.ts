import { fuseRmsNormalization } from '../../passes/fuse-rms-normalization.ts';
import { goldenCases } from './golden.ts';

const constants = 'float two = {2}, float eps = {1e-6}, int64[1] last = {-1}';
const norm = 'RMSNormalization <axis = -1, epsilon = 1e-6>';
const opset = 23;

goldenCases(fuseRmsNormalization, [
  {
    title: 'by a division, with the scale',
    opset,
    input: `g (float[n,3,4] x) => (float[n,3,4] y) <${constants}, float[4] w = {1, 2, 3, 4}> {
      q = Pow (x, two) m = ReduceMean (q, last) e = Add (m, eps) s = Sqrt (e) r = Div (x, s) y = Mul (w, r) }`,
    expected: `g (float[n,3,4] x) => (float[n,3,4] y) <float[4] w = {1, 2, 3, 4}> { y = ${norm} (x, w) }`,
    counts: { 'rms-normalization-by-division': 1, 'scale-into-rms-normalization': 1 },
  },
  {
    title: 'by the reciprocal, and by a power',
    opset,
    input: `g (float[2,4] x) => (float[2,4] y, float[2,4] z) <${constants}, float half = {-0.5}> {
      q = Mul (x, x) m = ReduceMean (q, last) e = Add (m, eps) s = Sqrt (e) i = Reciprocal (s) y = Mul (x, i)
      q2 = Mul (x, x) m2 = ReduceMean (q2, last) e2 = Add (m2, eps) i2 = Pow (e2, half) z = Mul (x, i2) }`,
    expected: `g (float[2,4] x) => (float[2,4] y, float[2,4] z) <float[4] a = {1, 1, 1, 1}, float[4] b = {1, 1, 1, 1}> {
      y = ${norm} (x, a) z = ${norm} (x, b) }`,
    counts: { 'rms-normalization-by-product': 2 },
  },
  {
    title: 'not before opset 23',
    opset: 22,
    input: `g (float[2,4] x) => (float[2,4] y) <${constants}> {
      q = Mul (x, x) m = ReduceMean (q, last) e = Add (m, eps) s = Sqrt (e) y = Div (x, s) }`,
    counts: { 'rms-normalization-by-division rejected: it needs opset 23': 1 },
  },
  {
    title: 'not of another value, nor over the first axis, nor without the axis kept',
    opset,
    input: `g (float[2,4] x, float[2,4] z, float[4,4] k) => (float[2,4] y, float[2,4] u, float[4,4] t) <${constants}, int64[1] first = {0}> {
      q = Mul (z, z) m = ReduceMean (q, last) e = Add (m, eps) s = Sqrt (e) y = Div (x, s)
      q2 = Mul (x, x) m2 = ReduceMean (q2, first) e2 = Add (m2, eps) s2 = Sqrt (e2) u = Div (x, s2)
      q3 = Mul (k, k) m3 = ReduceMean <keepdims = 0> (q3, last) e3 = Add (m3, eps) s3 = Sqrt (e3) t = Div (k, s3) }`,
    counts: {
      'rms-normalization-by-division rejected: the axes are not the last ones': 1,
      'rms-normalization-by-division rejected: the reduction does not keep its axes': 1,
    },
  },
  {
    title: 'not where the epsilon is no small number',
    opset,
    input: `g (float[2,4] x) => (float[2,4] y) <float big = {3}, int64[1] last = {-1}> {
      q = Mul (x, x) m = ReduceMean (q, last) e = Add (m, big) s = Sqrt (e) y = Div (x, s) }`,
    counts: { 'rms-normalization-by-division rejected: the epsilon is not one small number': 1 },
  },
]);
