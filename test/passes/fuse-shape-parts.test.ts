import { fuseShapeParts } from '../../passes/fuse-shape-parts.ts';
import { goldenCases } from './golden.ts';

goldenCases(fuseShapeParts, [
  {
    title: 'a list, one dimension, and a range of the shape',
    input: `g (float[N,M,3] x, float[N,M] u, float[M,N] w) => (int64[2] a, int64[1] b, int64[1] c, int64[1] d, int64[2] e)
      <int64[2] last = {-2, -1}, int64[1] one = {1}, int64 i = {0}, int64[1] zero = {0}, int64[1] two = {2}> {
      s = Shape(x) a = Gather(s, last) b = Gather(s, one) t = Shape(u) k = Gather(t, i) c = Unsqueeze(k, zero) r = Shape(w) d = Slice(r, one, two) e = Slice(r, zero, two) }`,
    expected: `g (float[N,M,3] x, float[N,M] u, float[M,N] w) => (int64[2] a, int64[1] b, int64[1] c, int64[1] d, int64[2] e) <int64[1] zero = {0}> {
      a = Shape<start = -2>(x) b = Shape<start = 1, end = 2>(x) c = Shape<start = 0, end = 1>(u) d = Shape<start = 1, end = 2>(w) e = Shape<start = 0, end = 2>(w) }`,
    counts: { 'gather-of-shape': 2, 'dimension-of-shape': 1, 'slice-of-shape': 2 },
    sizes: { N: 2, M: 3 },
  },
  {
    title: 'not other orders, dimensions that are not there, shapes that are needed whole, or scalars',
    input: `g (float[N,M,3] x, float[] u, float[N,3] w) => (int64[2] a, int64[1] b, int64[2] c, int64[1] d, int64 e)
      <int64[2] turned = {1, 0}, int64[1] one = {1}, int64 i = {0}> {
      s = Shape(x) a = Gather(s, turned) t = Shape(u) b = Gather(t, one) c = Shape(w) d = Gather(c, one) q = Shape(x) e = Gather(q, i) }`,
  },
  {
    title: 'not before opset 15',
    opset: 14,
    input: `g (float[N,3] x) => (int64[1] a) <int64[1] zero = {0}> { s = Shape(x) a = Gather(s, zero) }`,
    counts: { 'gather-of-shape rejected: Shape before opset 15 gives all dimensions': 1 },
  },
]);
