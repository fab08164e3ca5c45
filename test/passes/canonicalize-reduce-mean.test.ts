import { canonicalizeReduceMean } from '../../passes/canonicalize-reduce-mean.ts';
import { goldenCases } from './golden.ts';

goldenCases(canonicalizeReduceMean, [
  {
    title: 'over height and width, with and without the axes kept',
    input: `g (float[N,2,3,4] x) => (float[N,2,1,1] y, float[N,2] z) { y = ReduceMean <axes = [2, 3]> (x) z = ReduceMean <axes = [-1, -2], keepdims = 0> (x) }`,
    expected: `g (float[N,2,3,4] x) => (float[N,2,1,1] y, float[N,2] z) { y = GlobalAveragePool(x) a = GlobalAveragePool(x) z = Flatten <axis = 1> (a) }`,
    counts: { 'mean-to-global-average': 2 },
  },
  {
    title: 'with axes as an operand, of opset 18',
    opset: 18,
    input: `g (float[N,2,3,4] x) => (float[N,2,1,1] y) <int64[2] axes = {2, 3}> { y = ReduceMean(x, axes) }`,
    expected: `g (float[N,2,3,4] x) => (float[N,2,1,1] y) { y = GlobalAveragePool(x) }`,
  },
  {
    title: 'of a tensor that was transposed for it',
    input: `g (float[N,2,3,4] x) => (float[N,1,1,2] y, float[N,2] z, float[N,3,4,2] u) { a = Transpose <perm = [0, 2, 3, 1]> (x)
      y = ReduceMean <axes = [1, 2]> (a) z = ReduceMean <axes = [1, 2], keepdims = 0> (a) u = Relu(a) }`,
    expected: `g (float[N,2,3,4] x) => (float[N,1,1,2] y, float[N,2] z, float[N,3,4,2] u) { a = Transpose <perm = [0, 2, 3, 1]> (x)
      p = GlobalAveragePool(x) y = Transpose <perm = [0, 2, 3, 1]> (p) q = GlobalAveragePool(x) z = Flatten <axis = 1> (q) u = Relu(a) }`,
    counts: { 'channels-last-mean-to-global-average': 2 },
  },
  {
    title: 'not over other axes, another rank, another type, or axes that are not known',
    opset: 18,
    input: `g (float[2,3,4,5] x, float[2,3,4] u, double[2,3,4,5] d, int64[2] given) => (float[2,3,4,1] y, float[2,3,1] z, double[2,3,1,1] v, float[A,B,C,D] w) <
      int64[1] last = {-1}, int64[2] axes = {2, 3}> { y = ReduceMean(x, last) z = ReduceMean(u, last) v = ReduceMean(d, axes) w = ReduceMean(x, given) }`,
    counts: {
      'mean-to-global-average rejected: the axes are not height and width': 1,
      'mean-to-global-average rejected: the operand is not proven to have four dimensions': 1,
      'mean-to-global-average rejected: the element type is not one that GlobalAveragePool is for': 1,
      'mean-to-global-average rejected: the axes are not constant': 1,
    },
  },
]);
