import { fuseSiblings } from '../../passes/fuse-siblings.ts';
import { goldenCases } from './golden.ts';

const numbers = (count: number, from: number): string =>
  Array.from({ length: count }, (_, i) => ((((i + from) * 7) % 11) - 5) / 4).join(', ');
const Q = numbers(8, 0);
const K = numbers(4, 3);
/** Rows of two matrices [2,4] and [2,2] side by side. */
const QK = [Q.split(', ').slice(0, 4), K.split(', ').slice(0, 2), Q.split(', ').slice(4), K.split(', ').slice(2)]
  .flat()
  .join(', ');

goldenCases(fuseSiblings, [
  {
    title: 'queries and keys with other numbers of heads, scaled alike',
    input: `g (float[b,s,2] x, float[s,1,1] c) => (float[b,s,2,2] y, float[b,s,1,2] z) <float[2,4] wq = {${Q}}, float[2,2] wk = {${K}}, int64[4] hq = {0, 0, 2, 2}, int64[4] hk = {0, 0, 1, 2}> {
      q = MatMul(x, wq) qh = Reshape(q, hq) y = Mul(qh, c) k = MatMul(x, wk) kh = Reshape(k, hk) z = Mul(kh, c) }`,
    expected: `g (float[b,s,2] x, float[s,1,1] c) => (float[b,s,2,2] y, float[b,s,1,2] z) <float[2,6] w = {${QK}}, int64[4] h = {0, 0, 3, 2}, int64[2] sizes = {2, 1}> {
      m = MatMul(x, w) mh = Reshape(m, h) mc = Mul(mh, c) y, z = Split <axis = 2> (mc, sizes) }`,
    counts: { 'nodes saved': 2 },
  },
  {
    title: 'another order of the axes, and a sum of two bundles',
    input: `g (float[b,s,2] x) => (float[b,2,s,2] y, float[b,1,s,2] z) <float[2,4] wq = {${Q}}, float[2,2] wk = {${K}}, int64[4] hq = {0, 0, 2, 2}, int64[4] hk = {0, 0, 1, 2}> {
      k = MatMul(x, wk) q = MatMul(x, wq) qh = Reshape(q, hq) qt = Transpose <perm = [0, 2, 1, 3]> (qh) qr = Relu(qt) y = Add(qr, qt)
      kh = Reshape(k, hk) kt = Transpose <perm = [0, 2, 1, 3]> (kh) kr = Relu(kt) z = Add(kr, kt) }`,
    expected: `g (float[b,s,2] x) => (float[b,2,s,2] y, float[b,1,s,2] z) <float[2,6] w = {${[K.split(', ').slice(0, 2), Q.split(', ').slice(0, 4), K.split(', ').slice(2), Q.split(', ').slice(4)].flat().join(', ')}}, int64[4] h = {0, 0, 3, 2}, int64[2] sizes = {1, 2}> {
      m = MatMul(x, w) mh = Reshape(m, h) mt = Transpose <perm = [0, 2, 1, 3]> (mh) mr = Relu(mt) ma = Add(mr, mt) z, y = Split <axis = 1> (ma, sizes) }`,
    counts: { 'nodes saved': 4 },
  },
  {
    title: 'with biases of their own, as the runtime looks for in attention, they stay',
    input: `g (float[b,s,2] x) => (float[b,s,2,2] y, float[b,s,2,2] z) <float[2,4] wq = {${Q}}, float[2,4] wk = {${numbers(8, 5)}}, float[4] bq = {1, 2, 3, 4}, float[4] bk = {5, 6, 7, 8}, int64[4] h = {0, 0, 2, 2}> {
      q = MatMul(x, wq) qb = Add(q, bq) y = Reshape(qb, h) k = MatMul(x, wk) kb = Add(k, bk) z = Reshape(kb, h) }`,
  },
  {
    title: 'nothing is gained by joining products alone',
    input: `g (float[b,2] x) => (float[b,4] y, float[b,2] z) <float[2,4] wq = {${Q}}, float[2,2] wk = {${K}}> { y = MatMul(x, wq) z = MatMul(x, wk) }`,
  },
  {
    title: 'heads of other sizes, operands that differ along the axis, and shared weights stay',
    input: `g (float[b,s,2] x, float[2,1] c, float[4] d) => (float[b,s,2,2] y, float[b,s,2,1] z, float[b,s,4] u, float[b,s,2] w) <float[2,4] wq = {${Q}}, float[2,2] wk = {${K}}, int64[4] hq = {0, 0, 2, 2}, int64[4] hk = {0, 0, 2, 1}> {
      q = MatMul(x, wq) qh = Reshape(q, hq) y = Mul(qh, c) k = MatMul(x, wk) kh = Reshape(k, hk) z = Mul(kh, c)
      r = Relu(x) u = MatMul(r, wq) w = MatMul(r, wk) }`,
  },
  {
    title: 'heads of a detector: convolutions of one value, transposed alike',
    input: `g (float[N,2,4,3] x) => (float[N,4,3,1] y, float[N,4,3,2] z) <float[1,2,1,1] w = {1, 2}, float[1] b = {1}, float[2,2,1,1] v = {3, 4, 5, 6}, float[2] c = {2, 3}> {
      a = Conv <strides = [1, 1]> (x, w, b) y = Transpose <perm = [0, 2, 3, 1]> (a) d = Conv <strides = [1, 1]> (x, v, c) z = Transpose <perm = [0, 2, 3, 1]> (d) }`,
    expected: `g (float[N,2,4,3] x) => (float[N,4,3,1] y, float[N,4,3,2] z) <float[3,2,1,1] w = {1, 2, 3, 4, 5, 6}, float[3] b = {1, 2, 3}, int64[2] sizes = {1, 2}> {
      a = Conv <strides = [1, 1]> (x, w, b) t = Transpose <perm = [0, 2, 3, 1]> (a) y, z = Split <axis = 3> (t, sizes) }`,
    counts: { 'nodes saved': 1 },
  },
  {
    title:
      'convolutions of other kernels, strides or groups, with a bias in one only, or that an activation follows stay',
    input: `g (float[1,2,4,4] x, float[1,2,4,4] u, float[1,2,4,4] p) => (float[1,4,4,2] y, float[1,2,2,2] z, float[1,2,2,2] q, float[1,4,4,2] r, float[1,4,4,2] s, float[1,2,4,4] o, float[1,2,4,4] m)
        <float[2,2,1,1] w1 = {1, 2, 3, 4}, float[2,2,1,1] w2 = {3, 4, 5, 6}, float[2,2,3,3] w3 = {${numbers(36, 1)}}, float[2,2,1,1] w4 = {1, 2, 2, 1}, float[2] b = {1, 2}, float[2,1,1,1] w5 = {1, 2}, float[2,2,1,1] w6 = {2, 1, 1, 2}, float[2,2,1,1] w7 = {2, 5, 1, 2}> {
      a1 = Conv(x, w1) y = Transpose <perm = [0, 2, 3, 1]> (a1) a2 = Conv <strides = [2, 2]> (x, w2) z = Transpose <perm = [0, 2, 3, 1]> (a2) a3 = Conv(x, w3) q = Transpose <perm = [0, 2, 3, 1]> (a3)
      a4 = Conv(x, w4, b) r = Transpose <perm = [0, 2, 3, 1]> (a4) a5 = Conv <group = 2> (u, w5) s = Transpose <perm = [0, 2, 3, 1]> (a5)
      a6 = Conv(p, w6) o = Relu(a6) a7 = Conv(p, w7) m = Relu(a7) }`,
  },
]);
