import { fuseRepeats } from '../../passes/fuse-repeats.ts';
import { goldenCases } from './golden.ts';

goldenCases(fuseRepeats, [
  {
    title: 'each head twice, of a sequence of unknown length',
    input: `g (float[b,2,s,3] x) => (float[b,4,s,3] y) <int64[1] two = {2}, int64[5] times = {1, 1, 2, 1, 1}, int64[4] shape = {0, 4, -1, 3}> {
      a = Unsqueeze(x, two) t = Tile(a, times) y = Reshape(t, shape) }`,
    expected: `g (float[b,2,s,3] x) => (float[b,4,s,3] y) <int64[4] index = {0, 0, 1, 1}> { y = Gather <axis = 1> (x, index) }`,
    counts: { 'repeat-to-gather': 1 },
  },
  {
    title: 'all heads one after the other',
    input: `g (float[2,5] x) => (float[6,5] y) <int64[1] zero = {0}, int64[3] wide = {3, 2, 5}, int64[2] shape = {6, 5}> {
      a = Unsqueeze(x, zero) t = Expand(a, wide) y = Reshape(t, shape) }`,
    expected: `g (float[2,5] x) => (float[6,5] y) <int64[6] index = {0, 1, 0, 1, 0, 1}> { y = Gather <axis = 0> (x, index) }`,
    counts: { 'repeat-to-gather': 1 },
  },
  {
    title: 'copies that become another axis, of another axis too, or that others read stay',
    input: `g (float[2,5] x) => (float[2,3,5] y, float[2,15] z, float[4,10] u, float[2,2,5] w) <int64[1] one = {1}, int64[3] wide = {2, 3, 5}, int64[2] joined = {2, 15},
        int64[3] both = {1, 2, 2}, int64[2] square = {4, 10}, int64[3] twice = {2, 2, 5}, int64[2] four = {4, 5}> {
      a = Unsqueeze(x, one) y = Expand(a, wide) z = Reshape(y, joined)
      b = Unsqueeze(x, one) c = Tile(b, both) u = Reshape(c, square)
      d = Unsqueeze(x, one) w = Expand(d, twice) e = Reshape(w, four) f = Relu(e) }`,
    counts: {
      'repeat-to-gather rejected: the copies are read elsewhere': 2,
      'repeat-to-gather rejected: other axes are copied too': 1,
    },
  },
  {
    title: 'copies whose shape is asked for',
    input: `g (float[b,2,s,3] x) => (float[b,4,s,3] y) <int64[1] two = {2}, int64[5] times = {1, 1, 2, 1, 1}, int64[3] head = {0, 4, -1}> {
      a = Unsqueeze(x, two) t = Tile(a, times) n = Shape <start = 4> (t) shape = Concat <axis = 0> (head, n) y = Reshape(t, shape) }`,
    expected: `g (float[b,2,s,3] x) => (float[b,4,s,3] y) <int64[1] two = {2}, int64[5] times = {1, 1, 2, 1, 1}, int64[3] head = {0, 4, -1}, int64[4] index = {0, 0, 1, 1}> {
      a = Unsqueeze(x, two) t = Tile(a, times) n = Shape <start = 4> (t) shape = Concat <axis = 0> (head, n) y = Gather <axis = 1> (x, index) }`,
    counts: { 'repeat-to-gather': 1 },
  },
  {
    title: 'of an axis of unknown size stay',
    input: `g (float[n,3] x) => (float[m,3] y) <int64[1] one = {1}, int64[3] times = {1, 2, 1}, int64[2] shape = {-1, 3}> {
      a = Unsqueeze(x, one) t = Tile(a, times) y = Reshape(t, shape) }`,
    counts: { 'repeat-to-gather rejected: the copies are not joined with one axis': 1 },
  },
]);
