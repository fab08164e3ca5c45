import { fuseReduceReshapes } from '../../passes/fuse-reduce-reshapes.ts';
import { goldenCases } from './golden.ts';

goldenCases(fuseReduceReshapes, [
  {
    title: 'a global average and a Flatten',
    input: `g (float[n,3,4,5] x) => (float[n,3] y) { a = GlobalAveragePool(x) y = Flatten(a) }`,
    expected: `g (float[n,3,4,5] x) => (float[n,3] y) { y = ReduceMean <axes = [2, 3], keepdims = 0> (x) }`,
    counts: { 'reduce-then-drop-axes': 1 },
  },
  {
    title: 'a pool over all of each channel and a Reshape, with axes as an operand',
    opset: 18,
    input: `g (float[n,3,4,5] x) => (float[n,3] y) <int64[2] shape = {-1, 3}> { a = AveragePool <kernel_shape = [4, 5], strides = [4, 5]> (x) y = Reshape(a, shape) }`,
    expected: `g (float[n,3,4,5] x) => (float[n,3] y) <int64[2] axes = {2, 3}> { y = ReduceMean <keepdims = 0> (x, axes) }`,
    counts: { 'reduce-then-drop-axes': 1 },
  },
  {
    title: 'a reduction and a Squeeze, and the place of a maximum',
    input: `g (float[2,3,4] x) => (float[2,4] y, int64[2,3] z) <int64[1] one = {1}, int64[1] two = {2}> {
      a = ReduceSum(x, one) y = Squeeze(a, one) b = ArgMax <axis = -1> (x) z = Squeeze(b, two) }`,
    expected: `g (float[2,3,4] x) => (float[2,4] y, int64[2,3] z) <int64[1] one = {1}> {
      y = ReduceSum <keepdims = 0> (x, one) z = ArgMax <axis = -1, keepdims = 0> (x) }`,
    counts: { 'reduce-then-drop-axes': 2 },
  },
  {
    title: 'other axes, a pool of parts, padding, and quantized operands stay',
    input: `g (float[2,3,4,4] x, uint8[1,3,2,2] q) => (float[6] y, float[2,12] z, float[2,3,1] v, float[1,3] w)
        <int64[1] all = {-1}, int64[1] three = {3}, float s = {0.5}, uint8 zero = {0}> {
      a = GlobalAveragePool(x) y = Reshape(a, all)
      b = AveragePool <kernel_shape = [2, 2], strides = [2, 2]> (x) z = Flatten(b)
      c = AveragePool <kernel_shape = [4, 4], pads = [1, 1, 1, 1], strides = [4, 4]> (x) v = Squeeze(c, three)
      d = DequantizeLinear(q, s, zero) e = GlobalAveragePool(d) w = Flatten(e) }`,
    counts: {
      'reduce-then-drop-axes rejected: other axes are dropped than were reduced': 1,
      'reduce-then-drop-axes rejected: the pool does not take everything at once': 2,
      'reduce-then-drop-axes rejected: the operand is quantized': 1,
    },
    notRun: 'the third pool gives more than one number',
  },
  {
    title: 'a global average, a Conv of single pixels and a Flatten',
    input: `g (float[n,2,4,5] x) => (float[n,3] y) <float[3,2,1,1] w = {1, 2, 3, 4, 5, 6}, float[3] b = {1, 2, 3}> { a = GlobalAveragePool(x) c = Conv(a, w, b) y = Flatten(c) }`,
    expected: `g (float[n,2,4,5] x) => (float[n,3] y) <float[3,2] w = {1, 2, 3, 4, 5, 6}, float[3] b = {1, 2, 3}> {
      a = ReduceMean <axes = [2, 3], keepdims = 0> (x) y = Gemm <transB = 1> (a, w, b) }`,
    counts: { 'reduce-then-conv-then-drop-axes': 1 },
  },
  {
    title: 'a Conv of groups, that pads, or over several pixels stays, and one without a bias before opset 11',
    opset: 10,
    input: `g (float[1,2,4,4] x) => (float[1,2] y, float[1,3] z, float[1,27] v) <float[2,1,1,1] k = {1, 2}, float[2] t = {0, 1}, float[3,2,1,1] w = {1, 2, 3, 4, 5, 6}, float[3] b = {1, 2, 3}> {
      a = GlobalAveragePool(x) c = Conv <group = 2> (a, k, t) y = Flatten(c)
      d = GlobalAveragePool(x) e = Conv(d, w) z = Flatten(e)
      f = GlobalAveragePool(x) h = Conv <pads = [1, 1, 1, 1]> (f, w, b) v = Flatten(h) }`,
    counts: {
      'reduce-then-conv-then-drop-axes rejected: the Conv is not one of single pixels and all channels': 2,
      'reduce-then-conv-then-drop-axes rejected: a Gemm without a bias needs opset 11': 1,
    },
  },
]);
