import { foldStoredWeights } from '../../passes/fold-stored-weights.ts';
import { goldenCases } from './golden.ts';

goldenCases(foldStoredWeights, [
  {
    title: 'one scale',
    input: `g (float[2] x) => (float[2] y) <int8[2] w = {2, -4}, float s = {0.5}> { d = DequantizeLinear(w, s) y = Add(x, d) }`,
    expected: `g (float[2] x) => (float[2] y) <int8[2] w = {2, -4}, float s = {0.5}, float[2] d = {1, -2}> { y = Add(x, d) }`,
    counts: { 'weights dequantized': 1 },
  },
  {
    title: 'a scale and a zero point per channel',
    input: `g (float[2,2] x) => (float[2,2] y) <int8[2,2] w = {1, 2, 3, 4}, float[2] s = {1, 2}, int8[2] z = {0, 1}> { d = DequantizeLinear <axis = 0> (w, s, z) y = Add(x, d) }`,
    expected: `g (float[2,2] x) => (float[2,2] y) <int8[2,2] w = {1, 2, 3, 4}, float[2] s = {1, 2}, int8[2] z = {0, 1}, float[2,2] d = {1, 2, 4, 6}> { y = Add(x, d) }`,
  },
  {
    title: 'an activation that is quantized and dequantized on the spot',
    input: `g (float[2] x) => (float[2] y) { q, s, z = DynamicQuantizeLinear(x) d = DequantizeLinear(q, s, z) y = Neg(d) }`,
    expected: `g (float[2] x) => (float[2] y) { q, s, z = DynamicQuantizeLinear(x) y = Neg(x) }`,
    counts: { 'round trips removed': 1 },
    notRun: 'the rounding is what goes',
  },
  {
    title: 'not what is computed at run time',
    input: `g (int8[2] x) => (float[2] y) <float s = {0.5}> { y = DequantizeLinear(x, s) }`,
    counts: {},
  },
  {
    title: 'not with a scale that is computed at run time',
    input: `g (float s) => (float[2] y) <int8[2] w = {2, -4}> { y = DequantizeLinear(w, s) }`,
    counts: {},
  },
]);
