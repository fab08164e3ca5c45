import { fuseConvAddMul } from '../../passes/fuse-conv-add-mul.ts';
import { goldenCases } from './golden.ts';

const weights = 'float[2,1,1,1] w = {1, 3}';

goldenCases(fuseConvAddMul, [
  {
    title: 'Conv, Mul and Add with one number per channel, in either order of operands',
    input: `g (float[1,1,2,2] x) => (float[1,2,2,2] y) <${weights}, float[1,2,1,1] m = {2, 4}, float[2,1,1] t = {5, 6}> {
      a = Conv(x, w) b = Mul(m, a) y = Add(b, t) }`,
    expected: `g (float[1,1,2,2] x) => (float[1,2,2,2] y) <float[2,1,1,1] w = {2, 12}, float[2] b = {5, 6}> { y = Conv(x, w, b) }`,
    counts: { 'layer-add-or-mul-constant': 2 },
  },
  {
    title: 'Sub and Div by a constant, and a constant minus the layer',
    input: `g (float[1,1,2,2] x) => (float[1,2,2,2] y) <${weights}, float[2] b = {1, 2}, float one = {1}, float[1] two = {2}> {
      a = Conv(x, w, b) c = Sub(a, one) d = Div(c, two) y = Sub(one, d) }`,
    expected: `g (float[1,1,2,2] x) => (float[1,2,2,2] y) <float[2,1,1,1] w = {-0.5, -1.5}, float[2] b = {1, 0.5}> { y = Conv(x, w, b) }`,
    counts: { 'layer-sub-or-div-constant': 2, 'constant-sub-layer': 1 },
  },
  {
    title: 'ConvTranspose and Gemm',
    input: `g (float[1,1,2,2] x, float[N,2] u) => (float[1,2,2,2] y, float[N,2] z) <float[1,2,1,1] w = {1, 3}, float[1,2,1,1] m = {2, 4},
      float[2,2] v = {1, 2, 3, 4}, float[2] c = {1, 1}> { a = ConvTranspose(x, w) y = Mul(a, m) b = Gemm <beta = 3.0> (u, v, c) z = Add(b, c) }`,
    expected: `g (float[1,1,2,2] x, float[N,2] u) => (float[1,2,2,2] y, float[N,2] z) <float[1,2,1,1] w = {2, 12}, float[2,2] v = {1, 2, 3, 4}, float[2] c = {4, 4}> {
      y = ConvTranspose(x, w) z = Gemm(u, v, c) }`,
  },
  {
    title: 'MatMul of any rank takes a factor, and leaves an Add to Gemm',
    input: `g (float[2,3,2] x) => (float[2,3,2] y) <float[2,2] w = {1, 2, 3, 4}, float[2] m = {2, 4}> { a = MatMul(x, w) b = Mul(a, m) y = Add(b, m) }`,
    expected: `g (float[2,3,2] x) => (float[2,3,2] y) <float[2,2] w = {2, 8, 6, 16}, float[2] m = {2, 4}> { a = MatMul(x, w) y = Add(a, m) }`,
    counts: { 'layer-add-or-mul-constant': 1, 'layer-add-or-mul-constant rejected: a MatMul has no bias': 1 },
  },
  {
    title: 'not a constant that lies along the width with the length of the channels',
    input: `g (float[1,1,2,2] x) => (float[1,2,2,2] y, float[1,2,2,2] z) <${weights}, float[2] t = {5, 6}, float[1,1,2,1] m = {5, 6}> {
      a = Conv(x, w) y = Add(a, t) b = Conv(x, w) z = Mul(b, m) }`,
    counts: { 'layer-add-or-mul-constant rejected: the constant varies along an axis that is not the channels': 2 },
  },
  {
    title: 'not a constant that widens the one channel, or that adds a dimension',
    input: `g (float[1,1,2,2] x) => (float[1,2,2,2] y, float[1,1,1,2,2] z) <float[1,1,1,1] w = {1}, float[1,2,1,1] t = {5, 6}, float[1,1,1,1,1] m = {5}> {
      a = Conv(x, w) y = Add(a, t) b = Conv(x, w) z = Mul(b, m) }`,
    counts: {
      'layer-add-or-mul-constant rejected: the constant widens the channels': 1,
      'layer-add-or-mul-constant rejected: the constant has more dimensions than the result': 1,
    },
  },
  {
    title: 'not the division of a constant, nor by zero',
    input: `g (float[1,1,2,2] x) => (float[1,2,2,2] y, float[1,2,2,2] z) <${weights}, float one = {1}, float zero = {0}> {
      a = Conv(x, w) y = Div(one, a) b = Conv(x, w) z = Div(b, zero) }`,
    counts: { 'layer-sub-or-div-constant rejected: the folded weights are not finite': 1 },
  },
  {
    title: 'not another layer, and not a Conv that others read',
    input: `g (float[1,1,2,2] x) => (float[1,2,2,2] y) <${weights}> { a = Conv(x, w) b = Sigmoid(a) y = Mul(a, b) }`,
    counts: {},
  },
  {
    title: 'not before opset 7, whose Add is told its axis',
    opset: 6,
    input: `g (float[1,1,2,2] x) => (float[1,2,2,2] y) <${weights}, float[2] t = {5, 6}> { a = Conv(x, w) y = Add <broadcast = 1, axis = 1> (a, t) }`,
    counts: { 'layer-add-or-mul-constant rejected: arithmetic before opset 7 broadcasts by other rules': 1 },
  },
  {
    title: 'behind a Reshape that sees the channels as heads, one number for all heads, for each, and for each element',
    input: `g (float[N,2] x) => (float[1,N,2,2] y, float[N,2,2] z) <float[2,4] w = {1, 2, 3, 4, 5, 6, 7, 8}, float[4] b = {1, 2, 3, 4}, int64[4] four = {1, -1, 2, 2}, int64[3] three = {-1, 2, 2}, float[2,2] add = {1, 2, 3, 4}, float[1,2,1] by = {2, 3}> {
      a = Gemm(x, w, b) c = Reshape(a, four) y = Add(c, add) d = Gemm(x, w) e = Reshape(d, three) z = Mul(by, e) }`,
    expected: `g (float[N,2] x) => (float[1,N,2,2] y, float[N,2,2] z) <float[2,4] w = {1, 2, 3, 4, 5, 6, 7, 8}, float[4] b = {2, 4, 6, 8}, int64[4] four = {1, -1, 2, 2}, int64[3] three = {-1, 2, 2}, float[2,4] v = {2, 4, 9, 12, 10, 12, 21, 24}> {
      a = Gemm(x, w, b) y = Reshape(a, four) d = Gemm(x, v) z = Reshape(d, three) }`,
    counts: { 'viewed-layer-add-or-mul-constant': 2 },
  },
  {
    title: 'not behind a Reshape that cuts across the channels, or a constant that varies over the rows or widens',
    input: `g (float[4,2] x) => (float[2,8] y, float[4,2,2] z, float[4,1,4] v, float[4,3,4] u) <float[2,4] w = {1, 2, 3, 4, 5, 6, 7, 8}, int64[2] wide = {2, 8}, int64[3] three = {4, 2, 2}, int64[3] one = {4, 1, 4}, float[8] eight = {1, 2, 3, 4, 5, 6, 7, 8}, float[4,1,1] rows = {1, 2, 3, 4}, float[3,1] more = {1, 2, 3}> {
      a = Gemm(x, w) b = Reshape(a, wide) y = Mul(b, eight) c = Gemm(x, w) d = Reshape(c, three) z = Mul(d, rows)
      e = Gemm(x, w) v = Reshape(e, one) f = Gemm(x, w) h = Reshape(f, one) u = Mul(h, more) }`,
    counts: {
      'viewed-layer-add-or-mul-constant rejected: the channels are not proven to stay together': 1,
      'viewed-layer-add-or-mul-constant rejected: the constant varies along an axis that is not the channels': 2,
    },
  },
]);
