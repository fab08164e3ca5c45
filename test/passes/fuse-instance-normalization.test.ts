import { fuseInstanceNormalization } from '../../passes/fuse-instance-normalization.ts';
import { goldenCases } from './golden.ts';

const constants = 'float two = {2}, float eps = {1e-5}';
const core = `m = ReduceMean <axes = [2, 3]> (x) d = Sub (x, m) q = Pow (d, two)
  v = ReduceMean <axes = [-1, -2]> (q) e = Add (v, eps) s = Sqrt (e)`;

goldenCases(fuseInstanceNormalization, [
  {
    title: 'with scale and bias of each channel',
    input: `g (float[n,2,h,w] x) => (float[n,2,h,w] y) <${constants}, float[2,1,1] g = {2, 3}, float[1,2,1,1] b = {4, 5}> {
      ${core} r = Div (d, s) k = Mul (r, g) y = Add (k, b) }`,
    expected: `g (float[n,2,h,w] x) => (float[n,2,h,w] y) <float[2] g = {2, 3}, float[2] b = {4, 5}> {
      y = InstanceNormalization <epsilon = 1e-5> (x, g, b) }`,
    sizes: { h: 3, w: 4 },
    counts: {
      'written-out-instance-normalization': 1,
      'scale-into-instance-normalization': 1,
      'bias-into-instance-normalization': 1,
    },
  },
  {
    title: 'not of sequences, not over the channels too, not over the last axis alone',
    input: `g (float[2,3,4] x, float[2,3,4,2] z, float[2,3,4,2] k) => (float[2,3,4] y, float[2,3,4,2] u, float[2,3,4,2] t) <${constants}> {
      m = ReduceMean <axes = [2]> (x) d = Sub (x, m) q = Mul (d, d) v = ReduceMean <axes = [2]> (q) e = Add (v, eps) s = Sqrt (e) y = Div (d, s)
      m2 = ReduceMean <axes = [1, 2, 3]> (z) d2 = Sub (z, m2) q2 = Mul (d2, d2) v2 = ReduceMean <axes = [1, 2, 3]> (q2) e2 = Add (v2, eps) s2 = Sqrt (e2) u = Div (d2, s2)
      m3 = ReduceMean <axes = [3]> (k) d3 = Sub (k, m3) q3 = Mul (d3, d3) v3 = ReduceMean <axes = [3]> (q3) e3 = Add (v3, eps) s3 = Sqrt (e3) t = Div (d3, s3) }`,
    counts: {
      'written-out-instance-normalization rejected: it is not of images or volumes': 1,
      'written-out-instance-normalization rejected: the axes are not all behind the channels': 2,
    },
  },
  {
    title: 'not a scale along the width, which is as long as the channels',
    input: `g (float[1,2,3,2] x) => (float[1,2,3,2] y) <float[2] g = {2, 3}, float[2] b = {4, 5}, float[2] wide = {6, 7}> {
      n = InstanceNormalization (x, g, b) y = Mul (n, wide) }`,
    counts: {
      'scale-into-instance-normalization rejected: the constant varies along an axis that is not the channels': 1,
    },
  },
]);
