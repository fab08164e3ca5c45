import { foldTransposeIntoWeights } from '../../passes/fold-transpose-into-weights.ts';
import { goldenCases } from './golden.ts';

goldenCases(foldTransposeIntoWeights, [
  {
    title: 'channels last, flattened for a Gemm',
    input: `g (float[n,2,1,2] x) => (float[n,1] y) <int64[2] flat = {-1, 4}, float[4,1] w = {1, 2, 3, 4}, float[1] b = {5}> {
      t = Transpose <perm = [0, 2, 3, 1]> (x) f = Reshape(t, flat) y = Gemm(f, w, b) }`,
    expected: `g (float[n,2,1,2] x) => (float[n,1] y) <int64[2] flat = {-1, 4}, float[4,1] w = {1, 3, 2, 4}, float[1] b = {5}> {
      f = Reshape(x, flat) y = Gemm(f, w, b) }`,
    counts: { 'transpose-into-weights': 1 },
  },
  {
    title: 'weights that the Gemm transposes, and a MatMul',
    input: `g (float[n,2,3] x, float[n,3,2] z) => (float[n,2] y, float[n,1] u) <float[2,6] w = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, float[6,1] m = {1, 2, 3, 4, 5, 6}> {
      t = Transpose <perm = [0, 2, 1]> (x) f = Flatten(t) y = Gemm <transB = 1> (f, w)
      s = Transpose <perm = [0, 2, 1]> (z) g = Flatten(s) u = MatMul(g, m) }`,
    expected: `g (float[n,2,3] x, float[n,3,2] z) => (float[n,2] y, float[n,1] u) <float[2,6] w = {1, 3, 5, 2, 4, 6, 7, 9, 11, 8, 10, 12}, float[6,1] m = {1, 4, 2, 5, 3, 6}> {
      f = Flatten(x) y = Gemm <transB = 1> (f, w) g = Flatten(z) u = MatMul(g, m) }`,
    counts: { 'transpose-into-weights': 2 },
  },
  {
    title: 'a first axis that moves, sizes that are not known, weights that others read stay',
    input: `g (float[2,n,3] x, float[n,m,2] z, float[n,2,3] r) => (float[n,1] y, float[n,1] u, float[n,1] q, float[6,1] c) <int64[2] flat = {-1, 6}, float[6,1] w = {1, 2, 3, 4, 5, 6}, float[6,1] k = {6, 5, 4, 3, 2, 1}, float[6,1] o = {6, 5, 4, 3, 2, 2}> {
      t = Transpose <perm = [1, 0, 2]> (x) f = Reshape(t, flat) y = MatMul(f, w)
      s = Transpose <perm = [0, 2, 1]> (z) g = Reshape(s, flat) u = MatMul(g, k)
      p = Transpose <perm = [0, 2, 1]> (r) h = Reshape(p, flat) q = MatMul(h, o) c = Relu(o) }`,
    counts: {
      'transpose-into-weights rejected: the Transpose moves the first axis, or others of unknown size': 2,
      'transpose-into-weights rejected: the weights are used elsewhere': 1,
    },
    sizes: { m: 3 },
  },
  {
    title: 'weights that do not fit stay',
    input: `g (float[n,2,3] x, float[n,1099511627776,2] z) => (float[] y, float[] u) <float[2,4] w = {1, 2, 3, 4, 5, 6, 7, 8}, float[2,1] k = {1, 2}> {
      t = Transpose <perm = [0, 2, 1]> (x) f = Flatten(t) y = Gemm <transB = 1> (f, w)
      s = Transpose <perm = [0, 2, 1]> (z) g = Flatten(s) u = MatMul(g, k) }`,
    counts: { 'transpose-into-weights rejected: the weights do not fit what is flattened': 2 },
    notRun: 'no runtime takes it',
  },
]);
