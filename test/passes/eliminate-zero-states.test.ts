import { eliminateZeroStates } from '../../passes/eliminate-zero-states.ts';
import { goldenCases } from './golden.ts';

const HEAD = `<float[1,8,3] w = {${Array.from({ length: 24 }, (_, i) => (i % 5) / 7).join(', ')}}, float[1,8,2] r = {${Array.from({ length: 16 }, (_, i) => (i % 3) / 5).join(', ')}}`;

goldenCases(eliminateZeroStates, [
  {
    title: 'states made of the batch size, cut and moved',
    input: `g (float[4,n,3] x) => (float[4,1,n,2] y) ${HEAD}, int64[1] two = {2}, int64[1] h = {2}, int64[1] one = {1}> {
      s = Shape <start = 1, end = 2> (x) dims = Concat <axis = 0> (two, s, h) z = ConstantOfShape(dims)
      a, b = Split <axis = 0> (z) y, yh, yc = LSTM <hidden_size = 2> (x, w, r, , , a, b) }`,
    expected: `g (float[4,n,3] x) => (float[4,1,n,2] y) ${HEAD}, int64[1] two = {2}, int64[1] h = {2}, int64[1] one = {1}> {
      s = Shape <start = 1, end = 2> (x) dims = Concat <axis = 0> (two, s, h) z = ConstantOfShape(dims)
      a, b = Split <axis = 0> (z) y, yh, yc = LSTM <hidden_size = 2> (x, w, r) }`,
    counts: { 'zero-state': 1 },
    opset: 17,
  },
  {
    title: 'the one of two that is zero',
    input: `g (float[4,5,3] x, float[1,5,2] c) => (float[4,1,5,2] y) ${HEAD}, float[1,5,2] z = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0}> {
      y = LSTM <hidden_size = 2> (x, w, r, , , z, c) }`,
    expected: `g (float[4,5,3] x, float[1,5,2] c) => (float[4,1,5,2] y) ${HEAD}> {
      y = LSTM <hidden_size = 2> (x, w, r, , , , c) }`,
    counts: { 'zero-state': 1, 'zero-state rejected: no state is proven to be zero': 1 },
  },
  {
    title: 'a negative zero, another number, and a state that is given stay',
    input: `g (float[4,5,3] x, float[1,5,2] c) => (float[4,1,5,2] y) ${HEAD}, float[1,5,2] z = {0, 0, 0, 0, 0, 0, 0, 0, 0, -0.0}> {
      y = LSTM <hidden_size = 2> (x, w, r, , , z, c) }`,
    counts: { 'zero-state rejected: no state is proven to be zero': 1 },
  },
]);
