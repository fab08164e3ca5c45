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
]);
