import { unrollLoops } from '../../passes/unroll-loops.ts';
import { goldenCases } from './golden.ts';

const body = `body = b (int64 i, bool c, float[2] v) => (bool d, float[2] w, float[2] s) { d = Identity(c)  w = Add(v, x)  s = Neg(w) }`;

goldenCases(unrollLoops, [
  {
    title: 'a constant number of trips, what they carry and what they give out',
    input: `g (float[2] x) => (float[2] y, float[2,2] z) <int64 n = {2}, bool t = {1}> { y, z = Loop <${body}> (n, t, x) }`,
    expected: `g (float[2] x) => (float[2] y, float[2,2] z)
      <int64 n = {2}, bool t = {1}, bool k = {1}, int64 i0 = {0}, int64 i1 = {1}, int64[1] a0 = {0}, int64[1] a1 = {0}> {
      d0 = Identity(k)  w0 = Add(x, x)  s0 = Neg(w0)
      d1 = Identity(k)  y = Add(w0, x)  s1 = Neg(y)
      u0 = Unsqueeze(s0, a0)  u1 = Unsqueeze(s1, a1)  z = Concat <axis = 0> (u0, u1)
    }`,
    counts: { 'loops written out': 1 },
  },
  {
    title: 'the number of the trip, a condition that is a constant, axes as attributes',
    opset: 11,
    input: `g (float[2] x) => (float[1,2] z) <int64 n = {1}> {
      y, z = Loop <body = b (int64 i, bool c, float[2] v) => (bool d, float[2] w, float[2] s) <bool d = {1}> {
        f = Cast <to = 1> (i)  w = Add(v, f)  s = Neg(w) }> (n, , x)
    }`,
    expected: `g (float[2] x) => (float[1,2] z) <int64 n = {1}, bool k = {1}, int64 i = {0}, bool d = {1}> {
      f = Cast <to = 1> (i)  w = Add(x, f)  s = Neg(w)  u = Unsqueeze <axes = [0]> (s)  z = Concat <axis = 0> (u)
    }`,
  },
  {
    title: 'not a number of trips that is given at run time',
    input: `g (float[2] x, int64 n) => (float[2] y) <bool t = {1}> { y, z = Loop <${body}> (n, t, x) }`,
    feeds: { n: [2] },
    counts: { 'kept: the number of trips is not known': 1 },
  },
  {
    title: 'not one that may end early',
    input: `g (float[2] x) => (float[2] y) <int64 n = {3}, bool t = {1}, int64 two = {2}> {
      y = Loop <body = b (int64 i, bool c, float[2] v) => (bool d, float[2] w) { d = Less(i, two)  w = Add(v, x) }> (n, t, x)
    }`,
    counts: { 'kept: the number of trips is not known': 1 },
  },
  {
    title: 'not one whose condition is false from the beginning',
    input: `g (float[2] x) => (float[2] y) <int64 n = {3}, bool t = {0}> { y, z = Loop <${body}> (n, t, x) }`,
    counts: { 'kept: the number of trips is not known': 1 },
  },
  {
    title: 'not one whose body gives less than it should, which the runtime refuses',
    input: `g (float[2] x) => (float[2] y) <int64 n = {2}, bool t = {1}> {
      y, z = Loop <body = b (int64 i, bool c, float[2] v) => (bool c, float[2] w) { w = Add(v, x) }> (n, t, x)
    }`,
    notRun: 'it is an error there',
    counts: {},
  },
  {
    title: 'not beyond the budget of trips or of nodes',
    options: { maxTrips: 2 },
    input: `g (float[2] x) => (float[2] y) <int64 n = {3}, bool t = {1}> { y, z = Loop <${body}> (n, t, x) }`,
    counts: { 'kept: over budget': 1 },
  },
  {
    title: 'not a number of trips that is a fraction',
    input: `g (float[2] x) => (float[2] y) <float n = {1.5}, bool t = {1}> { y, z = Loop <${body}> (n, t, x) }`,
    notRun: 'no runtime takes it',
    counts: { 'kept: the number of trips is not known': 1 },
  },
]);
