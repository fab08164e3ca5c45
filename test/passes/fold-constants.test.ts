import { foldConstants } from '../../passes/fold-constants.ts';
import { goldenCases } from './golden.ts';

goldenCases(foldConstants, [
  {
    title: 'arithmetic on constants, one after the other',
    input: `g (float[2] x) => (float[2] y) <float[2] a = {1, 2}, float[2] b = {3, 5}> { s = Add(a, b) p = Mul(s, s) y = Add(x, p) }`,
    expected: `g (float[2] x) => (float[2] y) <float[2] a = {1, 2}, float[2] b = {3, 5}, float[2] s = {4, 7}, float[2] p = {16, 49}> { y = Add(x, p) }`,
    counts: { 'nodes folded': 2 },
  },
  {
    title: 'the shape of a tensor of proven shape, whatever its elements',
    input: `g (float[2,3] x) => (int64[2] y) { y = Shape(x) }`,
    expected: `g (float[2,3] x) => (int64[2] y = s) <int64[2] s = {2, 3}> { }`,
    counts: { 'nodes folded': 1 },
  },
  {
    title: 'part of the shape of a tensor of proven shape',
    input: `g (float[2,3,4] x) => (int64[1] y) { y = Shape <start = 1, end = 2> (x) }`,
    expected: `g (float[2,3,4] x) => (int64[1] y = s) <int64[1] s = {3}> { }`,
  },
  {
    title: 'the quantization of a constant, but not its way back, which runtimes look for before a layer',
    input: `g (float[2] x) => (float[2] y) <float[2] w = {1, -2}, float s = {0.5}, int8 z = {0}> {
      q = QuantizeLinear(w, s, z)  d = DequantizeLinear(q, s, z)  y = Mul(x, d)
    }`,
    expected: `g (float[2] x) => (float[2] y) <float[2] w = {1, -2}, float s = {0.5}, int8 z = {0}, int8[2] q = {2, -4}> {
      d = DequantizeLinear(q, s, z)  y = Mul(x, d)
    }`,
    counts: { 'nodes folded': 1 },
  },
  {
    title: 'all that dynamic quantization finds out about a constant',
    input: `g (float[3] x) => (float[3] y) <float[3] w = {-1, 0, 1.55}> {
      q, s, z = DynamicQuantizeLinear(w)  d = DequantizeLinear(q, s, z)  y = Mul(x, d)
    }`,
    expected: `g (float[3] x) => (float[3] y) <float[3] w = {-1, 0, 1.55}, uint8[3] q = {0, 100, 255}, float s = {0.01}, uint8 z = {100}> {
      d = DequantizeLinear(q, s, z)  y = Mul(x, d)
    }`,
  },
  {
    title: 'in a branch of an If',
    input: `g (bool c, float[1] x) => (float[1] y) <float[1] a = {2}> {
      y = If (c) <then_branch = t () => (float[1] u) { n = Neg(a) u = Add(x, n) }, else_branch = e () => (float[1] u) { u = Neg(x) }>
    }`,
    expected: `g (bool c, float[1] x) => (float[1] y) <float[1] a = {2}> {
      y = If (c) <then_branch = t () => (float[1] u) <float[1] n = {-2}> { u = Add(x, n) }, else_branch = e () => (float[1] u) { u = Neg(x) }>
    }`,
  },
  {
    title: 'not the shape of a tensor with a symbol in it',
    input: `g (float[N,3] x) => (int64[2] y) { y = Shape(x) }`,
    counts: {},
  },
  {
    title: 'not what would blow up the file',
    input: `g (float[1] x) => (float[1000] y) <int64[1] n = {1000}> { c = ConstantOfShape <value = float[1] {0.5}> (n) y = Add(x, c) }`,
    counts: { 'kept: over budget': 1 },
  },
  {
    title: 'what would blow up the file, where the budget allows it',
    options: { maxGrowth: 8000 },
    input: `g (float[1] x) => (float[3] y) <int64[1] n = {3}> { c = ConstantOfShape <value = float[1] {0.5}> (n) y = Add(x, c) }`,
    expected: `g (float[1] x) => (float[3] y) <int64[1] n = {3}, float[3] c = {0.5, 0.5, 0.5}> { y = Add(x, c) }`,
  },
  {
    title: 'the parts that a large constant is cut into, whose sum is no larger than it',
    options: { maxGrowth: 0 },
    input: `g (float[1] x) => (float[2] y, float[2] z) <float[4] w = {1, 2, 3, 4}, int64[1] a = {0}, int64[1] b = {2}, int64[1] c = {4}> {
      p = Slice(w, a, b) q = Slice(w, b, c) y = Add(x, p) z = Add(x, q)
    }`,
    expected: `g (float[1] x) => (float[2] y, float[2] z) <float[4] w = {1, 2, 3, 4}, int64[1] a = {0}, int64[1] b = {2}, int64[1] c = {4}, float[2] p = {1, 2}, float[2] q = {3, 4}> {
      y = Add(x, p) z = Add(x, q)
    }`,
  },
  {
    title: 'not a part of a constant that something else still reads',
    options: { maxGrowth: 0 },
    input: `g (float[4] x) => (float[2] y, float[4] z) <float[4] w = {1, 2, 3, 4}, int64[1] a = {0}, int64[1] b = {2}> {
      p = Slice(w, a, b) n = Neg(x) y = Slice(n, a, b) z = Add(x, w) u = Add(y, p)
    }`,
    counts: { 'kept: over budget': 1 },
  },
  {
    title: 'a large tensor that leads to a small one',
    options: { maxGrowth: 0 },
    input: `g (float[1] x) => (float[1] y) <int64[1] n = {1000}, int64[1] a = {0}, float[1] w = {2}> {
      c = ConstantOfShape <value = float[1] {0.5}> (n) r = ReduceSum <keepdims = 1> (c, a) p = Mul(r, w) y = Add(x, p)
    }`,
    expected: `g (float[1] x) => (float[1] y) <int64[1] n = {1000}, int64[1] a = {0}, float[1] w = {2}, float[1] p = {1000}> {
      y = Add(x, p)
    }`,
    counts: { 'nodes folded': 3 },
  },
  {
    title: 'not a large tensor that something else reads as well',
    input: `g (float[1] x) => (float[1] y, float[1000] z) <int64[1] n = {1000}, int64[1] a = {0}> {
      c = ConstantOfShape <value = float[1] {0.5}> (n) r = ReduceSum <keepdims = 1> (c, a) y = Add(x, r) z = Add(x, c)
    }`,
    counts: { 'kept: over budget': 1 },
  },
  {
    title: 'several results that add little to the model together',
    options: { maxGrowth: 0, maxShare: 1 },
    input: `g (float[2] x) => (float[2] y, float[2] z) <float[4] w = {1, 2, 3, 4}, int64[2] a = {0, 1}, int64[2] b = {2, 1}> {
      p = Gather(w, a) q = Gather(w, b) n = Neg(x) y = Add(n, p) u = Add(n, q) t = Gather(w, a) z = Mul(u, t)
    }`,
    expected: `g (float[2] x) => (float[2] y, float[2] z) <float[4] w = {1, 2, 3, 4}, int64[2] a = {0, 1}, int64[2] b = {2, 1}, float[2] p = {1, 2}, float[2] q = {3, 2}, float[2] t = {1, 2}> {
      n = Neg(x) y = Add(n, p) u = Add(n, q) z = Mul(u, t)
    }`,
  },
  {
    title: 'none of several results that add much to the model together',
    options: { maxGrowth: 0, maxShare: 0.5 },
    input: `g (float[4] x) => (float[2,4] y, float[3,4] z) <float[4] w = {1, 2, 3, 4}, int64[2] a = {2, 4}, int64[2] b = {3, 4}> {
      p = Expand(w, a) q = Expand(w, b) y = Add(x, p) z = Mul(x, q) m = Mul(x, w)
    }`,
    counts: { 'kept: over budget': 2 },
  },
  {
    title: 'not a random number',
    input: `g () => (float[2] y) { y = RandomNormal <shape = [2]> () }`,
    counts: {},
  },
  {
    title: 'not an input that has a default',
    input: `g (float[2] x = {1, 2}) => (float[2] y) { y = Neg(x) }`,
    counts: {},
  },
  {
    title: 'not the dequantization of a stored weight',
    input: `g (float[2] x) => (float[2] y) <int8[2] w = {1, 2}, float s = {0.5}> { d = DequantizeLinear(w, s) y = Add(x, d) }`,
    counts: {},
  },
  {
    title: 'not an integer division by zero, which is the runtime’s to answer',
    input: `g (int64[1] x) => (int64[1] y) <int64[1] a = {1}, int64[1] b = {0}> { d = Div(a, b) y = Add(x, d) }`,
    counts: { 'kept: no kernel for this form': 1 },
  },
  {
    title: 'not a node with more results than its operator has',
    input: `g (float[2] x) => (int64[1] y, float[] z, float[2] w, float[] v) <float[2] k = {1, 2}> { y, z = Shape(x) w, v = Neg(k) }`,
    notRun: 'no runtime takes it',
  },
]);
