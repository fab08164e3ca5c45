import { foldBatchNormalization } from '../../passes/fold-batch-normalization.ts';
import { goldenCases } from './golden.ts';

// With these statistics and epsilon 0.25 the scale is [2, 4] and the shift [1, -7].
const statistics = 'float[2] s = {2, 4}, float[2] t = {3, 1}, float[2] m = {1, 2}, float[2] v = {0.75, 0.75}';
const normalize = (x: string) => `BatchNormalization <epsilon = 0.25> (${x}, s, t, m, v)`;

goldenCases(foldBatchNormalization, [
  {
    title: 'into a Conv before it, without a bias',
    input: `g (float[1,1,2,2] x) => (float[1,2,2,2] y) <float[2,1,1,1] w = {1, 3}, ${statistics}> { a = Conv(x, w) y = ${normalize('a')} }`,
    expected: `g (float[1,1,2,2] x) => (float[1,2,2,2] y) <float[2,1,1,1] w = {2, 12}, float[2] b = {1, -7}> { y = Conv(x, w, b) }`,
    counts: { 'batch-normalization-after-weights': 1 },
  },
  {
    title: 'into a Conv with a bias, padding and groups, whose weights another node reads',
    input: `g (float[1,2,2,2] x) => (float[1,2,2,2] y, float[1,2,2,2] z) <float[2,1,1,1] w = {1, 3}, float[2] b = {5, 6}, ${statistics}> {
      a = Conv <group = 2, kernel_shape = [1, 1], auto_pad = "SAME_UPPER"> (x, w, b) y = ${normalize('a')} z = Conv <group = 2> (x, w) }`,
    expected: `g (float[1,2,2,2] x) => (float[1,2,2,2] y, float[1,2,2,2] z) <float[2,1,1,1] u = {2, 12}, float[2] b = {11, 17}, float[2,1,1,1] w = {1, 3}> {
      y = Conv <group = 2, kernel_shape = [1, 1], auto_pad = "SAME_UPPER"> (x, u, b) z = Conv <group = 2> (x, w) }`,
  },
  {
    title: 'into a ConvTranspose with groups, whose output channels are the second axis of the weights',
    input: `g (float[1,2,2,2] x) => (float[1,2,2,2] y) <float[2,1,1,1] w = {1, 3}, ${statistics}> {
      a = ConvTranspose <group = 2> (x, w) y = ${normalize('a')} }`,
    expected: `g (float[1,2,2,2] x) => (float[1,2,2,2] y) <float[2,1,1,1] w = {2, 12}, float[2] b = {1, -7}> {
      y = ConvTranspose <group = 2> (x, w, b) }`,
  },
  {
    title: 'into a ConvTranspose without groups',
    input: `g (float[1,1,2,2] x) => (float[1,2,2,2] y) <float[1,2,1,1] w = {1, 3}, float[2] b = {5, 6}, ${statistics}> {
      a = ConvTranspose(x, w, b) y = ${normalize('a')} }`,
    expected: `g (float[1,1,2,2] x) => (float[1,2,2,2] y) <float[1,2,1,1] w = {2, 12}, float[2] b = {11, 17}> { y = ConvTranspose(x, w, b) }`,
  },
  {
    title: 'into a Gemm with alpha, beta and transposed weights',
    input: `g (float[N,2] x) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}, float[1,2] b = {5, 6}, ${statistics}> {
      a = Gemm <alpha = 0.5, beta = 2.0, transB = 1> (x, w, b) y = ${normalize('a')} }`,
    expected: `g (float[N,2] x) => (float[N,2] y) <float[2,2] w = {2, 4, 12, 16}, float[1,2] b = {21, 41}> {
      y = Gemm <alpha = 0.5, transB = 1> (x, w, b) }`,
  },
  {
    title: 'into a MatMul, with the shift in an Add',
    input: `g (float[N,2] x) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}, ${statistics}> { a = MatMul(x, w) y = ${normalize('a')} }`,
    expected: `g (float[N,2] x) => (float[N,2] y) <float[2,2] w = {2, 8, 6, 16}, float[2] b = {1, -7}> { a = MatMul(x, w) y = Add(a, b) }`,
  },
  {
    title: 'not into a MatMul of more dimensions, whose channels are not the last axis',
    input: `g (float[2,2,2] x) => (float[2,2,2] y) <float[2,2] w = {1, 2, 3, 4}, ${statistics}> { a = MatMul(x, w) y = ${normalize('a')} }`,
    counts: { 'batch-normalization-after-weights rejected: the result of the MatMul is not proven to be a matrix': 1 },
  },
  {
    // In the text form 16-bit floats are written as their bits.
    title: 'float16 weights',
    input: `g (float16[1,1,2,2] x) => (float16[1,2,2,2] y) <float16[2,1,1,1] w = {15360, 16896}, float16[2] s = {16384, 17408}, float16[2] t = {16896, 15360},
      float16[2] m = {15360, 16384}, float16[2] v = {14848, 14848}> { a = Conv(x, w) y = ${normalize('a')} }`,
    expected: `g (float16[1,1,2,2] x) => (float16[1,2,2,2] y) <float16[2,1,1,1] w = {16384, 18944}, float16[2] b = {15360, 50944}> { y = Conv(x, w, b) }`,
    feeds: { x: [0.5, -1, 2, 0.25] },
  },
  {
    title: 'epsilon defaults to 1e-5',
    input: `g (float[1,1,2,2] x) => (float[1,1,2,2] y) <float[1,1,1,1] w = {1}, float[1] s = {1}, float[1] t = {0}, float[1] m = {0}, float[1] v = {0}> {
      a = Conv(x, w) y = BatchNormalization(a, s, t, m, v) }`,
    expected: `g (float[1,1,2,2] x) => (float[1,1,2,2] y) <float[1,1,1,1] w = {316.22777}> { y = Conv(x, w) }`,
  },
  {
    title: 'from before a Conv that does not pad',
    input: `g (float[1,2,2,2] x) => (float[1,1,2,2] y) <float[1,2,1,1] w = {1, 3}, ${statistics}> { a = ${normalize('x')} y = Conv(a, w) }`,
    expected: `g (float[1,2,2,2] x) => (float[1,1,2,2] y) <float[1,2,1,1] w = {2, 12}, float[1] b = {-20}> { y = Conv(x, w, b) }`,
    counts: { 'batch-normalization-before-weights': 1 },
  },
  {
    title: 'from before a Gemm, whose alpha the shift goes through, and a MatMul',
    input: `g (float[N,2] x) => (float[N,1] y, float[N,1] z) <float[2,1] w = {1, 3}, float[1] b = {5}, ${statistics}> {
      a = ${normalize('x')} y = Gemm <alpha = 0.5> (a, w, b) c = ${normalize('x')} z = MatMul(c, w) }`,
    expected: `g (float[N,2] x) => (float[N,1] y, float[N,1] z) <float[2,1] w = {2, 12}, float[1] b = {-5}, float[2,1] u = {2, 12}, float[1] c = {-20}> {
      y = Gemm <alpha = 0.5> (x, w, b) p = MatMul(x, u) z = Add(p, c) }`,
  },
  {
    title: 'not through padding: the zeros would have been shifted',
    input: `g (float[1,2,2,2] x) => (float[1,1,4,4] y) <float[1,2,1,1] w = {1, 3}, ${statistics}> { a = ${normalize('x')} y = Conv <pads = [1, 1, 1, 1]> (a, w) }`,
    counts: { 'batch-normalization-before-weights rejected: the Conv pads with zeros': 1 },
  },
  {
    title: 'not where others read the Conv, or where it is a graph output',
    input: `g (float[1,1,2,2] x) => (float[1,2,2,2] y, float[1,2,2,2] z, float[1,2,2,2] b, float[1,2,2,2] c) <float[2,1,1,1] w = {1, 3}, ${statistics}> {
      a = Conv(x, w) y = ${normalize('a')} z = Relu(a) b = Conv(x, w) c = ${normalize('b')} }`,
    counts: {
      'batch-normalization-after-weights rejected: the Conv is used elsewhere': 1,
      'batch-normalization-after-weights rejected: the Conv is a graph output': 1,
    },
  },
  {
    title: 'not where weights or statistics are inputs with a default, which may be given',
    input: `g (float[1,1,2,2] x, float[2,1,1,1] w = {1, 3}, float[2] s = {2, 4}) => (float[1,2,2,2] y, float[1,2,2,2] z) <float[2,1,1,1] u = {1, 3},
      float[2] r = {2, 4}, float[2] t = {3, 1}, float[2] m = {1, 2}, float[2] v = {0.75, 0.75}> {
      a = Conv(x, w) y = BatchNormalization(a, r, t, m, v) b = Conv(x, u) z = BatchNormalization(b, s, t, m, v) }`,
    counts: {
      'batch-normalization-after-weights rejected: the weights are not constant': 1,
      'batch-normalization-after-weights rejected: the statistics are not constant': 1,
    },
  },
  {
    title: 'not in training mode: by attribute, by results, by default before opset 7',
    opset: 15,
    input: `g (float[1,1,2,2] x) => (float[1,2,2,2] y) <float[2,1,1,1] w = {1, 3}, ${statistics}> {
      a = Conv(x, w) y, p, q = BatchNormalization <training_mode = 1> (a, s, t, m, v) }`,
    counts: { 'batch-normalization-after-weights rejected: the normalization is in training mode': 1 },
  },
  {
    title: 'not in training mode of opset 9, which has five results',
    opset: 9,
    input: `g (float[1,1,2,2] x) => (float[1,2,2,2] y) <float[2,1,1,1] w = {1, 3}, ${statistics}> {
      a = Conv(x, w) y, p, q, r, u = BatchNormalization(a, s, t, m, v) }`,
    counts: { 'batch-normalization-after-weights rejected: the normalization is in training mode': 1 },
  },
  {
    title: 'not in training mode of opset 6, which is its default',
    opset: 6,
    input: `g (float[1,1,2,2] x) => (float[1,2,2,2] y) <float[2,1,1,1] w = {1, 3}, ${statistics}> { a = Conv(x, w) y = BatchNormalization(a, s, t, m, v) }`,
    counts: { 'batch-normalization-after-weights rejected: the normalization is in training mode': 1 },
  },
  {
    title: 'not with statistics per activation of opset 7',
    opset: 7,
    input: `g (float[1,1,1,1] x) => (float[1,2,1,1] y) <float[2,1,1,1] w = {1, 3}, ${statistics}> {
      a = Conv(x, w) y = BatchNormalization <spatial = 0> (a, s, t, m, v) }`,
    counts: { 'batch-normalization-after-weights rejected: the statistics are per activation (spatial = 0)': 1 },
  },
  {
    title: 'not with a variance that makes no finite scale',
    input: `g (float[1,1,2,2] x) => (float[1,2,2,2] y) <float[2,1,1,1] w = {1, 3}, float[2] s = {2, 4}, float[2] t = {3, 1}, float[2] m = {1, 2},
      float[2] v = {-1, 1}> { a = Conv(x, w) y = ${normalize('a')} }`,
    counts: { 'batch-normalization-after-weights rejected: a variance plus epsilon is not positive': 1 },
  },
  {
    title: 'not where the folded weights overflow',
    input: `g (float[1,1,2,2] x) => (float[1,2,2,2] y) <float[2,1,1,1] w = {3e38, 3}, ${statistics}> { a = Conv(x, w) y = ${normalize('a')} }`,
    counts: { 'batch-normalization-after-weights rejected: the folded weights are not finite': 1 },
  },
  {
    title: 'not into a Gemm whose bias varies along the rows',
    input: `g (float[2,2] x) => (float[2,2] y) <float[2,2] w = {1, 2, 3, 4}, float[2,1] b = {5, 6}, ${statistics}> { a = Gemm(x, w, b) y = ${normalize('a')} }`,
    counts: {
      'batch-normalization-after-weights rejected: the bias is not one number per channel: the constant varies along an axis that is not the channels': 1,
    },
  },
  {
    title: 'in a branch, with weights of the graph around it',
    input: `g (bool c, float[1,1,2,2] x) => (float[1,2,2,2] y) <float[2,1,1,1] w = {1, 3}, ${statistics}> {
      y = If (c) < then_branch = p () => (float[1,2,2,2] u) { a = Conv(x, w) u = ${normalize('a')} },
        else_branch = q () => (float[1,2,2,2] u) { u = Conv(x, w) } > }`,
    expected: `g (bool c, float[1,1,2,2] x) => (float[1,2,2,2] y) <float[2,1,1,1] w = {1, 3}> {
      y = If (c) < then_branch = p () => (float[1,2,2,2] u) <float[2,1,1,1] v = {2, 12}, float[2] b = {1, -7}> { u = Conv(x, v, b) },
        else_branch = q () => (float[1,2,2,2] u) { u = Conv(x, w) } > }`,
    feeds: { c: [1] },
  },
  {
    title: 'into a Conv with an attribute that holds a graph, which is copied',
    input: `g (float[1,1,2,2] x) => (float[1,2,2,2] y) <float[2,1,1,1] w = {1, 3}, ${statistics}> {
      a = Conv <odd = o () => (float[2] u) { u = Relu(s) }> (x, w) y = ${normalize('a')} }`,
    expected: `g (float[1,1,2,2] x) => (float[1,2,2,2] y) <float[2,1,1,1] w = {2, 12}, float[2] b = {1, -7}, float[2] s = {2, 4}> {
      y = Conv <odd = o () => (float[2] u) { u = Relu(s) }> (x, w, b) }`,
    notRun: 'no runtime has such an attribute',
  },
  {
    title: 'before a Gemm that reads all pixels of all channels in one row',
    input: `g (float[N,2,2,1] x) => (float[N,1] y, float[N,1] z) <float[2] s = {1, 2}, float[2] o = {1, 0}, float[2] m = {0, 1}, float[2] q = {1, 4}, float[4,1] w = {1, 2, 3, 4}, float[1,4] t = {1, 2, 3, 4}, float[1] b = {1}, int64[2] rows = {-1, 4}> {
      a = BatchNormalization <epsilon = 0.0> (x, s, o, m, q) f = Flatten(a) y = Gemm(f, w, b)
      c = BatchNormalization <epsilon = 0.0> (x, s, o, m, q) r = Reshape(c, rows) z = Gemm <transB = 1> (r, t, b) }`,
    expected: `g (float[N,2,2,1] x) => (float[N,1] y, float[N,1] z) <float[4,1] w = {1, 2, 3, 4}, float[1,4] t = {1, 2, 3, 4}, float[1] b = {-3}, float[1] d = {-3}, int64[2] rows = {-1, 4}> {
      f = Flatten(x) y = Gemm(f, w, b) r = Reshape(x, rows) z = Gemm <transB = 1> (r, t, d) }`,
    counts: { 'batch-normalization-before-flattened-weights': 2 },
  },
  {
    title: 'not before a Gemm that reads parts of a row, or where the pixels are not counted',
    input: `g (float[N,2,2,1] x, float[N,2,H,1] u) => (float[M,1] y, float[N,1] z) <float[2] s = {1, 2}, float[2] o = {1, 0}, float[2] m = {0, 1}, float[2] q = {1, 4}, float[2,1] v = {1, 2}, float[4,1] w = {1, 2, 3, 4}, float[1] b = {1}, int64[2] parts = {-1, 2}> {
      a = BatchNormalization(x, s, o, m, q) f = Reshape(a, parts) y = Gemm(f, v, b) c = BatchNormalization(u, s, o, m, q) d = Flatten(c) z = Gemm(d, w, b) }`,
    counts: {
      'batch-normalization-before-flattened-weights rejected: what was normalized is not proven to be flattened row by row': 2,
    },
  },
]);
