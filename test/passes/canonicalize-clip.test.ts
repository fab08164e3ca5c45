import { canonicalizeClip } from '../../passes/canonicalize-clip.ts';
import { goldenCases } from './golden.ts';

const bounds = 'float zero = {0}, float one = {1}, float six = {6}, float minus = {-1}';

goldenCases(canonicalizeClip, [
  {
    title: 'Clip from 0 up is Relu',
    input: `g (float[8] x) => (float[8] y) <${bounds}> { y = Clip(x, zero) }`,
    expected: `g (float[8] x) => (float[8] y) { y = Relu(x) }`,
    counts: { 'clip-to-relu': 1 },
  },
  {
    title: 'Max and Min with numbers, one after the other',
    input: `g (float[8] x) => (float[8] y) <${bounds}> { a = Max(zero, x) y = Min(a, six) }`,
    expected: `g (float[8] x) => (float[8] y) <float zero = {0}, float six = {6}> { y = Clip(x, zero, six) }`,
  },
  {
    title: 'cuts in a row cut once, from where the first bounds come to lie',
    input: `g (float[8] x) => (float[8] y, float[8] z) <${bounds}> { a = Relu(x) y = Clip(a, minus, one) b = Clip(x, minus, zero) z = Clip(b, one, six) }`,
    expected: `g (float[8] x) => (float[8] y, float[8] z) <float a = {0}, float b = {1}, float c = {1}, float d = {1}> {
      y = Clip(x, a, b) z = Clip(x, c, d) }`,
    counts: {
      'clip-of-clip': 2,
      'clip-to-relu rejected: the range is not that of Relu': 2,
    },
  },
  {
    title: 'in the form of opset 10',
    opset: 10,
    input: `g (float[8] x) => (float[8] y, float[8] z) { a = Clip <min = 0.0> (x) y = Clip <max = 6.0> (a) z = Clip <min = 0.0> (x) }`,
    expected: `g (float[8] x) => (float[8] y, float[8] z) { y = Clip <min = 0.0, max = 6.0> (x) z = Relu(x) }`,
  },
  {
    title: 'not where the lower bound is above the upper one, which operators answer differently',
    input: `g (float[8] x) => (float[8] y) <float low = {-3}, float high = {-1}> { a = Clip(x, high, low) y = Relu(a) }`,
    counts: {
      'clip-of-clip rejected: the lower bound is above the upper one': 1,
      'clip-to-relu rejected: the lower bound is above the upper one': 1,
    },
  },
  {
    title: 'not bounds that are inputs, nor several numbers, nor ones that may widen',
    input: `g (float[2] x, float low, float[] u) => (float[2] y, float[2] z, float[] v) <float[2] two = {0, 1}, float[1] one = {1}> {
      a = Clip(x, low) y = Relu(a) z = Max(x, two) v = Max(u, one) }`,
    counts: {
      'clip-of-clip rejected: the bounds are not constant': 1,
      'clip-to-relu rejected: the bounds are not constant': 1,
      'max-to-clip rejected: the constant is not one number': 1,
      'max-to-clip rejected: the constant may widen the result': 1,
    },
  },
  {
    title: 'not integers, and not NaN',
    input: `g (int32[2] i, float[2] x) => (int32[2] y, float[2] z) <int32 one = {1}, float nan = {nan}> { y = Max(i, one) z = Min(x, nan) }`,
    counts: {
      'max-to-clip rejected: the element type is not floating point': 1,
      'min-to-clip rejected: the bound is not a number': 1,
    },
  },
  {
    title: 'not where others read the first cut',
    input: `g (float[2] x) => (float[2] y, float[2] z) <${bounds}> { a = Relu(x) y = Clip(a, zero, six) z = Neg(a) }`,
    counts: {
      'clip-of-clip rejected: the Relu is used elsewhere': 1,
      'clip-to-relu rejected: the range is not that of Relu': 1,
    },
  },
]);
