import { fuseShuffles } from '../../passes/fuse-shuffles.ts';
import { goldenCases } from './golden.ts';

goldenCases(fuseShuffles, [
  {
    title: 'a channel shuffle, with a batch size that is not known',
    input: `g (float[N,6,H,2] x) => (float[N,6,H,2] y) <int64[5] a = {0, 2, 3, -1, 2}, int64[4] b = {0, 6, -1, 2}> {
      r = Reshape(x, a) t = Transpose<perm = [0, 2, 1, 3, 4]>(r) y = Reshape(t, b) }`,
    expected: `g (float[N,6,H,2] x) => (float[N,6,H,2] y) <int64[6] order = {0, 3, 1, 4, 2, 5}> { y = Gather<axis = 1>(x, order) }`,
    counts: { 'shuffle-to-gather': 1 },
    sizes: { N: 2, H: 3 },
  },
  {
    title: 'a shuffle of three axes, in another shape',
    input: `g (float[2,12] x) => (float[2,3,4] y) <int64[4] a = {2, 2, 3, 2}, int64[3] b = {2, 3, 4}> {
      r = Reshape(x, a) t = Transpose<perm = [0, 3, 1, 2]>(r) y = Reshape(t, b) }`,
    expected: `g (float[2,12] x) => (float[2,3,4] y) <int64[12] order = {0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11}, int64[3] b = {2, 3, 4}> {
      g = Gather<axis = 1>(x, order) y = Reshape(g, b) }`,
  },
  {
    title: 'the halves of a shuffle',
    input: `g (float[1,6,2,2] x) => (float[1,3,2,2] y, float[1,3,2,2] z) <int64[3] a = {3, 2, 4}, int64[5] b = {2, 1, 3, 2, 2}, int64 zero = {0}, int64 one = {1}> {
      r = Reshape(x, a) t = Transpose<perm = [1, 0, 2]>(r) j = Reshape(t, b) y = Gather(j, zero) z = Gather(j, one) }`,
    expected: `g (float[1,6,2,2] x) => (float[1,3,2,2] y, float[1,3,2,2] z) <int64[3] a = {0, 2, 4}, int64[3] b = {1, 3, 5}> {
      y = Gather<axis = 1>(x, a) z = Gather<axis = 1>(x, b) }`,
    counts: { 'part-of-shuffle': 2 },
  },
  {
    title: 'a half of a shuffle whose axis has been taken apart further',
    input: `g (float[8,3] x) => (float[4,3] y) <int64[4] a = {2, 2, 2, 3}, int64[3] b = {2, 4, 3}, int64 one = {1}> {
      r = Reshape(x, a) t = Transpose<perm = [1, 0, 2, 3]>(r) j = Reshape(t, b) y = Gather(j, one) }`,
    expected: `g (float[8,3] x) => (float[4,3] y) <int64[4] entries = {2, 3, 6, 7}> { y = Gather<axis = 0>(x, entries) }`,
  },
  {
    title: 'not what permutes several axes, changes nothing, or is read in between',
    input: `g (float[2,3,4] x, float[2,6] u, float[2,1,6] w) => (float[4,6] y, float[2,2,3] z, float[2,6] v, float[2,6] s) <int64[3] a = {2, 3, 4}, int64[2] b = {4, 6},
      int64[3] c = {2, 3, 2}, int64[2] d = {2, 6}, int64[3] e = {2, 1, 6}> {
      r = Reshape(x, a) t = Transpose<perm = [2, 0, 1]>(r) y = Reshape(t, b) k = Reshape(u, c) z = Transpose<perm = [0, 2, 1]>(k) v = Reshape(z, d)
      n = Reshape(w, e) m = Transpose<perm = [0, 2, 1]>(n) s = Reshape(m, d) }`,
    counts: {
      'shuffle-to-gather rejected: no single axis of proven size is permuted': 1,
      'shuffle-to-gather rejected: the Transpose is a graph output': 1,
      'shuffle-to-gather rejected: the order of elements stays': 1,
    },
  },
  {
    title: 'not a part where the whole is needed too, and not one of several axes',
    input: `g (float[2,4] x, float[2,4] u) => (float[2,2,2] y, float[2,2] z, float[4] w) <int64[3] a = {2, 2, 2}, int64[2] b = {2, 4}, int64 one = {1}> {
      r = Reshape(x, a) t = Transpose<perm = [2, 0, 1]>(r) y = Reshape(t, a) z = Gather(y, one)
      k = Reshape(u, a) m = Transpose<perm = [0, 2, 1]>(k) n = Reshape(m, b) w = Gather(n, one) }`,
    expected: `g (float[2,4] x, float[2,4] u) => (float[2,2,2] y, float[2,2] z, float[4] w) <int64[3] a = {2, 2, 2}, int64 one = {1}, int64[4] order = {0, 2, 1, 3}> {
      r = Reshape(x, a) t = Transpose<perm = [2, 0, 1]>(r) y = Reshape(t, a) z = Gather(y, one)
      n = Gather<axis = 1>(u, order) w = Gather(n, one) }`,
  },
  {
    title: 'not of texts',
    input: `g (string[2,6] x) => (string[2,6] y) <int64[3] a = {2, 3, 2}, int64[2] b = {2, 6}> {
      r = Reshape(x, a) t = Transpose<perm = [0, 2, 1]>(r) y = Reshape(t, b) }`,
    counts: { 'shuffle-to-gather rejected: the elements are not proven to be numbers': 1 },
  },
]);
