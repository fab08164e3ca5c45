import { canonicalizeReshape } from '../../passes/canonicalize-reshape.ts';
import { goldenCases } from './golden.ts';

const indices = 'int64[1] zero = {0}, int64[1] minus = {-1}, int64[1] four = {4}';

goldenCases(canonicalizeReshape, [
  {
    title: 'one open dimension becomes -1',
    input: `g (float[N,3,4] x) => (float[N,12] y) <${indices}> { s = Shape(x) n = Gather(s, zero) t = Concat <axis = 0> (n, minus) y = Reshape(x, t) z = Neg(n) }`,
    expected: `g (float[N,3,4] x) => (float[N,12] y) <${indices}, int64[2] k = {-1, 12}> { s = Shape(x) n = Gather(s, zero) t = Concat <axis = 0> (n, minus) y = Reshape(x, k) z = Neg(n) }`,
    counts: { 'reshape-by-constant': 1 },
  },
  {
    title: 'two that stay in their places are copied',
    input: `g (float[N,S,8] x) => (float[N,S,2,4] y) <int64[2] two = {2, 4}, int64[1] start = {0}, int64[1] end = {2}> {
      s = Shape(x) n = Slice(s, start, end) t = Concat <axis = 0> (n, two) y = Reshape(x, t) }`,
    expected: `g (float[N,S,8] x) => (float[N,S,2,4] y) <int64[2] two = {2, 4}, int64[1] start = {0}, int64[1] end = {2}, int64[4] k = {0, 0, 2, 4}> {
      s = Shape(x) n = Slice(s, start, end) t = Concat <axis = 0> (n, two) y = Reshape(x, k) }`,
  },
  {
    title: 'one that stays beside a -1, which fails without elements before and after',
    input: `g (float[N,H,W,2] x) => (float[N,A,2] y) <${indices}, int64[1] two = {2}> { s = Shape(x) n = Gather(s, zero) t = Concat <axis = 0> (n, minus, two) y = Reshape(x, t) }`,
    expected: `g (float[N,H,W,2] x) => (float[N,A,2] y) <${indices}, int64[1] two = {2}, int64[3] k = {0, -1, 2}> { s = Shape(x) n = Gather(s, zero) t = Concat <axis = 0> (n, minus, two) y = Reshape(x, k) }`,
    sizes: { N: 3 },
  },
  {
    title: 'two open dimensions that move cannot be said',
    input: `g (float[N,M,4] x) => (float[A,B] y) <${indices}> { s = Shape(x) n = Gather(s, zero) m = Mul(n, four) t = Concat <axis = 0> (m, minus) y = Reshape(x, t) }`,
    counts: { 'reshape-by-constant rejected: the shape cannot be said by a constant': 1 },
  },
  {
    title: 'a shape that is given cannot either',
    input: `g (float[N,4] x, int64[2] t) => (float[A,B] y) { y = Reshape(x, t) }`,
    counts: { 'reshape-by-constant rejected: the shape cannot be said by a constant': 1 },
  },
  {
    title: 'not by a shape of fractions, which no runtime takes',
    input: `g (float[2] x) => (float[] y) <float[2] k = {1.5, 2.5}> { s = Concat <axis = 0> (k) i = Identity(s) y = Reshape(x, i) }`,
    notRun: 'no runtime takes it',
  },
  {
    title: 'not by a size that may be 0 and then copies another',
    input: `g (float[N] x) => (float[A,B] y) <${indices}, int64[1] one = {1}, int64[1] two = {2}, int64[1] end = {9}, float[1,1] w = {1}> {
      a = Slice(x, two, end, zero) b = Mul(a, w) s = Shape(b) n = Gather(s, one) t = Concat <axis = 0> (n, minus) y = Reshape(b, t) }`,
    counts: { 'reshape-by-constant rejected: the shape cannot be said by a constant': 1 },
  },
]);
