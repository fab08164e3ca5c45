import { dedupeConstants } from '../../passes/dedupe-constants.ts';
import { goldenCases } from './golden.ts';

goldenCases(dedupeConstants, [
  {
    title: 'equal ones, the first stays',
    input: `g (float[2] x) => (float[2] y) <float[2] a = {1, 2}, float[2] b = {1, 2}, float[2] c = {1, 3}> { d = Add(x, b) e = Add(d, a) y = Add(e, c) }`,
    expected: `g (float[2] x) => (float[2] y) <float[2] a = {1, 2}, float[2] c = {1, 3}> { d = Add(x, a) e = Add(d, a) y = Add(e, c) }`,
    counts: { 'constants merged': 1 },
  },
  {
    title: 'another type, another shape, another zero stay',
    input: `g (float[2] x, int32[2] i) => (float[2] y, int32[2] z) <float zero = {0}, float minus = {-0.0}, float[1] one = {0}, int32 none = {0}> {
      a = Add(x, zero) b = Add(a, minus) y = Add(b, one) z = Add(i, none) }`,
    counts: {},
  },
  {
    title: 'strings',
    input: `g (string[2] x) => (bool[2] y, bool[2] z) <string[1] a = {"u"}, string[1] b = {"u"}, string[1] c = {"v"}> { y = Equal(x, a) d = Equal(x, b) e = Equal(x, c) z = Or(d, e) }`,
    expected: `g (string[2] x) => (bool[2] y, bool[2] z) <string[1] a = {"u"}, string[1] c = {"v"}> { y = Equal(x, a) d = Equal(x, a) e = Equal(x, c) z = Or(d, e) }`,
    opset: 19,
    notRun: 'the seeded inputs are numbers',
  },
  {
    title: 'graph outputs, inputs with defaults and weights that training updates stay',
    input: `g (float[2] x, float[2] d = {1, 2}) => (float[2] y, float[2] a) <float[2] a = {1, 2}, float[2] b = {1, 2}, updatable float[2] u = {1, 2}> {
      c = Add(x, b) e = Add(c, d) y = Add(e, u) }`,
    counts: {},
  },
  {
    title: 'in a branch that of the graph around it is taken',
    input: `g (bool c, float[2] x) => (float[2] y) <float[2] a = {1, 2}> { d = Add(x, a)
      y = If (c) < then_branch = t () => (float[2] u) <float[2] b = {1, 2}> { u = Mul(d, b) }, else_branch = e () => (float[2] u) { u = Neg(x) } > }`,
    expected: `g (bool c, float[2] x) => (float[2] y) <float[2] a = {1, 2}> { d = Add(x, a)
      y = If (c) < then_branch = t () => (float[2] u) { u = Mul(d, a) }, else_branch = e () => (float[2] u) { u = Neg(x) } > }`,
    feeds: { c: [1] },
  },
]);
