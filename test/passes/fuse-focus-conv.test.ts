import { fuseFocusConv } from '../../passes/fuse-focus-conv.ts';
import { goldenCases } from './golden.ts';

const numbers = (count: number): string => Array.from({ length: count }, (_, i) => (((i * 7) % 11) - 5) / 4).join(', ');
const END = '2147483647';
const SLICES = `a = Slice(x, s00, end, axes, two) b = Slice(x, s10, end, axes, two) c = Slice(x, s01, end, axes, two) d = Slice(x, s11, end, axes, two)
      f = Concat <axis = 1> (a, b, c, d)`;
const RANGES = `int64[2] s00 = {0, 0}, int64[2] s10 = {1, 0}, int64[2] s01 = {0, 1}, int64[2] s11 = {1, 1}, int64[2] end = {${END}, ${END}}, int64[2] axes = {2, 3}, int64[2] two = {2, 2}`;

goldenCases(fuseFocusConv, [
  {
    title: 'even and odd pixels in the order of exporters',
    input: `g (float[n,1,4,6] x) => (float[n,1,2,3] y) <${RANGES}, float[1,4,1,1] w = {1, 2, 3, 4}, float[1] bias = {5}> {
      ${SLICES} y = Conv(f, w, bias) }`,
    expected: `g (float[n,1,4,6] x) => (float[n,1,2,3] y) <${RANGES}, float[1,1,2,2] w = {1, 3, 2, 4}, float[1] bias = {5}> {
      ${SLICES.replace('f = Concat <axis = 1> (a, b, c, d)', '')} y = Conv <kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0]> (x, w, bias) }`,
    counts: { 'focus-into-conv': 1 },
  },
  {
    title: 'pixels that are missing, a size that is odd, and groups stay',
    input: `g (float[n,1,4,6] x, float[n,1,5,6] z) => (float[n,1,2,3] y, float[n,1,2,3] u, float[n,4,2,3] v) <${RANGES}, int64[2] e = {4, 6}, float[1,4,1,1] w = {1, 2, 3, 4}, float[4,1,1,1] g4 = {${numbers(4)}}> {
      a = Slice(x, s00, end, axes, two) b = Slice(x, s10, end, axes, two) f = Concat <axis = 1> (a, b, a, b) y = Conv(f, w)
      h = Slice(z, s00, e, axes, two) i = Slice(z, s10, e, axes, two) j = Slice(z, s01, e, axes, two) k = Slice(z, s11, e, axes, two)
      l = Concat <axis = 1> (h, i, j, k) u = Conv(l, w)
      c = Slice(x, s01, end, axes, two) d = Slice(x, s11, end, axes, two) m = Concat <axis = 1> (a, b, c, d) v = Conv <group = 4> (m, g4) }`,
    counts: {
      'focus-into-conv rejected: what is joined are not the pixels of blocks': 2,
      'focus-into-conv rejected: the Conv has groups or dilations': 1,
    },
  },
]);
