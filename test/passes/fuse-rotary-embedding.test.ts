import { fuseRotaryEmbedding } from '../../passes/fuse-rotary-embedding.ts';
import { goldenCases } from './golden.ts';

const opset = 23;

/** Neighbours of the last axis, of which there are four. */
const NEIGHBOURS = 'int64[4] twin = {1, 0, 3, 2}, int64[4] twice = {0, 0, 1, 1}, float[4] sign = {-1, 1, -1, 1}';

/** Halves of the last axis. */
const HALVES = 'int64[2] parts = {2, 2}, int64[4] twice = {0, 1, 0, 1}, float[4] sign = {-1, -1, 1, 1}';

const turnNeighbours = `t = Gather <axis = -1> (x, twin) cc = Gather <axis = -1> (c, twice) ss = Gather <axis = -1> (s, twice)
  k = Mul(x, cc) g = Mul(ss, sign) m = Mul(t, g) y = Add(k, m)`;

/** What nobody reads any longer; another pass takes it away. */
const DEAD = 't = Gather <axis = -1> (x, twin) cc = Gather <axis = -1> (c, twice) ss = Gather <axis = -1> (s, twice)';

const turnHalves = `a, b = Split <axis = -1> (x, parts) t = Concat <axis = 3> (b, a) cc = Gather <axis = -1> (c, twice)
  ss = Gather <axis = -1> (s, twice) k = Mul(cc, x) g = Mul(ss, sign) m = Mul(t, g) y = Add(m, k)`;

goldenCases(fuseRotaryEmbedding, [
  {
    title: 'neighbours, with the heads behind the length',
    opset,
    input: `g (float[b,n,3,4] x, float[b,n,1,2] c, float[b,n,1,2] s) => (float[b,n,3,4] y) <${NEIGHBOURS}> { ${turnNeighbours} }`,
    expected: `g (float[b,n,3,4] x, float[b,n,1,2] c, float[b,n,1,2] s) => (float[b,n,3,4] y) <int64[4] twin = {1, 0, 3, 2}, int64[4] twice = {0, 0, 1, 1}, int64[1] a = {2}, int64[1] e = {2}, int64[3] w = {0, 0, 12}, int64[4] h = {0, 0, 3, 4}> {
      ${DEAD}
      c3 = Squeeze(c, a) s3 = Squeeze(s, e) f = Reshape(x, w) r = RotaryEmbedding <interleaved = 1, num_heads = 3> (f, c3, s3) y = Reshape(r, h) }`,
    counts: { 'rotary-embedding': 1 },
    sizes: { b: 2, n: 3 },
  },
  {
    title: 'halves, with the heads before the length, and angles without a batch',
    opset,
    input: `g (float[1,3,n,4] x, float[1,n,2] c, float[n,2] s) => (float[1,3,n,4] y) <${HALVES}> { ${turnHalves} }`,
    expected: `g (float[1,3,n,4] x, float[1,n,2] c, float[n,2] s) => (float[1,3,n,4] y) <int64[2] parts = {2, 2}, int64[4] twice = {0, 1, 0, 1}, int64[3] w = {1, -1, 2}> {
      a, b = Split <axis = -1> (x, parts) t = Concat <axis = 3> (b, a) cc = Gather <axis = -1> (c, twice) ss = Gather <axis = -1> (s, twice)
      s3 = Reshape(s, w) y = RotaryEmbedding(x, c, s3) }`,
    counts: { 'rotary-embedding': 1 },
    sizes: { n: 5 },
  },
  {
    title: 'not before opset 23',
    opset: 22,
    input: `g (float[1,3,n,4] x, float[1,n,2] c, float[1,n,2] s) => (float[1,3,n,4] y) <${HALVES}> { ${turnHalves} }`,
    counts: { 'rotary-embedding rejected: it needs opset 23': 1 },
  },
  {
    title: 'not with angles of one batch for all, or one for each head',
    opset,
    input: `g (float[b,3,n,4] x, float[1,1,n,2] c, float[1,1,n,2] s) => (float[b,3,n,4] y) <${HALVES}> { ${turnHalves} }`,
    counts: { 'rotary-embedding rejected: the angles are not one for each place in the length': 1 },
  },
  {
    title: 'not with angles for each head',
    opset,
    input: `g (float[1,3,n,4] x, float[1,3,n,2] c, float[1,3,n,2] s) => (float[1,3,n,4] y) <${HALVES}> { ${turnHalves} }`,
    counts: { 'rotary-embedding rejected: the angles are not one for each place in the length': 1 },
  },
  {
    title: 'not the other way round',
    opset,
    input: `g (float[1,3,n,4] x, float[1,n,2] c, float[1,n,2] s) => (float[1,3,n,4] y) <${HALVES.replace('{-1, -1, 1, 1}', '{1, 1, -1, -1}')}> { ${turnHalves} }`,
    counts: { 'rotary-embedding rejected: the signs are others': 1 },
  },
  {
    title: 'not halves with the angles of neighbours',
    opset,
    input: `g (float[1,3,n,4] x, float[1,n,2] c, float[1,n,2] s) => (float[1,3,n,4] y) <${HALVES.replace('{0, 1, 0, 1}', '{0, 0, 1, 1}')}> { ${turnHalves} }`,
    counts: { 'rotary-embedding rejected: the angles are not there for both coordinates': 1 },
  },
  {
    title: 'not where another value is turned, or nothing is',
    opset,
    input: `g (float[1,3,n,4] x, float[1,3,n,4] z, float[1,n,2] c, float[1,n,2] s) => (float[1,3,n,4] y, float[1,3,n,4] u) <${NEIGHBOURS}> {
      t = Gather <axis = -1> (z, twin) cc = Gather <axis = -1> (c, twice) ss = Gather <axis = -1> (s, twice)
      k = Mul(x, cc) g = Mul(ss, sign) m = Mul(t, g) y = Add(k, m) l = Mul(x, cc) o = Mul(z, g) u = Add(l, o) }`,
    counts: {
      'rotary-embedding rejected: another value is turned': 1,
      'rotary-embedding rejected: nothing is turned by neighbours or halves': 1,
    },
  },
  {
    title: 'an empty length stays empty',
    opset,
    input: `g (float[1,n,3,4] x, float[1,n,1,2] c, float[1,n,1,2] s) => (float[1,n,3,4] y) <${NEIGHBOURS}> { ${turnNeighbours} }`,
    expected: `g (float[1,n,3,4] x, float[1,n,1,2] c, float[1,n,1,2] s) => (float[1,n,3,4] y) <int64[4] twin = {1, 0, 3, 2}, int64[4] twice = {0, 0, 1, 1}, int64[1] a = {2}, int64[1] e = {2}, int64[3] w = {1, -1, 12}, int64[4] h = {1, -1, 3, 4}> {
      ${DEAD}
      c3 = Squeeze(c, a) s3 = Squeeze(s, e) f = Reshape(x, w) r = RotaryEmbedding <interleaved = 1, num_heads = 3> (f, c3, s3) y = Reshape(r, h) }`,
    counts: { 'rotary-embedding': 1 },
    sizes: { n: 0 },
  },
]);
