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
]);
