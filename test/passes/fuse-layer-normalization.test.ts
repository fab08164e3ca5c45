import { fuseLayerNormalization } from '../../passes/fuse-layer-normalization.ts';
import { goldenCases } from './golden.ts';

const constants = 'float two = {2}, float eps = {1e-5}, float half = {-0.5}';
const centered = 'm = ReduceMean <axes = [-1]> (x) d = Sub (x, m)';
const deviation = 'v = ReduceMean <axes = [-1]> (q) e = Add (v, eps) s = Sqrt (e)';
const ones = 'float[4] ones = {1, 1, 1, 1}';
const norm = 'LayerNormalization <axis = -1, epsilon = 1e-5>';

goldenCases(fuseLayerNormalization, [
  {
    title: 'as PyTorch writes it, with scale and bias',
    input: `g (float[n,3,4] x) => (float[n,3,4] y) <${constants}, float[4] w = {1, 2, 3, 4}, float[4] b = {4, 3, 2, 1}> {
      ${centered} q = Pow (d, two) ${deviation} r = Div (d, s) k = Mul (r, w) y = Add (k, b) }`,
    expected: `g (float[n,3,4] x) => (float[n,3,4] y) <float[4] w = {1, 2, 3, 4}, float[4] b = {4, 3, 2, 1}> {
      y = ${norm} (x, w, b) }`,
    counts: {
      'layer-normalization-by-division': 1,
      'scale-into-layer-normalization': 1,
      'bias-into-layer-normalization': 1,
    },
  },
  {
    title: 'squared by a product, times the reciprocal, axes from the front',
    input: `g (float[2,3,4] x) => (float[2,3,4] y) <${constants}> {
      m = ReduceMean <axes = [2]> (x) d = Sub (x, m) q = Mul (d, d)
      v = ReduceMean <axes = [-1]> (q) e = Add (eps, v) s = Sqrt (e) i = Reciprocal (s) y = Mul (i, d) }`,
    expected: `g (float[2,3,4] x) => (float[2,3,4] y) <${ones}> { y = ${norm} (x, ones) }`,
    counts: { 'layer-normalization-by-product': 1 },
  },
  {
    title: 'by a power, in opset 18, whose axes are an operand',
    opset: 18,
    input: `g (float[2,3,4] x) => (float[2,3,4] y) <${constants}, int64[1] last = {-1}> {
      m = ReduceMean (x, last) d = Sub (x, m) q = Pow (d, two)
      v = ReduceMean (q, last) e = Add (v, eps) i = Pow (e, half) y = Mul (d, i) }`,
    expected: `g (float[2,3,4] x) => (float[2,3,4] y) <${ones}> { y = ${norm} (x, ones) }`,
    counts: { 'layer-normalization-by-product': 1 },
  },
  {
    title: 'as TensorFlow writes it, with the shift made of the mean',
    input: `g (float[2,3,4] x) => (float[2,3,4] y) <${constants}, float[4] w = {1, 2, 3, 4}, float[4] b = {4, 3, 2, 1}> {
      ${centered} q = Mul (d, d) ${deviation} i = Reciprocal (s) f = Mul (i, w)
      p = Mul (x, f) t = Mul (m, f) u = Sub (b, t) y = Add (p, u) }`,
    expected: `g (float[2,3,4] x) => (float[2,3,4] y) <float[4] w = {1, 2, 3, 4}, float[4] b = {4, 3, 2, 1}> {
      y = ${norm} (x, w, b) }`,
    counts: { 'layer-normalization-by-shift': 1 },
  },
  {
    title: 'over two axes',
    input: `g (float[2,2,2] x) => (float[2,2,2] y) <${constants}> {
      m = ReduceMean <axes = [-1, 1]> (x) d = Sub (x, m) q = Pow (d, two)
      v = ReduceMean <axes = [1, 2]> (q) e = Add (v, eps) s = Sqrt (e) y = Div (d, s) }`,
    expected: `g (float[2,2,2] x) => (float[2,2,2] y) <float[2,2] ones = {1, 1, 1, 1}> {
      y = LayerNormalization <axis = -2, epsilon = 1e-5> (x, ones) }`,
  },
  {
    title: 'a scale of one number, a bias before the scale, a constant with leading ones',
    input: `g (float[2,3,4] x) => (float[2,3,4] y) <${ones}, float three = {3}, float[1,1,4] b = {4, 3, 2, 1}> {
      n = ${norm} (x, ones) p = Add (n, b) y = Mul (three, p) }`,
    expected: `g (float[2,3,4] x) => (float[2,3,4] y) <float[4] w = {3, 3, 3, 3}, float[4] b = {12, 9, 6, 3}> {
      y = ${norm} (x, w, b) }`,
  },
  {
    title: 'not before opset 17',
    opset: 16,
    input: `g (float[2,3,4] x) => (float[2,3,4] y) <${constants}> { ${centered} q = Pow (d, two) ${deviation} y = Div (d, s) }`,
    counts: { 'layer-normalization-by-division rejected: it needs opset 17': 1 },
  },
  {
    title: 'not over the channels, which are not last',
    input: `g (float[2,3,4] x) => (float[2,3,4] y) <${constants}> {
      m = ReduceMean <axes = [1]> (x) d = Sub (x, m) q = Pow (d, two)
      v = ReduceMean <axes = [1]> (q) e = Add (v, eps) s = Sqrt (e) y = Div (d, s) }`,
    counts: { 'layer-normalization-by-division rejected: the axes are not the last ones': 1 },
  },
  {
    title: 'not where mean and variance run over different axes',
    input: `g (float[2,3,4] x) => (float[2,3,4] y) <${constants}> {
      ${centered} q = Pow (d, two) v = ReduceMean <axes = [1, 2]> (q) e = Add (v, eps) s = Sqrt (e) y = Div (d, s) }`,
    counts: { 'layer-normalization-by-division rejected: the reductions run over different axes': 1 },
  },
  {
    title: 'not where the square is a cube, or the deviation is of something else',
    input: `g (float[2,3,4] x, float[2,3,4] z) => (float[2,3,4] y, float[2,3,4] u) <${constants}, float three = {3}> {
      ${centered} q = Pow (d, three) ${deviation} y = Div (d, s)
      o = Sub (z, m) q2 = Pow (o, two) v2 = ReduceMean <axes = [-1]> (q2) e2 = Add (v2, eps) s2 = Sqrt (e2) u = Div (d, s2) }`,
    counts: {},
  },
  {
    title: 'not where the mean is read besides, the epsilon is a whole vector or sizes are open',
    input: `g (float[2,3,4] x, float[2,k] z) => (float[2,3,4] y, float[2,3,1] m, float[2,k] u) <${constants}> {
      ${centered} q = Pow (d, two) ${deviation} y = Div (d, s)
      mz = ReduceMean <axes = [-1]> (z) dz = Sub (z, mz) qz = Pow (dz, two)
      vz = ReduceMean <axes = [-1]> (qz) ez = Add (vz, eps) sz = Sqrt (ez) u = Div (dz, sz) }`,
    counts: {
      'layer-normalization-by-division rejected: the ReduceMean is a graph output': 1,
      'layer-normalization-by-division rejected: the normalized sizes are not known': 1,
    },
  },
  {
    title: 'not a scale along another axis, nor one that adds axes',
    input: `g (float[2,3,4] x) => (float[2,3,4] y, float[1,2,3,4] z) <${ones}, float[3,1] w = {1, 2, 3}, float[1,1,1,4] b = {4, 3, 2, 1}> {
      n = ${norm} (x, ones) y = Mul (n, w) o = ${norm} (x, ones) z = Add (o, b) }`,
    counts: {
      'scale-into-layer-normalization rejected: the constant does not lie along the normalized axes': 1,
      'bias-into-layer-normalization rejected: the constant adds axes': 1,
    },
  },
]);
