import { fuseRotations } from '../../passes/fuse-rotations.ts';
import { goldenCases } from './golden.ts';

goldenCases(fuseRotations, [
  {
    title: 'neighbours, with angles that broadcast over batch and heads',
    input: `g (float[b,s,12] x, float[s,1,2] c, float[s,1,2] t) => (float[b,s,3,4] y) <int64[5] pairs = {0, 0, 3, 2, 2}, int64 zero = {0}, int64 one = {1}, int64[1] last = {-1}, int64[4] shape = {0, 0, 3, 4}> {
      p = Reshape(x, pairs) a = Gather <axis = 4> (p, zero) q = Gather <axis = -1> (p, one)
      ac = Mul(a, c) bs = Mul(q, t) u = Sub(ac, bs) as = Mul(t, a) bc = Mul(q, c) w = Add(as, bc)
      u1 = Unsqueeze(u, last) w1 = Unsqueeze(w, last) st = Concat <axis = -1> (u1, w1) y = Reshape(st, shape) }`,
    expected: `g (float[b,s,12] x, float[s,1,2] c, float[s,1,2] t) => (float[b,s,3,4] y) <int64[5] pairs = {0, 0, 3, 2, 2}, int64[4] flat = {0, 0, 3, 4}, int64[4] twin = {1, 0, 3, 2},
        int64[4] twice = {0, 0, 1, 1}, int64[4] again = {0, 0, 1, 1}, int64 zero = {0}, int64 one = {1}, float[4] sign = {-1, 1, -1, 1}> {
      p = Reshape(x, pairs) a = Gather <axis = 4> (p, zero) q = Gather <axis = -1> (p, one) f = Reshape(p, flat) r = Gather <axis = 3> (f, twin) cc = Gather <axis = 2> (c, twice) k = Mul(f, cc)
      ss = Gather <axis = 2> (t, again) sg = Mul(ss, sign) m = Mul(r, sg) y = Add(k, m) }`,
    counts: { 'rotation-of-neighbours': 1 },
    sizes: { b: 2, s: 5 },
  },
  {
    title: 'halves',
    input: `g (float[2,5,4] x, float[5,2] c, float[5,2] t) => (float[2,5,4] y) <int64[2] two = {2, 2}> {
      a, b = Split <axis = -1> (x, two) ac = Mul(a, c) bs = Mul(b, t) u = Sub(ac, bs) bc = Mul(b, c) as = Mul(a, t) w = Add(bc, as)
      y = Concat <axis = -1> (u, w) }`,
    expected: `g (float[2,5,4] x, float[5,2] c, float[5,2] t) => (float[2,5,4] y) <int64[2] two = {2, 2}, int64[4] twice = {0, 1, 0, 1}, int64[4] again = {0, 1, 0, 1}, float[4] sign = {-1, -1, 1, 1}> {
      a, b = Split <axis = -1> (x, two) r = Concat <axis = 2> (b, a) cc = Gather <axis = 1> (c, twice) k = Mul(x, cc)
      ss = Gather <axis = 1> (t, again) sg = Mul(ss, sign) m = Mul(r, sg) y = Add(k, m) }`,
    counts: { 'rotation-of-halves': 1 },
  },
  {
    title: 'a half that is negated',
    input: `g (float[2,n,4] x, float[1,n,4] t) => (float[2,n,4] y) <int64[2] two = {2, 2}> {
      a, b = Split <axis = -1> (x, two) m = Neg(b) r = Concat <axis = -1> (m, a) y = Mul(r, t) }`,
    expected: `g (float[2,n,4] x, float[1,n,4] t) => (float[2,n,4] y) <int64[2] two = {2, 2}, float[4] sign = {-1, -1, 1, 1}> {
      a, b = Split <axis = -1> (x, two) r = Concat <axis = 2> (b, a) s = Mul(t, sign) y = Mul(r, s) }`,
    counts: { 'sign-of-turned-half': 1 },
  },
  {
    title: 'angles with one entry for all pairs, parts that are no halves, and pairs taken in another order stay',
    input: `g (float[2,5,4] x, float[5,1] c, float[5,1] t, float[2,5,4] z, float[1,5,4] r4) => (float[2,5,4] y, float[2,5,4] q) <int64[2] two = {2, 2}, int64[2] one = {1, 3}> {
      a, b = Split <axis = -1> (x, two) ac = Mul(a, c) bs = Mul(b, t) u = Sub(ac, bs) bc = Mul(b, c) as = Mul(a, t) w = Add(bc, as)
      y = Concat <axis = -1> (u, w) d, e = Split <axis = -1> (z, one) m = Neg(e) r = Concat <axis = -1> (m, d) q = Mul(r, r4) }`,
    counts: {
      'rotation-of-halves rejected: the angles are not one for each pair': 1,
      'rotation-of-halves rejected: there are no halves of a last axis of proven size': 1,
      'sign-of-turned-half rejected: the parts are no halves': 1,
    },
  },
  {
    title: 'integers stay',
    input: `g (int64[2,4] x, int64[2,4] t) => (int64[2,4] y) <int64[2] two = {2, 2}> {
      a, b = Split <axis = -1> (x, two) m = Neg(b) r = Concat <axis = -1> (m, a) y = Mul(r, t) }`,
    counts: { 'sign-of-turned-half rejected: the element type is not proven to be a float': 1 },
  },
]);
