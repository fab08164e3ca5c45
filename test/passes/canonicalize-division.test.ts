import { canonicalizeDivision } from '../../passes/canonicalize-division.ts';
import { goldenCases } from './golden.ts';

goldenCases(canonicalizeDivision, [
  {
    title: 'by a constant',
    input: `g (float[2] x) => (float[2] y) <float[2] c = {4, -0.5}> { y = Div(x, c) }`,
    expected: `g (float[2] x) => (float[2] y) <float[2] c = {0.25, -2}> { y = Mul(x, c) }`,
    counts: { 'div-constant-to-mul': 1 },
  },
  {
    title: 'not by zero, by what has no normal reciprocal, of integers, or in 16 bits',
    input: `g (float[2] x, int32[2] i, float16[2] h) => (float[2] y, float[2] z, int32[2] u, float16[2] v) <float zero = {0}, float large = {3e38}, int32 two = {2}, float16 half = {14336}> {
      y = Div(x, zero) z = Div(x, large) u = Div(i, two) v = Div(h, half) }`,
    counts: {
      'div-constant-to-mul rejected: the divisor has no finite, normal reciprocal': 2,
      'div-constant-to-mul rejected: the element type is not float32 or float64': 2,
    },
  },
  {
    title: 'not where ONNX Runtime looks for the Div of attention scores or of GELU',
    input: `g (float[2,2] q, float[2,2] k, float[2] x) => (float[2,2] y, float[2] z) <float eight = {8}, float root = {1.4142135}> {
      a = MatMul(q, k) y = Div(a, eight) b = Div(x, root) z = Erf(b) }`,
    counts: {
      'div-constant-to-mul rejected: the Div scales attention scores': 1,
      'div-constant-to-mul rejected: the Div belongs to a GELU': 1,
    },
  },
]);
