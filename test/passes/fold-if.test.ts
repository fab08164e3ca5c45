import { foldIf } from '../../passes/fold-if.ts';
import { goldenCases } from './golden.ts';

const branches = `< then_branch = t () => (float[2] u) <float[2] k = {1, 2}> { v = Add(x, k) u = Neg(v) },
  else_branch = e () => (float[2] u) { u = Relu(x) } >`;

goldenCases(foldIf, [
  {
    title: 'true takes the then branch with its constants',
    input: `g (float[2] x) => (float[2] y) <bool c = {1}> { y = If(c) ${branches} }`,
    expected: `g (float[2] x) => (float[2] y) <float[2] k = {1, 2}, bool c = {1}> { v = Add(x, k) y = Neg(v) }`,
    counts: { 'branches inlined': 1 },
  },
  {
    title: 'false takes the else branch; a condition of one element is one too',
    input: `g (float[2] x) => (float[2] y) <bool[1] c = {0}> { y = If(c) ${branches} }`,
    expected: `g (float[2] x) => (float[2] y) <bool[1] c = {0}> { y = Relu(x) }`,
  },
  {
    title: 'a branch that gives outer values and constants, as graph outputs',
    input: `g (float[2] x) => (float[2] y, float[2] z) <bool c = {1}> {
      y, z = If(c) < then_branch = t () => (float[2] u = x, float[2] k) <float[2] k = {1, 2}> { }, else_branch = e () => (float[2] u, float[2] v) { u = Relu(x) v = Neg(x) } > }`,
    expected: `g (float[2] x) => (float[2] y = x, float[2] z = k) <float[2] k = {1, 2}, bool c = {1}> { }`,
  },
  {
    title: 'an If inside the branch comes with its own branches, and is replaced in turn',
    input: `g (bool d, float[2] x) => (float[2] y) <bool c = {1}> {
      y = If(c) < then_branch = t () => (float[2] u) { a = Neg(x)
          b = If(d) < then_branch = p () => (float[2] w) { w = Add(a, x) }, else_branch = q () => (float[2] w) { w = Relu(a) } >
          u = If(c) < then_branch = p () => (float[2] w) { w = Add(a, b) }, else_branch = q () => (float[2] w) { w = Relu(a) } > },
        else_branch = e () => (float[2] u) { u = Relu(x) } > }`,
    expected: `g (bool d, float[2] x) => (float[2] y) <bool c = {1}> { a = Neg(x)
      b = If(d) < then_branch = p () => (float[2] w) { w = Add(a, x) }, else_branch = q () => (float[2] w) { w = Relu(a) } >
      y = Add(a, b) }`,
    counts: { 'branches inlined': 2 },
    feeds: { d: [1] },
  },
  {
    title: 'a condition that may be given stays',
    input: `g (float[2] x, bool c = {1}) => (float[2] y) { y = If(c) ${branches} }`,
    counts: {},
  },
  {
    title: 'branches that no runtime takes stay: with an input, and with fewer results than the node',
    input: `g (float[2] x) => (float[2] y, float[2] z) <bool c = {1}> {
      y = If(c) < then_branch = t (float[2] i) => (float[2] u) { u = Neg(i) }, else_branch = e () => (float[2] u) { u = Relu(x) } >
      z = If(c) < then_branch = t () => () { u = Neg(x) }, else_branch = e () => (float[2] u) { u = Relu(x) } > }`,
    notRun: 'no runtime takes it',
  },
]);
