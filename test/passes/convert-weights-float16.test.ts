import { convertWeightsFloat16 } from '../../passes/convert-weights-float16.ts';
import { goldenCases } from './golden.ts';

const options = { minElements: 2 };

goldenCases(convertWeightsFloat16, [
  {
    title: 'stores a weight in float16 and casts it back',
    input: `g (float[1,2] x) => (float[1,2] y) <float[2,2] w = {1, -0.5, 2, 0.25}> { y = MatMul (x, w) }`,
    expected: `g (float[1,2] x) => (float[1,2] y) <float16[2,2] h = {1.0, -0.5, 2.0, 0.25}> { w = Cast <to: int = 1> (h) y = MatMul (x, w) }`,
    options,
    counts: { 'weights stored in float16': 1 },
  },
  {
    title: 'stores a weight with two readers once',
    input: `g (float[1,2] x) => (float[1,2] y) <float[2,2] w = {1, -0.5, 2, 0.25}> { z = MatMul (x, w) y = MatMul (z, w) }`,
    expected: `g (float[1,2] x) => (float[1,2] y) <float16[2,2] h = {1.0, -0.5, 2.0, 0.25}> { w = Cast <to: int = 1> (h) z = MatMul (x, w) y = MatMul (z, w) }`,
    options,
    counts: { 'weights stored in float16': 1 },
  },
  {
    title: 'leaves a weight that float16 cannot hold',
    input: `g (float[1,2] x) => (float[1,2] y) <float[2] b = {1, 70000}> { y = Add (x, b) }`,
    options,
    counts: { 'weights beyond float16, left': 1 },
  },
  {
    title: 'leaves small weights and those of other types',
    input: `g (float[1,2] x) => (float[1,2] y) <float[1] b = {1}, int64[2] s = {1, 2}> { z = Add (x, b) y = Reshape (z, s) }`,
    options,
    counts: {},
  },
  {
    title: 'leaves a default that a caller may replace',
    input: `g (float[1,2] x, float[1,2] b = {1, 2}) => (float[1,2] y) { y = Add (x, b) }`,
    options,
    counts: {},
  },
  {
    title: 'leaves a graph whose opset has no Cast by number',
    input: `g (float[1,2] x) => (float[1,2] y) <float[2,2] w = {1, -0.5, 2, 0.25}> { y = MatMul (x, w) }`,
    opset: 5,
    options,
    counts: {},
  },
]);
