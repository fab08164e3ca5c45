import { fuseIfs } from '../../passes/fuse-ifs.ts';
import { goldenCases } from './golden.ts';

goldenCases(fuseIfs, [
  {
    title: 'two side by side, of which the second reads the first, in a nested branch too',
    input: `g (bool c, bool d, float[2] x) => (float[2] y) <float[2] k = {1, 2}> {
      a = If(c) < then_branch = t () => (float[2] u) <float[2] m = {3, 4}> { u = Add(x, m) }, else_branch = e () => (float[2] u) { u = Relu(x) } >
      n = Neg(x)
      y = If(c) < then_branch = t () => (float[2] u) { v = If(d) < then_branch = p () => (float[2] w) { w = Mul(a, n) }, else_branch = q () => (float[2] w) { w = Abs(a) } > u = Add(v, k) },
        else_branch = e () => (float[2] u) { u = Sub(a, n) } > }`,
    expected: `g (bool c, bool d, float[2] x) => (float[2] y) <float[2] k = {1, 2}> { n = Neg(x)
      y = If(c) < then_branch = t () => (float[2] u) <float[2] m = {3, 4}> { a = Add(x, m)
          v = If(d) < then_branch = p () => (float[2] w) { w = Mul(a, n) }, else_branch = q () => (float[2] w) { w = Abs(a) } > u = Add(v, k) },
        else_branch = e () => (float[2] u) { a = Relu(x) u = Sub(a, n) } > }`,
    counts: { 'Ifs merged': 1 },
    feeds: { c: [1], d: [1] },
  },
  {
    title: 'results that others read stay results; several become one; equal names are told apart',
    input: `g (bool c, float[2] x) => (float[2] y, float[2] z, float[2] w) {
      y = If(c) < then_branch = t () => (float[2] u) { u = Neg(x) }, else_branch = e () => (float[2] u) { u = Relu(x) } >
      z = If(c) < then_branch = t () => (float[2] u) { u = Exp(y) }, else_branch = e () => (float[2] u) { u = Abs(x) } >
      a, b = If(c) < then_branch = t () => (float[2] u = x, float[2] v) { v = Exp(z) }, else_branch = e () => (float[2] u, float[2] v = x) { u = Abs(z) } >
      w = Add(a, b) }`,
    expected: `g (bool c, float[2] x) => (float[2] y, float[2] z, float[2] w) {
      y, z, a, b = If(c) < then_branch = t () => (float[2] u, float[2] u_1, float[2] u_2 = x, float[2] v) { u = Neg(x) u_1 = Exp(u) v = Exp(u_1) },
        else_branch = e () => (float[2] u, float[2] u_1, float[2] u_2, float[2] v = x) { u = Relu(x) u_1 = Abs(x) u_2 = Abs(u_1) } >
      w = Add(a, b) }`,
    counts: { 'Ifs merged': 2 },
    feeds: { c: [0] },
  },
  {
    title: 'not where a node between reads the first, also inside a branch, or where the conditions differ',
    input: `g (bool c, bool d, float[2] x) => (float[2] y, float[2] z, float[2] w) {
      a = If(c) < then_branch = t () => (float[2] u) { u = Neg(x) }, else_branch = e () => (float[2] u) { u = Relu(x) } >
      w = If(d) < then_branch = t () => (float[2] u) { u = Exp(a) }, else_branch = e () => (float[2] u) { u = Abs(x) } >
      y = If(c) < then_branch = t () => (float[2] u) { u = Exp(x) }, else_branch = e () => (float[2] u) { u = Abs(a) } >
      n = Neg(y)
      z = If(c) < then_branch = t () => (float[2] u) { u = Exp(n) }, else_branch = e () => (float[2] u) { u = Abs(x) } > }`,
  },
  {
    title: 'not where a branch between gives the result of the first as it is',
    input: `g (bool c, bool d, float[2] x) => (float[2] y, float[2] w) {
      a = If(c) < then_branch = t () => (float[2] u) { u = Neg(x) }, else_branch = e () => (float[2] u) { u = Relu(x) } >
      w = If(d) < then_branch = t () => (float[2] u = a) { }, else_branch = e () => (float[2] u) { u = Abs(x) } >
      y = If(c) < then_branch = t () => (float[2] u) { u = Exp(x) }, else_branch = e () => (float[2] u) { u = Abs(a) } > }`,
  },
  {
    title: 'not where a branch has an input or fewer results than the node, which no runtime takes',
    input: `g (bool c, bool d, float[2] x) => (float[2] y, float[2] z, float[2] w) {
      y = If(c) < then_branch = t (float[2] i) => (float[2] u) { u = Neg(i) }, else_branch = e () => (float[2] u) { u = Relu(x) } >
      z = If(c) < then_branch = t () => (float[2] u) { u = Exp(x) }, else_branch = e () => (float[2] u) { u = Abs(x) } >
      w = If(d) < then_branch = t () => () { u = Exp(x) }, else_branch = e () => (float[2] u) { u = Abs(x) } > }`,
    notRun: 'no runtime takes it',
  },
]);
