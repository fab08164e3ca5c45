import { eliminateNoOps } from '../../passes/eliminate-no-ops.ts';
import { goldenCases } from './golden.ts';

const unchanged = (body: string) => `g (float[2,3] x) => (float[2,3] y) { ${body} }`;

goldenCases(eliminateNoOps, [
  {
    title: 'Cast to the type at hand goes, another one stays',
    input: unchanged('a = Cast <to = 1> (x) b = Cast <to = 11> (a) c = Cast <to = 1> (b) y = Relu(c)'),
    expected: unchanged('b = Cast <to = 11> (x) c = Cast <to = 1> (b) y = Relu(c)'),
    counts: { 'cast-to-same-type': 1, 'cast-to-same-type rejected: the Cast changes the element type': 2 },
  },
  {
    title: 'CastLike to the type at hand',
    input: `g (float[2] x, float[1] like) => (float[2] y) { a = CastLike(x, like) y = Neg(a) }`,
    expected: `g (float[2] x, float[1] like) => (float[2] y) { y = Neg(x) }`,
  },
  {
    title: 'Transpose in order, with and without perm',
    input: `g (float[2,3] x, float[4] u) => (float[2,3] y, float[4] z) {
      a = Transpose <perm = [0, 1]> (x) y = Relu(a) b = Transpose(u) z = Relu(b) }`,
    expected: `g (float[2,3] x, float[4] u) => (float[2,3] y, float[4] z) { y = Relu(x) z = Relu(u) }`,
  },
  {
    title: 'Transpose without perm reverses, and stays even where both dimensions are equal',
    input: `g (float[2,2] x) => (float[2,2] y) { y = Transpose(x) }`,
    counts: { 'transpose-in-order rejected: the Transpose reverses the order': 1 },
  },
  {
    title: 'Reshape to the same shape, by numbers, by 0 and by -1',
    input: `g (float[N,3,4] x) => (float[N,3,4] y) <int64[3] s = {0, 3, 4}, int64[3] t = {-1, 3, 4}, int64[3] u = {0, -1, 4}> {
      a = Reshape(x, s) b = Relu(a) c = Reshape(b, t) d = Neg(c) e = Reshape(d, u) y = Relu(e) }`,
    expected: `g (float[N,3,4] x) => (float[N,3,4] y) { b = Relu(x) d = Neg(b) y = Relu(d) }`,
    counts: { 'shape-stays': 3 },
  },
  {
    title: 'Reshape of an unproven shape stays, whatever the output claims',
    input: `g (float[N,M] x) => (float[N,M] y) <int64[2] s = {3, -1}> { a = Reshape(x, s) y = Relu(a) }`,
    sizes: { N: 2, M: 3 },
    counts: { 'shape-stays rejected: the shape is not proven to stay': 1 },
  },
  {
    title: 'Expand to ones goes, one that may widen stays although all dimensions but one are known',
    input: `g (float[3,1,4] x) => (float[3,5,4] y) <int64[1] one = {1}, int64[3] s = {3, 5, 4}> {
      a = Expand(x, one) b = Relu(a) y = Expand(b, s) }`,
    expected: `g (float[3,1,4] x) => (float[3,5,4] y) <int64[3] s = {3, 5, 4}> { b = Relu(x) y = Expand(b, s) }`,
    counts: { 'shape-stays': 1, 'shape-stays rejected: the shape is not proven to stay': 1 },
  },
  {
    title: 'Tile by ones of a shape that is not known',
    input: `g (float[N,M] x) => (float[N,M] y) <int64[2] ones = {1, 1}> { a = Tile(x, ones) y = Relu(a) }`,
    expected: `g (float[N,M] x) => (float[N,M] y) { y = Relu(x) }`,
  },
  {
    title: 'Squeeze without axes stays where a symbolic dimension may be 1',
    input: `g (float[N,3] x) => (float[] y) { y = Squeeze(x) }`,
    counts: { 'shape-stays rejected: the shape is not proven to stay': 1 },
  },
  {
    title: 'Squeeze without axes goes where no dimension is 1',
    input: `g (float[2,3] x) => (float[2,3] y) { a = Squeeze(x) y = Relu(a) }`,
    expected: unchanged('y = Relu(x)'),
  },
  {
    title: 'Flatten of a matrix',
    input: `g (float[N,M] x) => (float[N,M] y) { a = Flatten(x) y = Relu(a) }`,
    expected: `g (float[N,M] x) => (float[N,M] y) { y = Relu(x) }`,
  },
  {
    title: 'Slice of all, by the largest integer and by the proven size',
    input: `g (float[N,3] x) => (float[N,3] y) <int64[1] zero = {0}, int64[1] end = {9223372036854775807}, int64[1] three = {3},
      int64[1] axis = {0}, int64[1] last = {-1}> {
      a = Slice(x, zero, end, axis) b = Relu(a) c = Slice(b, zero, three, last) y = Neg(c) }`,
    expected: `g (float[N,3] x) => (float[N,3] y) { b = Relu(x) y = Neg(b) }`,
    counts: { 'slice-of-all': 2 },
  },
  {
    title: 'Slice that turns around gives the same shape and stays',
    input: `g (float[2,3] x) => (float[2,3] y) <int64[1] start = {-1}, int64[1] end = {-100}, int64[1] axis = {1}, int64[1] back = {-1}> {
      y = Slice(x, start, end, axis, back) }`,
    counts: { 'slice-of-all rejected: the Slice is not proven to step by 1': 1 },
  },
  {
    title: 'Slice that leaves something out stays, also in opset 9',
    opset: 9,
    input: `g (float[2,3] x) => (float[2,2] y) { a = Slice <starts = [0], ends = [9999999999], axes = [0]> (x)
      b = Relu(a) y = Slice <starts = [1], ends = [3], axes = [1]> (b) }`,
    expected: `g (float[2,3] x) => (float[2,2] y) { b = Relu(x) y = Slice <starts = [1], ends = [3], axes = [1]> (b) }`,
    counts: { 'slice-of-all': 1, 'slice-of-all rejected: the Slice leaves something out': 1 },
  },
  {
    title: 'Pad of nothing goes; one that adds and takes away the same gives the same shape and stays',
    input: `g (float[2,3] x) => (float[2,3] y) <int64[4] none = {0, 0, 0, 0}, int64[4] shift = {0, 1, 0, -1}> {
      a = Pad(x, none) b = Relu(a) y = Pad(b, shift) }`,
    expected: `g (float[2,3] x) => (float[2,3] y) <int64[4] shift = {0, 1, 0, -1}> { b = Relu(x) y = Pad(b, shift) }`,
    counts: { 'pad-of-nothing': 1, 'pad-of-nothing rejected: the Pad changes the size': 1 },
  },
  {
    title: 'Concat, Sum, Max, Min, Mean and Split of one',
    input: `g (float[2,3] x) => (float[2,3] y) {
      a = Concat <axis = 0> (x) b = Relu(a) c = Sum(b) d = Neg(c) e = Max(d) f = Exp(e) h = Mean(f) i = Sin(h)
      j = Split <axis = 1> (i) k = Cos(j) l = Min(k) y = Abs(l) }`,
    expected: unchanged('b = Relu(x) d = Neg(b) f = Exp(d) i = Sin(f) k = Cos(i) y = Abs(k)'),
    counts: { 'only-operand': 5, 'split-into-one': 1 },
  },
  {
    title: 'neutral operands of float arithmetic, on either side where the operator commutes',
    input: `g (float[2,3] x) => (float[2,3] y) <float one = {1}, float[1,3] ones = {1, 1, 1}, float zero = {0}, float minus = {-0.0}> {
      a = Mul(one, x) b = Relu(a) c = Mul(b, ones) d = Neg(c) e = Div(d, one) f = Abs(e) h = Sub(f, zero) i = Exp(h) j = Add(i, minus)
      k = Sin(j) l = Pow(k, one) y = Cos(l) }`,
    expected: unchanged('b = Relu(x) d = Neg(b) f = Abs(d) i = Exp(f) k = Sin(i) y = Cos(k)'),
    counts: { 'mul-neutral': 2, 'div-neutral': 1, 'sub-neutral': 1, 'add-neutral': 1, 'pow-neutral': 1 },
  },
  {
    title: 'adding +0 to floats stays: it turns -0 into +0; adding 0 to integers goes',
    input: `g (float[3] x, int32[3] i) => (float[3] y, int32[3] z) <float zero = {0}, int32 none = {0}> {
      y = Add(x, zero) j = Add(i, none) z = Neg(j) }`,
    expected: `g (float[3] x, int32[3] i) => (float[3] y, int32[3] z) <float zero = {0}> { y = Add(x, zero) z = Neg(i) }`,
    counts: { 'add-neutral': 1, 'add-neutral rejected: the sign of a zero would be kept': 1 },
  },
  {
    title: 'one as the dividend or the base stays',
    input: `g (float[3] x) => (float[3] y, float[3] z) <float one = {1}> { y = Div(one, x) z = Pow(one, x) }`,
    counts: {},
  },
  {
    title: 'a neutral constant that may widen the result stays, and pins no symbol',
    input: `g (float[1,3] x, float[N,4] u) => (float[2,3] y, float[N,4] z) <float[2,3] ones = {1, 1, 1, 1, 1, 1}, float[3,4] zeros = {-0.0, -0.0,
      -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0}> { y = Mul(x, ones) z = Add(u, zeros) }`,
    counts: {
      'mul-neutral rejected: the constant may widen the result': 1,
      'add-neutral rejected: the constant may widen the result': 1,
    },
  },
  {
    title: 'And, Or and Xor with neutral operands',
    input: `g (bool[2] x) => (bool[2] y) <bool t = {1}, bool f = {0}> { a = And(x, t) b = Not(a) c = Or(f, b) d = Xor(c, f) y = Identity(d) }`,
    expected: `g (bool[2] x) => (bool[2] y) { b = Not(x) y = Identity(b) }`,
  },
  {
    title: 'what is done twice or undone',
    input: `g (float[2,3] x, bool[2] b) => (float[2,3] y, bool[2] z) {
      a = Relu(x) c = Relu(a) d = Neg(c) e = Neg(d) y = Abs(e) n = Not(b) m = Not(n) z = Not(m) }`,
    expected: `g (float[2,3] x, bool[2] b) => (float[2,3] y, bool[2] z) { a = Relu(x) y = Abs(a) z = Not(b) }`,
  },
  {
    title: 'Clip of opset 10 after one with other bounds stays',
    opset: 10,
    input: `g (float[4] x) => (float[4] y) { a = Clip <min = 0.5> (x) y = Clip <max = 0.75> (a) }`,
    counts: {},
  },
  {
    title: 'pooling of single elements',
    input: `g (float[1,2,1,1] x) => (float[1,2,1,1] y) <int64[2] axes = {2, 3}> {
      a = AveragePool <kernel_shape = [1, 1]> (x) b = Relu(a) c = GlobalAveragePool(b) d = Exp(c)
      e = ReduceSum(d, axes) f = Neg(e) h = ReduceMean <axes = [-1]> (f) y = Abs(h) }`,
    expected: `g (float[1,2,1,1] x) => (float[1,2,1,1] y) { b = Relu(x) d = Exp(b) f = Neg(d) y = Abs(f) }`,
    counts: { 'average-pool-of-one': 1, 'global-pool-of-one': 1, 'reduction-of-one': 2 },
  },
  {
    title: 'pooling that leaves elements out, of unproven size, or that drops axes stays',
    input: `g (float[1,2,4,4] x, float[1,2,H,W] u, float[1,2,1] v) => (float[1,2,2,2] y, float[1,2,1,1] z, float[1,2] w) {
      y = AveragePool <kernel_shape = [1, 1], strides = [2, 2]> (x) z = GlobalAveragePool(u)
      w = ReduceMax <axes = [2], keepdims = 0> (v) }`,
    counts: {
      'average-pool-of-one rejected: the AveragePool leaves elements out': 1,
      'global-pool-of-one rejected: the pooled axes are not proven to have size 1': 1,
      'reduction-of-one rejected: the reduction drops the axes': 1,
    },
  },
  {
    title: 'a resize by 1, by operand',
    input: `g (float[1,1,2,2] x) => (float[1,1,2,2] y) <float[4] ones = {1, 1, 1, 1}> {
      a = Resize <mode = "linear"> (x, , ones) b = Relu(a) c = Resize <coordinate_transformation_mode = "align_corners"> (b, , ones) y = Neg(c) }`,
    expected: `g (float[1,1,2,2] x) => (float[1,1,2,2] y) { b = Relu(x) y = Neg(b) }`,
    counts: { 'resize-to-same-size': 2 },
  },
  {
    title: 'a resize by 1, by attribute',
    opset: 8,
    input: `g (float[1,1,2,2] x) => (float[1,1,2,2] y) { a = Upsample <scales = [1.0, 1.0, 1.0, 1.0], mode = "linear"> (x) y = Neg(a) }`,
    expected: `g (float[1,1,2,2] x) => (float[1,1,2,2] y) { y = Neg(x) }`,
    counts: { 'resize-to-same-size': 1 },
  },
  {
    title: 'a resize that changes the size, cuts, or scales by what is computed stays',
    input: `g (float[1,1,2,2] x, float[4] s) => (float[1,1,2,2] y, float[1,1,4,2] z, float[1,1,2,2] u, float y2) <float[4] ones = {1, 1, 1, 1}, float[4] two = {1, 1, 2, 1}, float[8] r = {0, 0, 0, 0, 1, 1, 1, 1}> {
      y = Resize <coordinate_transformation_mode = "tf_half_pixel_for_nn"> (x, , ones) z = Resize(x, , two) u = Resize <coordinate_transformation_mode = "tf_crop_and_resize", mode = "linear"> (x, r, ones) y2 = Resize(x, , s) }`,
    counts: {
      'resize-to-same-size rejected: the points may be shifted': 2,
      'resize-to-same-size rejected: the size is not proven to stay': 2,
    },
  },
  {
    title: 'a reduction without axes that is asked to do nothing then',
    opset: 18,
    input: `g (float[2,3] x) => (float[2,3] y) { a = ReduceSum <noop_with_empty_axes = 1> (x) y = Relu(a) }`,
    expected: unchanged('y = Relu(x)'),
  },
  {
    title: 'in the body of a Loop, whose graph outputs it respects',
    input: `g (int64 n, bool c, float[2] x) => (float[2] y) <float one = {1}> {
      y = Loop(n, c, x) < body = b (int64 i, bool go, float[2] state) => (bool again, float[2] next) {
        again = Identity(go) a = Mul(state, one) next = Mul(a, one) } > }`,
    expected: `g (int64 n, bool c, float[2] x) => (float[2] y) {
      y = Loop(n, c, x) < body = b (int64 i, bool go, float[2] state) => (bool again, float[2] next = state) {
        again = Identity(go) } > }`,
    feeds: { n: [2], c: [1] },
  },
  {
    title: 'an attribute that stands for one of the function is not known',
    input: `g (float[2] x) => (float[2] y) { y = local.f <to = 1> (x) }
      <domain: "local", opset_import: ["" : 17]> f <to> (x) => (y) { y = Cast <to : int = @to> (x) }`,
    counts: {},
  },
  {
    title: 'Resize to the size at hand, by sizes and by scales',
    input: `g (float[1,2,3,4] x) => (float[1,2,3,4] y) <int64[4] s = {1, 2, 3, 4}, float[4] k = {1, 1, 1, 1}> {
      a = Resize <mode = "cubic"> (x, , , s) b = Relu(a) c = Resize <mode = "linear"> (b, , k) y = Neg(c) }`,
    expected: `g (float[1,2,3,4] x) => (float[1,2,3,4] y) { b = Relu(x) y = Neg(b) }`,
    counts: { 'resize-to-same-size': 2 },
  },
  {
    title: 'Resize to another size, by other scales or between the points stays',
    input: `g (float[1,1,3,4] x) => (float[1,1,3,4] y, float[1,1,3,4] z, float[1,1,3,5] u)
      <int64[4] s = {1, 1, 3, 4}, float[4] k = {1, 1, 1, 1.1}, int64[4] t = {1, 1, 3, 5}> {
      y = Resize <mode = "nearest", coordinate_transformation_mode = "tf_half_pixel_for_nn"> (x, , , s)
      z = Resize <mode = "linear"> (x, , k) u = Resize <mode = "linear"> (x, , , t) }`,
    counts: {
      'resize-to-same-size rejected: the points may be shifted': 1,
      'resize-to-same-size rejected: the size is not proven to stay': 2,
    },
  },
]);
