import { fuseTransposes } from '../../passes/fuse-transposes.ts';
import { goldenCases } from './golden.ts';

goldenCases(fuseTransposes, [
  {
    title: 'two that cancel, also where others read the first',
    input: `g (float[2,3,4] x) => (float[2,3,4] y, float[4,2,3] z) {
      a = Transpose <perm = [2, 0, 1]> (x) b = Transpose <perm = [1, 2, 0]> (a) y = Relu(b) z = Relu(a) }`,
    expected: `g (float[2,3,4] x) => (float[2,3,4] y, float[4,2,3] z) {
      a = Transpose <perm = [2, 0, 1]> (x) y = Relu(x) z = Relu(a) }`,
    counts: { 'transpose-of-transpose': 1 },
  },
  {
    title: 'three become one',
    input: `g (float[2,3,4] x) => (float[4,3,2] y) {
      a = Transpose <perm = [2, 0, 1]> (x) b = Transpose <perm = [0, 2, 1]> (a) c = Transpose <perm = [1, 0, 2]> (b) y = Transpose <perm = [1, 0, 2]> (c) }`,
    expected: `g (float[2,3,4] x) => (float[4,3,2] y) { y = Transpose <perm = [2, 1, 0]> (x) }`,
  },
  {
    title: 'without perm the axes are reversed',
    input: `g (float[2,3] x) => (float[2,3] y) { a = Transpose(x) b = Transpose(a) y = Relu(b) }`,
    expected: `g (float[2,3] x) => (float[2,3] y) { y = Relu(x) }`,
  },
  {
    title: 'two that do not cancel stay where others read the first',
    input: `g (float[2,3,4] x) => (float[3,4,2] y, float[4,2,3] z) {
      a = Transpose <perm = [2, 0, 1]> (x) y = Transpose <perm = [2, 0, 1]> (a) z = Relu(a) }`,
    counts: { 'transpose-of-transpose rejected: the first Transpose is used elsewhere': 1 },
  },
  {
    title: 'two around a Gather of entries',
    input: `g (float[2,3,4] x) => (float[4,5,2] y) <int64[5] index = {0, 0, 1, 1, 2}> {
      a = Transpose <perm = [1, 0, 2]> (x) b = Gather(a, index) y = Transpose <perm = [2, 0, 1]> (b) }`,
    expected: `g (float[2,3,4] x) => (float[4,5,2] y) <int64[5] index = {0, 0, 1, 1, 2}> {
      a = Transpose <perm = [2, 1, 0]> (x) y = Gather <axis = 1> (a, index) }`,
    counts: { 'transpose-of-gather': 1 },
  },
  {
    title: 'around a Gather of one entry, or that others read, they stay',
    input: `g (float[2,3,4] x) => (float[4,2] y, float[2,2,4] g, float[4,2,2] z) <int64 one = {1}, int64[2] two = {0, 2}> {
      a = Transpose <perm = [1, 0, 2]> (x) b = Gather(a, one) y = Transpose <perm = [1, 0]> (b)
      c = Transpose <perm = [1, 0, 2]> (x) g = Gather(c, two) z = Transpose <perm = [2, 0, 1]> (g) }`,
    counts: {
      'transpose-of-gather rejected: the Gather changes the rank': 1,
      'transpose-of-gather rejected: the Gather is a graph output': 1,
    },
  },
  {
    title: 'the directions of a recurrent layer, joined between two',
    input: `g (float[t,2,b,4] x) => (float[b,t,8] y) <int64[3] shape = {0, 0, -1}> {
      a = Transpose <perm = [0, 2, 1, 3]> (x) r = Reshape(a, shape) y = Transpose <perm = [1, 0, 2]> (r) }`,
    expected: `g (float[t,2,b,4] x) => (float[b,t,8] y) <int64[3] shape = {0, 0, 8}> {
      a = Transpose <perm = [2, 0, 1, 3]> (x) y = Reshape(a, shape) }`,
    counts: { 'transpose-of-joined': 1 },
    sizes: { t: 5, b: 3 },
  },
  {
    title: 'before a reduction that leaves the others in their order',
    input: `g (float[2,3,4] x) => (float[2,4] y, float[4,2] z, float[2,1,3] w) {
      a = Transpose <perm = [1, 0, 2]> (x) y = ReduceMean <axes = [0], keepdims = 0> (a)
      b = Transpose <perm = [2, 1, 0]> (x) z = ReduceMean <axes = [1], keepdims = 0> (b)
      c = Transpose <perm = [0, 2, 1]> (x) w = ReduceMax <axes = [1]> (c) }`,
    expected: `g (float[2,3,4] x) => (float[2,4] y, float[4,2] z, float[2,1,3] w) {
      y = ReduceMean <axes = [1], keepdims = 0> (x)
      b = Transpose <perm = [2, 1, 0]> (x) z = ReduceMean <axes = [1], keepdims = 0> (b)
      c = Transpose <perm = [0, 2, 1]> (x) w = ReduceMax <axes = [1]> (c) }`,
    counts: {
      'reduction-of-transpose': 1,
      'reduction-of-transpose rejected: the axes that are left change their order': 1,
      'reduction-of-transpose rejected: the reduction keeps its axes': 1,
    },
  },
  {
    title: 'one that a MatMul reads swapped stays for the runtime to leave out',
    input: `g (float[2,3,2,4] x, float[2,3,4] z) => (float[6,4,4] y, float[5,4,4] u) <int64[3] shape = {6, 2, 4}, int64[5] index = {0, 0, 1, 1, 2}, float[2,4] m = {1, 2, 3, 4, 5, 6, 7, 8}> {
      a = Transpose <perm = [1, 0, 2, 3]> (x) f = Reshape(a, shape) t = Transpose <perm = [0, 2, 1]> (f) y = MatMul(t, m)
      b = Transpose <perm = [1, 0, 2]> (z) g = Gather(b, index) s = Transpose <perm = [0, 2, 1]> (g) u = MatMul(s, m) }`,
    counts: {
      'transpose-of-joined rejected: the runtime multiplies by it as it is': 1,
      'transpose-of-gather rejected: the runtime multiplies by it as it is': 1,
    },
  },
  {
    title: 'around a Reshape that splits an axis they stay',
    input: `g (float[2,6,4] x) => (float[2,2,4,3] y) <int64[4] shape = {2, 4, 3, 2}> {
      a = Transpose <perm = [0, 2, 1]> (x) r = Reshape(a, shape) y = Transpose <perm = [0, 3, 1, 2]> (r) }`,
    counts: { 'transpose-of-joined rejected: the Reshape does not only join axes': 1 },
  },
  {
    title: 'of unknown rank stay',
    input: `g (float[] x) => (float[] y) { a = Transpose(x) y = Transpose(a) }`,
    counts: { 'transpose-of-transpose rejected: the rank is not proven': 1 },
  },
  {
    title: 'whose axes are no permutation stay',
    input: `g (float[2,3] x) => (float[] y) { a = Transpose <perm = [1, 0]> (x) y = Transpose <perm = [0, 2]> (a) }`,
    counts: { 'transpose-of-transpose rejected: the axes are no permutation': 1 },
  },
  {
    title: 'nor do such around a Gather, a Reshape or before a reduction',
    input: `g (float[2,3] x) => (float[] y, float[] z, float[] r) <int64[2] k = {1, 0}, int64[1] flat = {6}, int64[1] one = {1}> {
      a = Transpose <perm = [1, 0]> (x) b = Gather(a, k) y = Transpose <perm = [0, 5]> (b)
      c = Transpose <perm = [1, 0]> (x) d = Reshape(c, flat) z = Transpose <perm = [2]> (d)
      e = Transpose <perm = [1, 1]> (x) r = ReduceSum <keepdims = 0> (e, one) }`,
    counts: {
      'transpose-of-gather rejected: the axes are no permutation': 1,
      'transpose-of-joined rejected: the axes are no permutation': 1,
      'reduction-of-transpose rejected: the axes are not known': 1,
    },
    notRun: 'no runtime takes it',
  },
  {
    title: 'a Reshape that adds axes joins none',
    input: `g (float[N,6,2] x) => (float[] y, float[] z) <int64[4] apart = {6, 1, -1, 2}, int64[4] end = {6, 2, -1, 1}> {
      a = Transpose <perm = [1, 0, 2]> (x) b = Reshape(a, apart) y = Transpose <perm = [0, 2, 3, 1]> (b)
      c = Transpose <perm = [1, 2, 0]> (x) d = Reshape(c, end) z = Transpose <perm = [0, 2, 1, 3]> (d) }`,
    counts: { 'transpose-of-joined rejected: the Reshape does not only join axes': 2 },
    notRun: 'only the shapes matter',
  },
]);
