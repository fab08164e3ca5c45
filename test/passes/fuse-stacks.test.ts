import { fuseStacks } from '../../passes/fuse-stacks.ts';
import { goldenCases } from './golden.ts';

goldenCases(fuseStacks, [
  {
    title: 'values stacked in front of an axis',
    input: `g (float[N,3,4] x, float[N,3,4] u) => (float[N,2,3,4] y) <int64[1] one = {1}> {
      a = Unsqueeze(x, one) b = Unsqueeze(u, one) y = Concat<axis = 1>(a, b) }`,
    expected: `g (float[N,3,4] x, float[N,3,4] u) => (float[N,2,3,4] y) <int64[4] to = {-1, 2, 3, 4}> {
      j = Concat<axis = 1>(x, u) y = Reshape(j, to) }`,
    counts: { 'stacks joined': 1 },
  },
  {
    title: 'three, by negative axes and attributes',
    opset: 11,
    input: `g (float[2] x) => (float[3,2] y) { a = Unsqueeze<axes = [0]>(x) b = Unsqueeze<axes = [-2]>(x) c = Unsqueeze<axes = [0]>(x) y = Concat<axis = -2>(a, b, c) }`,
    expected: `g (float[2] x) => (float[3,2] y) <int64[2] to = {3, 2}> { j = Concat<axis = 0>(x, x, x) y = Reshape(j, to) }`,
  },
  {
    title: 'not along a last axis, along another axis, with others between, or where one is read elsewhere',
    input: `g (float[2] x, float[1,2] u) => (float[2,2] y, float[1,4] z, float[2,2] v, float[2,2] w, float[1,2] r) <int64[1] zero = {0}, int64[1] one = {1}> {
      a = Unsqueeze(x, one) b = Unsqueeze(x, one) y = Concat<axis = 1>(a, b) c = Unsqueeze(x, zero) d = Unsqueeze(x, zero) z = Concat<axis = 1>(c, d)
      e = Unsqueeze(x, zero) v = Concat<axis = 0>(e, u) f = Unsqueeze(x, zero) r = Unsqueeze(x, zero) w = Concat<axis = 0>(f, r) }`,
    counts: { 'kept: along a last axis the elements alternate': 1 },
  },
  {
    title: 'a Concat with another result that is read, as damaged files have, stays',
    input: `g (float[2,3] x) => (float[2,2,3] y, float[] z) <int64[1] one = {1}> { a = Unsqueeze(x, one) b = Unsqueeze(x, one) y, c = Concat <axis = 1> (a, b) z = Neg(c) }`,
    counts: {},
    notRun: 'no runtime takes it',
  },
]);
