import { eliminateExpands } from '../../passes/eliminate-expands.ts';
import { goldenCases } from './golden.ts';

const NONE = 'kept: the shape of the result is not proven to stay';

goldenCases(eliminateExpands, [
  {
    title: 'before a division by lengths, to the shape of the dividend',
    input: `g (float[N,3,4] x) => (float[N,3,4] y) {
      l = ReduceL2 <axes = [-1], keepdims = 1> (x) s = Shape(x) e = Expand(l, s) y = Div(x, e)
    }`,
    expected: `g (float[N,3,4] x) => (float[N,3,4] y) {
      l = ReduceL2 <axes = [-1], keepdims = 1> (x) s = Shape(x) y = Div(x, l)
    }`,
    sizes: { N: 2 },
    counts: { 'broadcasts left to the reader': 1 },
  },
  {
    title: 'for one reader, while another still needs it',
    input: `g (float[2,3] x, float[1,3] a) => (float[2,3] y, float[4,3] z) <int64[2] s = {2, 3}> {
      e = Expand(a, s) y = Add(e, x) z = Concat <axis = 0> (x, e)
    }`,
    expected: `g (float[2,3] x, float[1,3] a) => (float[2,3] y, float[4,3] z) <int64[2] s = {2, 3}> {
      e = Expand(a, s) y = Add(a, x) z = Concat <axis = 0> (x, e)
    }`,
    counts: { 'broadcasts left to the reader': 1, 'kept: its reader does not broadcast': 1 },
  },
  {
    title: 'of a condition, and of a rank that another operand has',
    input: `g (float[N,3] x, bool[3] c, float d) => (float[N,3] y) {
      s = Shape(x) e = Expand(c, s) y = Where(e, x, d)
    }`,
    expected: `g (float[N,3] x, bool[3] c, float d) => (float[N,3] y) { s = Shape(x) y = Where(c, x, d) }`,
    sizes: { N: 2 },
  },
  {
    title: 'of the batch of a matrix product',
    input: `g (float[N,2,3] x, float[1,3,4] w) => (float[N,2,4] y) <int64[1] z = {0}, int64[2] t = {3, 4}> {
      s = Shape <start = 0, end = 1> (x) u = Concat <axis = 0> (s, t) e = Expand(w, u) y = MatMul(x, e)
    }`,
    expected: `g (float[N,2,3] x, float[1,3,4] w) => (float[N,2,4] y) <int64[1] z = {0}, int64[2] t = {3, 4}> {
      s = Shape <start = 0, end = 1> (x) u = Concat <axis = 0> (s, t) y = MatMul(x, w)
    }`,
    sizes: { N: 2 },
  },
  {
    title: 'not where it makes the result larger',
    input: `g (float[1,3] x, float[1,3] a) => (float[2,3] y) <int64[2] s = {2, 3}> { e = Expand(a, s) y = Add(x, e) }`,
    counts: { [NONE]: 1 },
  },
  {
    title: 'not where the other operand may be 1 where the Expand gives more',
    input: `g (float[N,3] x, float[1,3] a) => (float[2,3] y) <int64[2] s = {2, 3}> { e = Expand(a, s) y = Add(x, e) }`,
    sizes: { N: 1 },
    counts: { [NONE]: 1 },
  },
  {
    title: 'not where both operands are expanded alike',
    input: `g (float[1,3] a, float[1,3] b) => (float[2,3] y) <int64[2] s = {2, 3}> {
      d = Expand(a, s) e = Expand(b, s) y = Add(d, e)
    }`,
    expected: `g (float[1,3] a, float[1,3] b) => (float[2,3] y) <int64[2] s = {2, 3}> { e = Expand(b, s) y = Add(a, e) }`,
    counts: { 'broadcasts left to the reader': 1, [NONE]: 1 },
  },
  {
    title: 'to a shape that is not known, which the other operand leaves no choice',
    input: `g (float[2,3] x, float[1,3] a, int64[2] s) => (float[K,3] y) { e = Expand(a, s) y = Add(x, e) }`,
    expected: `g (float[2,3] x, float[1,3] a, int64[2] s) => (float[K,3] y) { y = Add(x, a) }`,
    notRun: 'random numbers are no shape',
  },
  {
    title: 'not to an unknown rank',
    input: `g (float[2,3] x, float[1,3] a, int64[K] s) => (float[] y) { e = Expand(a, s) y = Add(x, e) }`,
    notRun: 'random numbers are no shape',
    counts: { [NONE]: 1 },
  },
  {
    title: 'not the data of a PRelu, which broadcasts its slope only',
    input: `g (float[1,3] a, float[2,3] slope) => (float[2,3] y) <int64[2] s = {2, 3}> { e = Expand(a, s) y = PRelu(e, slope) }`,
    counts: { 'kept: its reader does not broadcast': 1 },
  },
  {
    title: 'not a matrix that a product reads',
    input: `g (float[2,3] x, float[1,4] w) => (float[2,4] y) <int64[2] s = {3, 4}> { e = Expand(w, s) y = MatMul(x, e) }`,
    counts: { [NONE]: 1 },
  },
]);
