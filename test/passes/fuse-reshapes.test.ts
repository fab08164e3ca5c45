import { fuseReshapes } from '../../passes/fuse-reshapes.ts';
import { goldenCases } from './golden.ts';

goldenCases(fuseReshapes, [
  {
    title: 'Reshape of Reshape takes the second shape',
    input: `g (float[N,6,4] x) => (float[M,12] y) <int64[2] s = {-1, 24}, int64[2] t = {-1, 12}> { a = Reshape(x, s) y = Reshape(a, t) }`,
    expected: `g (float[N,6,4] x) => (float[M,12] y) <int64[2] t = {-1, 12}> { y = Reshape(x, t) }`,
    counts: { 'view-of-view': 1 },
  },
  {
    title: 'a 0 in the second shape copies from the first result, not from its operand',
    input: `g (float[2,3,4] x) => (float[6,2,2] y) <int64[2] s = {6, 4}, int64[3] t = {0, 2, 2}> { a = Reshape(x, s) y = Reshape(a, t) }`,
    expected: `g (float[2,3,4] x) => (float[6,2,2] y) <int64[3] t = {6, 2, 2}> { y = Reshape(x, t) }`,
  },
  {
    title: 'a 0 that copies a dimension that is not proven the same stays',
    input: `g (float[N,M] x, int64[2] s) => (float[A,B] y) <int64[2] t = {0, -1}> { a = Reshape(x, s) y = Reshape(a, t) }`,
    sizes: { N: 2, M: 6 },
    counts: { 'view-of-view rejected: the shape cannot be said by one Reshape': 1 },
  },
  {
    title: 'a literal 0 of allowzero is kept',
    input: `g (float[0,6] x) => (float[3,0] y) <int64[2] s = {6, 0}, int64[2] t = {3, 0}> { a = Reshape <allowzero = 1> (x, s) y = Reshape <allowzero = 1> (a, t) }`,
    expected: `g (float[0,6] x) => (float[3,0] y) <int64[2] t = {3, 0}> { y = Reshape <allowzero = 1> (x, t) }`,
  },
  {
    title: 'Flatten and Unsqueeze become one Reshape of the proven shape',
    input: `g (float[N,3,4] x) => (float[N,1,12] y) <int64[1] one = {1}> { a = Flatten(x) y = Unsqueeze(a, one) }`,
    expected: `g (float[N,3,4] x) => (float[N,1,12] y) <int64[3] s = {-1, 1, 12}> { y = Reshape(x, s) }`,
  },
  {
    title: 'Unsqueeze and Squeeze of the same axes cancel without any shape',
    input: `g (float[] x) => (float[] y) <int64[2] axes = {0, -1}, int64[2] same = {-1, 0}> {
      a = Unsqueeze(x, axes) b = Squeeze(a, same) y = Relu(b) }`,
    expected: `g (float[] x) => (float[] y) { y = Relu(x) }`,
    notRun: 'a rank must be given to run it',
  },
  {
    title: 'two shapes that cancel, also where others read the first',
    input: `g (float[2,3] x) => (float[2,3] y, float[6] z) <int64[1] s = {6}, int64[2] t = {2, 3}> {
      a = Reshape(x, s) b = Reshape(a, t) y = Relu(b) z = Neg(a) }`,
    expected: `g (float[2,3] x) => (float[2,3] y, float[6] z) <int64[1] s = {6}> { a = Reshape(x, s) y = Relu(x) z = Neg(a) }`,
  },
  {
    title: 'where others read the first and they do not cancel they stay',
    input: `g (float[2,3] x) => (float[3,2] y, float[6] z) <int64[1] s = {6}, int64[2] t = {3, 2}> {
      a = Reshape(x, s) y = Reshape(a, t) z = Neg(a) }`,
    counts: { 'view-of-view rejected: the Reshape is used elsewhere': 1 },
  },
  {
    title: 'Unsqueeze twice of symbolic dimensions',
    input: `g (float[N,M] x) => (float[N,1,1,M] y) <int64[1] one = {1}, int64[1] two = {2}> { a = Unsqueeze(x, one) y = Unsqueeze(a, two) }`,
    expected: `g (float[N,M] x) => (float[N,1,1,M] y) <int64[2] axes = {1, 2}> { y = Unsqueeze(x, axes) }`,
    counts: { 'unsqueeze-twice': 1 },
  },
  {
    title: 'Unsqueeze twice in opset 11 keeps its attribute',
    opset: 11,
    input: `g (float[N,M] x) => (float[1,N,M,1] y) { a = Unsqueeze <axes = [2]> (x) y = Unsqueeze <axes = [0]> (a) }`,
    expected: `g (float[N,M] x) => (float[1,N,M,1] y) { y = Unsqueeze <axes = [0, 3]> (x) }`,
  },
  {
    title: 'Squeeze twice counts the second axes after the first are gone',
    input: `g (float[N,1,M,1] x) => (float[N,M] y) <int64[1] one = {1}, int64[1] last = {-1}> { a = Squeeze(x, one) y = Squeeze(a, last) }`,
    expected: `g (float[N,1,M,1] x) => (float[N,M] y) <int64[2] axes = {1, 3}> { y = Squeeze(x, axes) }`,
  },
  {
    title: 'a Transpose that only moves dimensions of size 1 counts as a shape change',
    input: `g (float[N,5,1,1] x) => (float[N,5] y) <int64[2] axes = {1, 2}> { a = Transpose <perm = [0, 2, 3, 1]> (x) y = Squeeze(a, axes) }`,
    expected: `g (float[N,5,1,1] x) => (float[N,5] y) <int64[2] s = {-1, 5}> { y = Reshape(x, s) }`,
  },
  {
    title: 'a Transpose that moves elements does not',
    input: `g (float[2,5,3,1] x) => (float[2,15] y) { a = Transpose <perm = [0, 2, 3, 1]> (x) y = Flatten(a) }`,
    counts: { 'view-of-view rejected: the Transpose is not proven to keep the order of elements': 1 },
  },
  {
    title: 'a shape that nothing proves cannot be said',
    input: `g (float[N,M,K] x) => (float[] y) <int64[1] zero = {0}> { a = Flatten <axis = 2> (x) y = Unsqueeze(a, zero) }`,
    counts: { 'view-of-view rejected: the shape cannot be said by one Reshape': 1 },
  },
  {
    title: 'a shape in a type of integers that no operator takes for one is not copied',
    input: `g (float[2,M] x) => (float[] y) <int64[1] all = {-1}, uint64[2] s = {1, 18446744073709551615}> { a = Reshape(x, all) y = Reshape(a, s) }`,
    expected: `g (float[2,M] x) => (float[] y) <int64[2] s = {1, -1}> { y = Reshape(x, s) }`,
    notRun: 'no runtime takes it',
  },
  {
    title: 'axes that are not there, or twice, stay',
    opset: 11,
    input: `g (float[2] x, float[1,N,2,M] u) => (float[] y, float[] z, float[] v) {
      a = Unsqueeze <axes = [3]> (x) y = Unsqueeze <axes = [0]> (a)
      b = Unsqueeze <axes = [0]> (x) z = Unsqueeze <axes = [0, 0]> (b)
      c = Squeeze <axes = [0]> (u) v = Squeeze <axes = [5]> (c) }`,
    counts: {
      'unsqueeze-twice rejected: there are no such axes': 2,
      'squeeze-twice rejected: there are no such axes': 1,
      'view-of-view rejected: the shape cannot be said by one Reshape': 3,
    },
    notRun: 'no runtime takes it',
  },
]);
