import { fuseSoftmax } from '../../passes/fuse-softmax.ts';
import { goldenCases } from './golden.ts';

const last = 'int64[1] last = {-1}';
const shifted = 'm = ReduceMax <axes = [-1]> (x) d = Sub (x, m) e = Exp (d)';

goldenCases(fuseSoftmax, [
  {
    title: 'Softmax',
    input: `g (float[n,3,4] x) => (float[n,3,4] y) <${last}> { ${shifted} s = ReduceSum (e, last) y = Div (e, s) }`,
    expected: `g (float[n,3,4] x) => (float[n,3,4] y) { y = Softmax <axis = 2> (x) }`,
    counts: { 'written-out-softmax': 1 },
  },
  {
    title: 'Softmax along the last axis in opset 11',
    opset: 11,
    input: `g (float[2,3,4] x) => (float[2,3,4] y) { ${shifted} s = ReduceSum <axes = [2]> (e) y = Div (e, s) }`,
    expected: `g (float[2,3,4] x) => (float[2,3,4] y) { y = Softmax <axis = 2> (x) }`,
  },
  {
    title: 'LogSoftmax',
    input: `g (float[2,4] x) => (float[2,4] y) <${last}> { ${shifted} s = ReduceSum (e, last) l = Log (s) y = Sub (d, l) }`,
    expected: `g (float[2,4] x) => (float[2,4] y) { y = LogSoftmax <axis = 1> (x) }`,
    counts: { 'written-out-log-softmax': 1 },
  },
  {
    title: 'not without the maximum, which overflows',
    input: `g (float[2,4] x) => (float[2,4] y) <${last}> { e = Exp (x) s = ReduceSum (e, last) y = Div (e, s) }`,
    counts: {},
  },
  {
    title: 'not over two axes, over different ones, or without them kept',
    input: `g (float[4,4] x, float[4,4] z, float[4,4] w) => (float[4,4] y, float[4,4] u, float[4,4] t) <${last}, int64[1] first = {0}> {
      m = ReduceMax (x) d = Sub (x, m) e = Exp (d) s = ReduceSum (e) y = Div (e, s)
      m2 = ReduceMax <axes = [1]> (z) d2 = Sub (z, m2) e2 = Exp (d2) s2 = ReduceSum (e2, first) u = Div (e2, s2)
      m3 = ReduceMax <axes = [1]> (w) d3 = Sub (w, m3) e3 = Exp (d3) s3 = ReduceSum <keepdims = 0> (e3, last) t = Div (e3, s3) }`,
    counts: {
      'written-out-softmax rejected: the reductions do not run over one same axis': 2,
      'written-out-softmax rejected: the reduction does not keep its axes': 1,
    },
  },
  {
    title: 'not along another axis in opset 11',
    opset: 11,
    input: `g (float[2,3,4] x) => (float[2,3,4] y) {
      m = ReduceMax <axes = [1]> (x) d = Sub (x, m) e = Exp (d) s = ReduceSum <axes = [1]> (e) y = Div (e, s) }`,
    counts: { 'written-out-softmax rejected: Softmax before opset 13 is not along one axis': 1 },
  },
]);
