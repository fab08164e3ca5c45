import { canonicalizeIf } from '../../passes/canonicalize-if.ts';
import { goldenCases } from './golden.ts';

const ranks = `r = If(c) < then_branch = t () => (float[2] u) { u = Squeeze(x) }, else_branch = e () => (float[1,2] u) { u = Neg(x) } >`;

goldenCases(canonicalizeIf, [
  {
    title: 'a negated condition, twice and once',
    input: `g (bool c, float[2] x) => (float[2] y, float[2] z) { n = Not(c) m = Not(n)
      y = If(n) < then_branch = t () => (float[2] u) { u = Neg(x) }, else_branch = e () => (float[2] u) { u = Relu(x) } >
      z = If(m) < then_branch = t () => (float[2] u) { u = Neg(x) }, else_branch = e () => (float[2] u) { u = Relu(x) } > }`,
    expected: `g (bool c, float[2] x) => (float[2] y, float[2] z) { n = Not(c) m = Not(n)
      y = If(c) < then_branch = e () => (float[2] u) { u = Relu(x) }, else_branch = t () => (float[2] u) { u = Neg(x) } >
      z = If(c) < then_branch = t () => (float[2] u) { u = Neg(x) }, else_branch = e () => (float[2] u) { u = Relu(x) } > }`,
    counts: { 'conditions replaced': 2 },
    feeds: { c: [1] },
  },
  {
    title: 'the rank that another If gives',
    input: `g (bool c, float[1,2] x) => (float[2] y, float[] r) <int64 two = {2}> { ${ranks} s = Shape(r) k = Size(s) b = Equal(k, two)
      y = If(b) < then_branch = t () => (float[2] v) { a = Abs(x) v = Squeeze(a) }, else_branch = e () => (float[2] v) { v = Squeeze(x) } > }`,
    expected: `g (bool c, float[1,2] x) => (float[2] y, float[] r) <int64 two = {2}> { ${ranks} s = Shape(r) k = Size(s) b = Equal(k, two)
      y = If(c) < then_branch = e () => (float[2] v) { v = Squeeze(x) }, else_branch = t () => (float[2] v) { a = Abs(x) v = Squeeze(a) } > }`,
    feeds: { c: [0] },
  },
  {
    title:
      'not the length of a part of a shape, a rank that no branch or every branch has, or what is not compared with a number',
    input: `g (bool c, float[1,2] x, int64 i) => (float[1,2] y, float[1,2] z, float[1,2] w, float[] r) <int64 two = {2}, int64 five = {5}> {
      ${ranks} p = Shape<start = 1>(r) k = Size(p) b = Equal(k, two)
      y = If(b) < then_branch = t () => (float[1,2] v) { v = Neg(x) }, else_branch = e () => (float[1,2] v) { v = Abs(x) } >
      s = Shape(r) l = Size(s) d = Equal(l, five)
      z = If(d) < then_branch = t () => (float[1,2] v) { v = Neg(x) }, else_branch = e () => (float[1,2] v) { v = Abs(x) } >
      f = Equal(l, i)
      w = If(f) < then_branch = t () => (float[1,2] v) { v = Neg(x) }, else_branch = e () => (float[1,2] v) { v = Abs(x) } > }`,
  },
]);
