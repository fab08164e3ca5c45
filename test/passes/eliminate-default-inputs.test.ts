import { eliminateDefaultInputs } from '../../passes/eliminate-default-inputs.ts';
import { goldenCases } from './golden.ts';

goldenCases(eliminateDefaultInputs, [
  {
    title: 'inputs with a default become constants, the others stay',
    input: `g (float[2] x, float[2] w = {1, 2}) => (float[2] y) { y = Mul(x, w) }`,
    expected: `g (float[2] x) => (float[2] y) <float[2] w = {1, 2}> { y = Mul(x, w) }`,
    counts: { 'inputs removed': 1 },
  },
  {
    title: 'a model without defaults stays',
    input: `g (float[2] x) => (float[2] y) <float[2] w = {1, 2}> { y = Mul(x, w) }`,
    counts: {},
  },
]);
