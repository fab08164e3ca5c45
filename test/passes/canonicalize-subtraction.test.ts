import { canonicalizeSubtraction } from '../../passes/canonicalize-subtraction.ts';
import { goldenCases } from './golden.ts';

goldenCases(canonicalizeSubtraction, [
  {
    title: 'of a constant, which others keep as it is',
    input: `g (float[2] x, float[2] u) => (float[2] y, float[2] z) <float[2] c = {1, -2}> { y = Sub(x, c) z = Mul(u, c) }`,
    expected: `g (float[2] x, float[2] u) => (float[2] y, float[2] z) <float[2] c = {1, -2}, float[2] d = {-1, 2}> { y = Add(x, d) z = Mul(u, c) }`,
    counts: { 'sub-constant-to-add': 1 },
  },
  {
    title: 'zeros change their sign with it: -0 - 0 and -0 + -0 are both -0',
    input: `g (float[4] x) => (float[4] y) <float c = {0}> { y = Sub(x, c) }`,
    expected: `g (float[4] x) => (float[4] y) <float c = {-0.0}> { y = Add(x, c) }`,
    feeds: { x: [-0, 0, 1, -1] },
  },
  {
    title: 'not from a constant, and not integers, whose least has no negative',
    input: `g (float[2] x, int32[2] i) => (float[2] y, int32[2] z) <float c = {1}, int32 d = {1}> { y = Sub(c, x) z = Sub(i, d) }`,
    counts: { 'sub-constant-to-add rejected: the element type is not floating point': 1 },
  },
  {
    title: 'of a damaged file, which holds a graph that belongs to one node alone',
    input: `g (float[2] x) => (float[2] y) <float[2] c = {1, -2}> { y = Sub <body = h () => (float[2] z) { z = Neg(x) }> (x, c) }`,
    expected: `g (float[2] x) => (float[2] y) <float[2] d = {-1, 2}> { y = Add <body = h () => (float[2] z) { z = Neg(x) }> (x, d) }`,
    notRun: 'no runtime takes it',
  },
]);
