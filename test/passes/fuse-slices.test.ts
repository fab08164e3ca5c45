import { fuseSlices } from '../../passes/fuse-slices.ts';
import { goldenCases } from './golden.ts';

const numbers = 'int64[1] zero = {0}, int64[1] one = {1}, int64[1] two = {2}, int64[1] three = {3}';

goldenCases(fuseSlices, [
  {
    title: 'not into a Gather of strings',
    input: `g (string[2,3] x) => (string[2] y) <int64[1] a = {1}, int64[1] e = {2}> { s = Slice(x, a, e, a) y = Squeeze(s, a) }`,
  },
  {
    title: 'not where operands of a Slice are not equally long, which no runtime takes',
    input: `g (float[4,4] x) => (float[] y) <int64[1] a = {1}, int64[2] e = {3, 3}, int64[1] b = {0}, int64[2] c = {0, 1}, int64[2] f = {9, 9}> {
      s = Slice(x, a, e, b) y = Slice(s, c, f, b) }`,
    notRun: 'no runtime takes it',
  },
  {
    title: 'a Slice of a Slice along another axis, shared by several, with steps',
    input: `g (float[4,6] x) => (float[2,3] y, float[2,3] z) <${numbers}, int64[1] end = {2147483647}> {
      a = Slice(x, zero, end, zero, two) y = Slice(a, zero, end, one, two) z = Slice(a, one, end, one, two) }`,
    expected: `g (float[4,6] x) => (float[2,3] y, float[2,3] z) <int64[2] s = {0, 0}, int64[2] e = {2147483647, 2147483647},
      int64[2] axes = {0, 1}, int64[2] steps = {2, 2}, int64[2] t = {0, 1}, int64[2] f = {2147483647, 2147483647}, int64[2] b = {0, 1}, int64[2] c = {2, 2}> {
      y = Slice(x, s, e, axes, steps) z = Slice(x, t, f, b, c) }`,
    counts: { 'slice-of-slice': 2 },
  },
  {
    title: 'not along the same axis, and not where the part is needed as a whole',
    input: `g (float[6] x, float[4,6] u) => (float[2] y, float[2,6] v, float[2,3] w) <${numbers}> {
      a = Slice(x, one, three, zero) y = Slice(a, zero, two, zero) b = Slice(u, zero, two, zero) v = Relu(b) w = Slice(b, zero, three, one) }`,
  },
  {
    title: 'one element whose axis is dropped, from either end',
    input: `g (float[N,4,3] x) => (float[N,3] y, float[N,4] z) <${numbers}, int64[1] last = {-1}, int64[1] end = {9223372036854775807}> {
      a = Slice(x, two, three, one) y = Squeeze(a, one) b = Slice(x, last, end, last) z = Squeeze(b, last) }`,
    expected: `g (float[N,4,3] x) => (float[N,3] y, float[N,4] z) <int64 i = {2}, int64 j = {-1}> {
      y = Gather<axis = 1>(x, i) z = Gather<axis = 2>(x, j) }`,
    counts: { 'slice-of-one': 2 },
  },
  {
    title: 'not several elements, nor other axes, nor from the end to nothing',
    input: `g (float[1,4,3] x) => (float[?,4,2] y, float[4,1] z) <${numbers}, int64[1] last = {-1}> {
      a = Slice(x, zero, two, two) y = Squeeze(a) b = Slice(x, one, two, two) z = Squeeze(b, zero) c = Slice(x, last, zero, one) d = Squeeze(c, one) }`,
    notRun: 'dead nodes that ONNX Runtime refuses',
  },
  {
    title: 'not one from the end before opset 11',
    opset: 10,
    input: `g (float[4,3] x) => (float[4] y) <int64[1] last = {-1}, int64[1] end = {2147483647}, int64[1] one = {1}> {
      a = Slice(x, last, end, one) y = Squeeze<axes = [1]>(a) }`,
  },
  {
    title: 'parts that follow one another, in any order',
    input: `g (float[N,6] x) => (float[N,1] y, float[N,2] z, float[N,3] w) <${numbers}, int64[1] back = {-3}, int64[1] end = {9223372036854775807}> {
      a = Slice(x, back, end, one) w = Neg(a) z = Slice(x, one, three, one) y = Slice(x, zero, one, one) }`,
    expected: `g (float[N,6] x) => (float[N,1] y, float[N,2] z, float[N,3] w) <int64[3] sizes = {1, 2, 3}> {
      y, z, a = Split<axis = 1>(x, sizes) w = Neg(a) }`,
    counts: { 'values split': 1 },
  },
  {
    title: 'parts whose Slices name the other axes too',
    input: `g (float[N,4] x) => (float[N,1] y, float[N,3] z) <int64[2] a = {0, 0}, int64[2] b = {2147483647, 1}, int64[2] c = {0, 1}, int64[2] d = {2147483647, 4}> {
      y = Slice(x, a, b) z = Slice(x, c, d) }`,
    expected: `g (float[N,4] x) => (float[N,1] y, float[N,3] z) <int64[2] sizes = {1, 3}> { y, z = Split<axis = 1>(x, sizes) }`,
  },
  {
    title: 'sizes as an attribute before opset 13, ranges as attributes before opset 10',
    opset: 9,
    input: `g (float[2,4] x) => (float[2,1] y, float[2,3] z) {
      y = Slice<starts = [0], ends = [1], axes = [1]>(x) z = Slice<starts = [1], ends = [100], axes = [1]>(x) }`,
    expected: `g (float[2,4] x) => (float[2,1] y, float[2,3] z) { y, z = Split<axis = 1, split = [1, 3]>(x) }`,
  },
  {
    title: 'not parts that overlap, leave something out, step, or cut what has no proven size',
    input: `g (float[N,6] x, float[6] u) => (float[N,3] y, float[N,4] z, float[2] w, float[3] v, float[?,6] r, float[?,6] s) <${numbers}, int64[1] end = {6}, int64[1] big = {9223372036854775807}> {
      y = Slice(x, zero, three, one) z = Slice(x, two, end, one) w = Slice(u, zero, two, zero) v = Slice(u, three, end, zero)
      r = Slice(x, zero, one, zero) s = Slice(x, one, big, zero) }`,
  },
  {
    title: 'not along axes that are not there',
    input: `g (float[2,4] x) => (float[] y) <${numbers}> { a = Slice(x, zero, one, one) y = Slice(a, zero, one, three) }`,
    counts: { 'slice-of-slice rejected: the Slice names axes that are not there': 1 },
    notRun: 'no runtime takes it',
  },
]);
