import { fusePadConv } from '../../passes/fuse-pad-conv.ts';
import { goldenCases } from './golden.ts';

const image = 'g (float[1,1,4,4] x) => (float[1,1,A,B] y)';
const weights = 'float[1,1,3,3] w = {1, 2, 3, 4, 5, 6, 7, 8, 9}';

goldenCases(fusePadConv, [
  {
    title: 'into a Conv, added to its own padding',
    input: `${image} <${weights}, int64[8] p = {0, 0, 1, 0, 0, 0, 2, 1}> { a = Pad(x, p) y = Conv <pads = [1, 1, 0, 0], strides = [2, 2]> (a, w) }`,
    expected: `${image} <${weights}> { y = Conv <pads = [2, 1, 2, 1], strides = [2, 2]> (x, w) }`,
    counts: { 'pad-into-conv': 1 },
  },
  {
    title: 'into a Conv with auto_pad VALID, with a bias, from opset 10',
    opset: 10,
    input: `${image} <${weights}, float[1] b = {1}> { a = Pad <pads = [0, 0, 1, 1, 0, 0, 1, 1]> (x) y = Conv <auto_pad = "VALID"> (a, w, b) }`,
    expected: `${image} <${weights}, float[1] b = {1}> { y = Conv <pads = [1, 1, 1, 1]> (x, w, b) }`,
  },
  {
    title: 'with axes, of opset 18',
    opset: 18,
    input: `${image} <${weights}, int64[2] p = {1, 2}, float zero = {0}, int64[1] axes = {-1}> { a = Pad(x, p, zero, axes) y = Conv(a, w) }`,
    expected: `${image} <${weights}> { y = Conv <pads = [0, 1, 0, 2]> (x, w) }`,
  },
  {
    title: 'into an AveragePool, which then counts the zeros',
    input: `${image} <int64[8] p = {0, 0, 1, 1, 0, 0, 1, 1}> { a = Pad(x, p) y = AveragePool <kernel_shape = [3, 3]> (a) }`,
    expected: `${image} { y = AveragePool <kernel_shape = [3, 3], pads = [1, 1, 1, 1], count_include_pad = 1> (x) }`,
    counts: { 'pad-into-average-pool': 1 },
  },
  {
    title: 'not into a MaxPool: zero is larger than negative data',
    input: `${image} <int64[8] p = {0, 0, 1, 1, 0, 0, 1, 1}> { a = Pad(x, p) y = MaxPool <kernel_shape = [3, 3]> (a) }`,
    counts: {},
  },
  {
    title: 'not into an AveragePool that does not count its own padding, rounds up, or has a small kernel',
    input: `g (float[1,1,4,4] x) => (float[1,1,A,B] y, float[1,1,C,D] z, float[1,1,E,F] u) <int64[8] p = {0, 0, 1, 1, 0, 0, 1, 1}> {
      a = Pad(x, p) y = AveragePool <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (a)
      b = Pad(x, p) z = AveragePool <kernel_shape = [3, 3], strides = [2, 2], ceil_mode = 1> (b)
      c = Pad(x, p) u = AveragePool <kernel_shape = [1, 1]> (c) }`,
    counts: {
      'pad-into-average-pool rejected: the AveragePool does not count its own padding': 1,
      'pad-into-average-pool rejected: the AveragePool rounds its size up': 1,
      'pad-into-average-pool rejected: the padding is not smaller than the kernel': 1,
    },
  },
  {
    title: 'not negative amounts, other numbers, other modes, other axes',
    input: `g (float[1,1,4,4] x) => (float[1,1,A,B] y, float[1,1,C,D] z, float[1,1,E,F] u, float[2,1,G,H] v) <${weights}, int64[8] p = {0, 0, 1, 1, 0, 0, 1, 1},
      int64[8] n = {0, 0, -1, 1, 0, 0, 1, 1}, int64[8] q = {0, 0, 1, 1, 1, 0, 1, 1}, float one = {1}> {
      a = Pad(x, n) y = Conv(a, w) b = Pad(x, p, one) z = Conv(b, w) c = Pad <mode = "reflect"> (x, p) u = Conv(c, w) d = Pad(x, q) v = Conv(d, w) }`,
    counts: {
      'pad-into-conv rejected: the Pad takes away': 1,
      'pad-into-conv rejected: the Pad adds another number than 0': 1,
      'pad-into-conv rejected: the Pad is in mode reflect': 1,
      'pad-into-conv rejected: the Pad adds to the batch or the channels': 1,
    },
  },
  {
    title: 'not amounts or a number that are not constant, nor into padding that depends on the size',
    input: `g (float[1,1,4,4] x, int64[8] k, float f) => (float[1,1,A,B] y, float[1,1,C,D] z, float[1,1,E,F] u) <${weights}, int64[8] p = {0, 0, 1, 1, 0, 0, 1, 1}> {
      a = Pad(x, k) y = Conv(a, w) b = Pad(x, p, f) z = Conv(b, w) c = Pad(x, p) u = Conv <auto_pad = "SAME_LOWER"> (c, w) }`,
    counts: {
      'pad-into-conv rejected: the amounts of the Pad are not constant': 1,
      'pad-into-conv rejected: the number that the Pad adds is not constant': 1,
      'pad-into-conv rejected: the padding of the Conv depends on its input (SAME_LOWER)': 1,
    },
  },
  {
    title: 'before another order of the axes',
    input: `g (float[1,4,3,1] x) => (float[1,1,A,B] y) <${weights}, int64[8] p = {0, 1, 2, 0, 0, 3, 1, 0}> {
      a = Pad(x, p) b = Transpose <perm = [0, 3, 1, 2]> (a) y = Conv <pads = [1, 0, 0, 0]> (b, w) }`,
    expected: `g (float[1,4,3,1] x) => (float[1,1,A,B] y) <${weights}> {
      b = Transpose <perm = [0, 3, 1, 2]> (x) y = Conv <pads = [2, 2, 3, 1]> (b, w) }`,
    counts: { 'pad-before-transpose-into-conv': 1 },
  },
  {
    title: 'before a Reshape that only moves an axis of size 1',
    input: `g (float[N,4,3,1] x) => (float[N,1,A,B] y) <${weights}, int64[8] p = {0, 0, 2, 0, 0, 3, 1, 0}, int64[4] shape = {-1, 1, 7, 6}> {
      a = Pad(x, p) b = Reshape(a, shape) y = Conv(b, w) }`,
    expected: `g (float[N,4,3,1] x) => (float[N,1,A,B] y) <${weights}, int64[4] shape = {-1, 1, 4, 3}> {
      b = Reshape(x, shape) y = Conv <pads = [0, 2, 3, 1]> (b, w) }`,
    counts: { 'pad-before-reshape-into-conv': 1 },
  },
  {
    title: 'not before an order or a Reshape by which the padding comes into the channels, or that joins padded axes',
    input: `g (float[1,4,3,1] x) => (float[1,2,A,B] y, float[1,1,C,D] z) <float[2,6,1,1] w = {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6}, float[1,1,1,1] k = {3},
        int64[8] p = {0, 1, 0, 0, 0, 1, 0, 0}, int64[4] wide = {1, 1, 9, 2}> {
      a = Pad(x, p) b = Transpose <perm = [0, 1, 2, 3]> (a) y = Conv(b, w)
      c = Pad(x, p) d = Reshape(c, wide) z = Conv(d, k)
    }`,
    counts: {
      'pad-before-transpose-into-conv rejected: the Pad adds to the batch or the channels': 1,
      'pad-before-reshape-into-conv rejected: the Reshape is not proven to keep the padded axes': 1,
    },
  },
  {
    title: 'not amounts for axes that are not there',
    opset: 18,
    input: `g (float[1,1,4,4] x) => (float[] y) <${weights}, int64[2] p = {1, 1}, float zero = {0}, int64[1] axes = {7}> {
      a = Pad(x, p, zero, axes) y = Conv(a, w) }`,
    counts: { 'pad-into-conv rejected: the axes of the Pad are not those of its amounts': 1 },
    notRun: 'no runtime takes it',
  },
]);
