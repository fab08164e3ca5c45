import { eliminateRedundantActivations } from '../../passes/eliminate-redundant-activations.ts';
import { goldenCases } from './golden.ts';

const kept = 'activation-before-quantize rejected: the quantization does not saturate where the activation cuts';

goldenCases(eliminateRedundantActivations, [
  {
    title: 'a Relu before the zero that is the least value, unsigned or signed, also where no zero is given',
    input: `g (float[2,3] x) => (uint8[2,3] y, int8[2,3] z, uint8[2,3] w) <float s = {0.1}, uint8 zero = {0}, int8 least = {-128}> {
      a = Relu(x) y = QuantizeLinear(a, s, zero) b = Relu(x) z = QuantizeLinear(b, s, least) c = Relu(x) w = QuantizeLinear(c, s) }`,
    expected: `g (float[2,3] x) => (uint8[2,3] y, int8[2,3] z, uint8[2,3] w) <float s = {0.1}, uint8 zero = {0}, int8 least = {-128}> {
      y = QuantizeLinear(x, s, zero) z = QuantizeLinear(x, s, least) w = QuantizeLinear(x, s) }`,
    counts: { 'activation-before-quantize': 3 },
  },
  {
    title: 'a Clip whose bounds are the ends of the range, per channel too',
    input: `g (float[2,3] x) => (uint8[2,3] y) <float low = {0}, float high = {6}, float[3] s = {0.0235, 0.02, 0.0001}, uint8[3] zero = {0, 0, 0}> {
      a = Clip(x, low, high) y = QuantizeLinear<axis = 1>(a, s, zero) }`,
    expected: `g (float[2,3] x) => (uint8[2,3] y) <float[3] s = {0.0235, 0.02, 0.0001}, uint8[3] zero = {0, 0, 0}> {
      y = QuantizeLinear<axis = 1>(x, s, zero) }`,
  },
  {
    title: 'not where the range goes on, on one channel or on either side',
    input: `g (float[2,2] x) => (int8[2,2] y, uint8[2,2] z, uint8[2,2] w) <float s = {0.1}, int8 middle = {0}, float[2] scales = {0.1, 0.1}, uint8[2] zeros = {0, 1},
      float low = {0}, float high = {6}, uint8 zero = {0}> {
      a = Relu(x) y = QuantizeLinear(a, s, middle) b = Relu(x) z = QuantizeLinear<axis = 1>(b, scales, zeros) c = Clip(x, low, high) w = QuantizeLinear(c, s, zero) }`,
    counts: { [kept]: 3 },
  },
  {
    title: 'not where the result is read elsewhere, or the scale is not known',
    input: `g (float[2] x, float s) => (uint8[2] y, float[2] z, uint8[2] w) <float t = {0.1}, uint8 zero = {0}> {
      z = Relu(x) y = QuantizeLinear(z, t, zero) b = Relu(x) w = QuantizeLinear(b, s, zero) }`,
  },
  {
    title: 'a Clip of means and parts of what is cut already, and one between wider bounds',
    input: `g (float[1,2,4,4] x) => (float[1,2,1,1] y, float[1,2,2,4] z, float[1,2,4,4] w) <float low = {0}, float high = {6}, int64[2] parts = {2, 2}> {
      a = Clip(x, low, high) b = AveragePool <kernel_shape = [4, 4]> (a) y = Clip(b, low, high)
      c, d = Split <axis = 2> (a, parts) z = Relu(c) e = Sigmoid(x) f = Transpose <perm = [0, 1, 3, 2]> (e) w = Clip(f, low, high) }`,
    expected: `g (float[1,2,4,4] x) => (float[1,2,1,1] y, float[1,2,2,4] z, float[1,2,4,4] w) <float low = {0}, float high = {6}, int64[2] parts = {2, 2}> {
      a = Clip(x, low, high) y = AveragePool <kernel_shape = [4, 4]> (a)
      z, d = Split <axis = 2> (a, parts) e = Sigmoid(x) w = Transpose <perm = [0, 1, 3, 2]> (e) }`,
    counts: { 'activation-within-its-bounds': 3 },
  },
  {
    title: 'not what is cut elsewhere, what zeros of padding reach beyond, or bounds in the wrong order',
    input: `g (float[1,2,4,4] x) => (float[1,2,4,4] y, float[1,2,4,4] z, float[1,2,4,4] u) <float one = {1}, float two = {2}, float three = {3}> {
      a = Clip(x, one, three) y = Clip(a, two, three)
      b = AveragePool <kernel_shape = [3, 3], pads = [1, 1, 1, 1], count_include_pad = 1> (a) z = Clip(b, one, three)
      c = Clip(x, three, one) d = Neg(c) u = Relu(d) }`,
    counts: {},
  },
]);
