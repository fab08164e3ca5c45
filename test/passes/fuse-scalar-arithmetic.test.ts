import { fuseScalarArithmetic } from '../../passes/fuse-scalar-arithmetic.ts';
import { goldenCases } from './golden.ts';

goldenCases(fuseScalarArithmetic, [
  {
    title: 'factors and divisors, whichever comes first',
    input: `g (float[N] x) => (float[N] y, float[N] z, float[N] u, float[N] v) <float three = {3}, float four = {4}> {
      a = Mul(x, three) y = Div(a, four) b = Div(x, four) z = Mul(three, b) c = Div(x, three) u = Div(c, four) d = Mul(three, x) v = Mul(d, four) }`,
    expected: `g (float[N] x) => (float[N] y, float[N] z, float[N] u, float[N] v) <float p = {0.75}, float q = {0.75}, float r = {12}, float s = {12}> {
      y = Mul(x, p) z = Mul(x, q) u = Div(x, r) v = Mul(x, s) }`,
    counts: { 'scaled-twice': 4 },
  },
  {
    title: 'a chain, with the axes that one of the numbers adds',
    input: `g (float[N] x) => (float[1,N] y) <float one = {1}, float[1,1] two = {2}, float three = {3}> { a = Add(x, one) b = Sub(a, three) y = Sub(b, two) }`,
    expected: `g (float[N] x) => (float[1,N] y) <float one = {1}, float[1,1] five = {-5}> { a = Add(x, one) y = Add(a, five) }`,
    counts: { 'moved-twice': 1, 'moved-twice rejected: what is added may be there to be taken away again': 1 },
  },
  {
    title: 'not a number that rounds, one out of range, several, a divided constant, or what others read',
    input: `g (float[N,2] x) => (float[N,2] y, float[N,2] z, float[N,2] u, float[N,2] v, float[N,2] w, float[N,2] p, float[N,2] q) <float large = {12582912}, float two = {2}, float tiny = {1e-30}, float[2] both = {1, 2}> {
      a = Add(x, large) y = Sub(a, large) b = Mul(x, tiny) z = Div(b, tiny) c = Mul(x, both) u = Mul(c, two) d = Div(two, x) v = Mul(d, two) w = Mul(x, two) p = Div(w, two)
      e = Add(x, large) q = Add(e, two) }`,
    counts: {
      'moved-twice rejected: what is added may be there to be taken away again': 2,
      'scaled-twice rejected: a factor leaves the range of ordinary numbers': 1,
      'scaled-twice rejected: the constant is not one number': 1,
      'scaled-twice rejected: the Mul is a graph output': 1,
    },
  },
  {
    title: 'not integers, whose divisions round',
    input: `g (int64[N] x) => (int64[N] y) <int64 three = {3}, int64 two = {2}> { a = Div(x, two) y = Mul(a, three) }`,
    counts: { 'scaled-twice rejected: the element type is not float32 or float64': 1 },
  },
  {
    title: 'not the half of GELU',
    input: `g (float[N] x) => (float[N] y) <float r = {1.41421354}, float one = {1}, float half = {0.5}, float three = {3}> {
      a = Div(x, r) b = Erf(a) c = Add(b, one) d = Mul(x, c) e = Mul(d, half) y = Mul(e, three) }`,
    counts: { 'scaled-twice rejected: the factor belongs to GELU that the runtime fuses': 1 },
  },
]);
