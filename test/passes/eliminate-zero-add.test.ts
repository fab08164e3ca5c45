import { eliminateZeroAdd } from '../../passes/eliminate-zero-add.ts';
import { goldenCases } from './golden.ts';

goldenCases(eliminateZeroAdd, [
  {
    title: 'zeros of either sign, added on either side or subtracted',
    input: `g (float[2,3] x) => (float[2,3] y) <float zero = {0}, float[3] zeros = {0, -0.0, 0}> {
      a = Add(zero, x) b = Relu(a) c = Sub(b, zeros) y = Neg(c) }`,
    expected: `g (float[2,3] x) => (float[2,3] y) { b = Relu(x) y = Neg(b) }`,
    counts: { 'add-zero': 1, 'sub-zero': 1 },
  },
  {
    title: 'zero minus something stays',
    input: `g (float[3] x) => (float[3] y) <float zero = {0}> { y = Sub(zero, x) }`,
    counts: {},
  },
  {
    title: 'zeros that may widen a symbolic dimension stay',
    input: `g (float[N,4] x) => (float[N,4] y) <float[3,4] zeros = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}> { y = Add(x, zeros) }`,
    counts: { 'add-zero rejected: the constant may widen the result': 1 },
  },
]);
