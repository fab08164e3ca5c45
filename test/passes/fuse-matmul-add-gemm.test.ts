import { fuseMatmulAddGemm } from '../../passes/fuse-matmul-add-gemm.ts';
import { goldenCases } from './golden.ts';

const weights = 'float[3,2] w = {1, 2, 3, 4, 5, 6}';

goldenCases(fuseMatmulAddGemm, [
  {
    title: 'with a bias of one number per column, in either order',
    input: `g (float[N,3] x) => (float[N,2] y, float[N,2] z) <${weights}, float[2] b = {1, 2}, float[1,1] c = {3}> {
      a = MatMul(x, w) y = Add(a, b) d = MatMul(x, w) z = Add(c, d) }`,
    expected: `g (float[N,3] x) => (float[N,2] y, float[N,2] z) <${weights}, float[2] b = {1, 2}, float[1,1] c = {3}> {
      y = Gemm(x, w, b) z = Gemm(x, w, c) }`,
    counts: { 'matmul-add-to-gemm': 2 },
  },
  {
    title: 'a constant on the left stays on the left',
    input: `g (float[3,N] x) => (float[2,N] y) <float[2,3] w = {1, 2, 3, 4, 5, 6}, float[2,1] b = {1, 2}> { a = MatMul(w, x) y = Add(a, b) }`,
    expected: `g (float[3,N] x) => (float[2,N] y) <float[2,3] w = {1, 2, 3, 4, 5, 6}, float[2,1] b = {1, 2}> { y = Gemm(w, x, b) }`,
  },
  {
    title: 'not with more than two dimensions, or an unknown number of them',
    input: `g (float[2,4,3] x, float[] u) => (float[2,4,2] y, float[] z) <${weights}, float[2] b = {1, 2}> {
      a = MatMul(x, w) y = Add(a, b) c = MatMul(u, w) z = Add(c, b) }`,
    counts: { 'matmul-add-to-gemm rejected: the operands are not proven to be matrices': 2 },
  },
  {
    title: 'not where the constant widens the product, or might',
    input: `g (float[1,3] x, float[N,3] u) => (float[4,2] y, float[N,2] z, float[1,1,2] v) <${weights}, float[4,1] b = {1, 2, 3, 4}, float[1,1,2] c = {1, 2}> {
      a = MatMul(x, w) y = Add(a, b) d = MatMul(u, w) z = Add(d, b) e = MatMul(x, w) v = Add(e, c) }`,
    sizes: { N: 4 },
    counts: { 'matmul-add-to-gemm rejected: what is added is not proven to broadcast to the product': 3 },
  },
  {
    title: 'not with a bias that may be given, nor with integers, which Gemm has no kernels for',
    input: `g (float[N,3] x, float[2] b = {1, 2}, int32[N,3] i) => (float[N,2] y, int32[N,2] z) <${weights}, int32[3,2] v = {1, 2, 3, 4, 5, 6}, int32[2] c = {1, 2}> {
      a = MatMul(x, w) y = Add(a, b) d = MatMul(i, v) z = Add(d, c) }`,
    counts: {
      'matmul-add-to-gemm rejected: the element type is not one that Gemm is for': 1,
      'matmul-add-to-gemm rejected: what is added is neither constant nor a vector that is computed': 1,
    },
  },
  {
    title: 'not where others read the product',
    input: `g (float[N,3] x) => (float[N,2] y, float[N,2] z) <${weights}, float[2] b = {1, 2}> { a = MatMul(x, w) y = Add(a, b) z = Relu(a) }`,
    counts: { 'matmul-add-to-gemm rejected: the MatMul is used elsewhere': 1 },
  },
]);
