import { eliminateIdentity } from '../../passes/eliminate-identity.ts';
import { goldenCases } from './golden.ts';

goldenCases(eliminateIdentity, [
  {
    title: 'between nodes',
    input: `g (float[2] x) => (float[2] y) { a = Relu(x) b = Identity(a) c = Identity(b) y = Neg(c) }`,
    expected: `g (float[2] x) => (float[2] y) { a = Relu(x) y = Neg(a) }`,
    counts: { 'identity-to-operand': 2 },
  },
  {
    title: 'between a graph input and a graph output: the output takes the input',
    input: `g (float[2] x) => (float[2] y, float[2] z) { y = Identity(x) z = Identity(x) }`,
    expected: `g (float[2] x) => (float[2] y = x, float[2] z = x) { }`,
  },
  {
    title: 'a constant as a graph output',
    input: `g (float[2] x) => (float[2] y, float[2] z) <float[2] c = {1, 2}> { y = Identity(c) z = Add(x, c) }`,
    expected: `g (float[2] x) => (float[2] y = c, float[2] z) <float[2] c = {1, 2}> { z = Add(x, c) }`,
  },
  {
    title: 'in the branches of an If, also where a branch gives an outer value',
    input: `g (bool c, float[2] x) => (float[2] y) {
      y = If (c) <
        then_branch = t () => (float[2] u) { v = Neg(x) u = Identity(v) },
        else_branch = e () => (float[2] u) { u = Identity(x) }
      >
    }`,
    expected: `g (bool c, float[2] x) => (float[2] y) {
      y = If (c) <
        then_branch = t () => (float[2] u) { u = Neg(x) },
        else_branch = e () => (float[2] u = x) { }
      >
    }`,
  },
  {
    title: 'of another domain stays',
    input: `g (float[2] x) => (float[2] y) { y = local.Identity(x) } <domain: "local", opset_import: ["" : 17]> Identity (x) => (y) { y = Neg(x) }`,
    counts: {},
  },
]);
