import { fuseReciprocals } from '../../passes/fuse-reciprocals.ts';
import { goldenCases } from './golden.ts';

goldenCases(fuseReciprocals, [
  {
    title: 'a factor 1/d, written either way round',
    input: `g (float[N,4] x, float[N,1] v) => (float[N,4] y, float[N,4] z) <float one = {1}, float[1] eps = {0.5}> {
      q = Mul(v, v) e = Add(q, eps) d = Sqrt(e) i = Div(one, d) y = Mul(x, i) r = Reciprocal(d) z = Mul(r, x) }`,
    expected: `g (float[N,4] x, float[N,1] v) => (float[N,4] y, float[N,4] z) <float[1] eps = {0.5}> {
      q = Mul(v, v) e = Add(q, eps) d = Sqrt(e) y = Div(x, d) z = Div(x, d) }`,
    counts: { 'mul-reciprocal-to-div': 2 },
  },
  {
    title: 'not another numerator, a reciprocal that is read elsewhere, or a constant factor',
    input: `g (float[4] x) => (float[4] y, float[4] z, float[4] w, float[4] u) <float two = {2}, float[1] one = {1}, float[4] c = {1, 2, 3, 4}> {
      e = Exp(x) i = Div(two, e) y = Mul(x, i) j = Div(one, e) z = Mul(x, j) w = Relu(j) k = Reciprocal(e) u = Mul(c, k) }`,
    counts: {
      'mul-reciprocal-to-div rejected: the Div is used elsewhere': 1,
      'mul-reciprocal-to-div rejected: the other factor is constant': 1,
    },
  },
  {
    title: 'not a 1 that adds axes',
    input: `g (float[4] x) => (float[1,1,4] y) <float[1,1,1] one = {1}> { e = Exp(x) i = Div(one, e) y = Mul(x, i) }`,
    counts: { 'mul-reciprocal-to-div rejected: the 1 may add axes': 1 },
  },
]);
