import { foldSequences } from '../../passes/fold-sequences.ts';
import { goldenCases } from './golden.ts';

goldenCases(foldSequences, [
  {
    title: 'an element at a constant place, counted from the front or the back, is the tensor itself',
    input: `g (float[2] a, float[2] b) => (float[2] y, float[2] z) <int64 i = {0}, int64 j = {-1}> {
      s = SequenceConstruct(a, b)  c = SequenceAt(s, i)  d = SequenceAt(s, j)  y = Neg(c)  z = Abs(d)
    }`,
    expected: `g (float[2] a, float[2] b) => (float[2] y, float[2] z) <int64 i = {0}, int64 j = {-1}> {
      s = SequenceConstruct(a, b)  y = Neg(a)  z = Abs(b)
    }`,
    counts: { 'SequenceAt replaced': 2 },
  },
  {
    title: 'elements that were inserted and erased at constant places',
    input: `g (float[2] a, float[2] b) => (float[2] y, int64 n) <int64 zero = {0}, int64 one = {1}> {
      e = SequenceEmpty()  s = SequenceInsert(e, a)  t = SequenceInsert(s, b, zero)  u = SequenceInsert(t, a)
      w = SequenceErase(u, one)  y = SequenceAt(w, zero)  n = SequenceLength(w)
    }`,
    expected: `g (float[2] a, float[2] b) => (float[2] y = b, int64 n = m) <int64 zero = {0}, int64 one = {1}, int64 m = {2}> {
      e = SequenceEmpty()  s = SequenceInsert(e, a)  t = SequenceInsert(s, b, zero)  u = SequenceInsert(t, a)
      w = SequenceErase(u, one)
    }`,
  },
  {
    title: 'joining along an axis that there is, and along a new one',
    input: `g (float[2] a, float[2] b) => (float[4] y, float[2,2] z) {
      s = SequenceConstruct(a, b)  y = ConcatFromSequence <axis = 0> (s)  z = ConcatFromSequence <axis = 1, new_axis = 1> (s)
    }`,
    expected: `g (float[2] a, float[2] b) => (float[4] y, float[2,2] z) <int64[1] p = {1}, int64[1] q = {1}> {
      s = SequenceConstruct(a, b)  y = Concat <axis = 0> (a, b)
      c = Unsqueeze(a, p)  d = Unsqueeze(b, q)  z = Concat <axis = 1> (c, d)
    }`,
  },
  {
    title: 'a tensor that is split into parts becomes one Split',
    input: `g (float[5,2] x) => (float[2,2] y, float[1,2] z) <int64 size = {2}, int64 i = {1}, int64 j = {2}> {
      s = SplitToSequence(x, size)  y = SequenceAt(s, i)  z = SequenceAt(s, j)
    }`,
    expected: `g (float[5,2] x) => (float[2,2] y, float[1,2] z) <int64 size = {2}, int64 i = {1}, int64 j = {2}, int64[3] sizes = {2, 2, 1}> {
      a, y, z = Split <axis = 0> (x, sizes)  s = SplitToSequence(x, size)
    }`,
  },
  {
    title: 'parts of one without the axis, by attributes where the opset has them so',
    opset: 11,
    input: `g (float[2,3] x) => (float[2] y) <int64 i = {1}> {
      s = SplitToSequence <axis = 1, keepdims = 0> (x)  y = SequenceAt(s, i)
    }`,
    expected: `g (float[2,3] x) => (float[2] y) <int64 i = {1}> {
      a, b, c = Split <axis = 1, split = [1, 1, 1]> (x)
      d = Squeeze <axes = [1]> (a)  y = Squeeze <axes = [1]> (b)  e = Squeeze <axes = [1]> (c)
      s = SplitToSequence <axis = 1, keepdims = 0> (x)
    }`,
  },
  {
    title: 'an optional that was made of something',
    opset: 15,
    input: `g (float[2] x) => (float[2] y, bool h) { o = Optional(x)  e = OptionalGetElement(o)  y = Neg(e)  h = OptionalHasElement(o) }`,
    expected: `g (float[2] x) => (float[2] y, bool h = t) <bool t = {1}> { o = Optional(x)  y = Neg(x) }`,
  },
  {
    title: 'not an element at a place that is found at run time',
    input: `g (float[2] a, float[2] b, int64 i) => (float[2] y) { s = SequenceConstruct(a, b)  y = SequenceAt(s, i) }`,
    feeds: { i: [1] },
    counts: {},
  },
  {
    title: 'not an element at a place outside, which is an error at run time',
    input: `g (float[2] a) => (float[2] y) <int64 i = {1}> { s = SequenceConstruct(a)  y = SequenceAt(s, i) }`,
    notRun: 'it is an error there',
    counts: {},
  },
  {
    title: 'an element that was joined from a sequence itself',
    input: `g (float[2] x) => (float[4] y) <int64 i = {0}> {
      s = SequenceConstruct(x, x) a = ConcatFromSequence <axis = 0> (s) n = Neg(a) t = SequenceConstruct(a, n) b = SequenceAt(t, i) y = Exp(b) }`,
    expected: `g (float[2] x) => (float[4] y) <int64 i = {0}> {
      s = SequenceConstruct(x, x) a = Concat <axis = 0> (x, x) n = Neg(a) t = SequenceConstruct(a, n) y = Exp(a) }`,
    counts: { 'ConcatFromSequence replaced': 1, 'SequenceAt replaced': 1 },
  },
  {
    title: 'not parts of an axis whose size is open',
    input: `g (float[N,2] x) => (float[1,2] y) <int64 i = {0}> { s = SplitToSequence(x)  y = SequenceAt(s, i) }`,
    counts: {},
  },
  {
    title: 'not the joining of a sequence without elements',
    input: `g (float[2] x, bool c) => (float[2] y) <int64 i = {0}> {
      s = If(c) < then_branch = t () => (seq(float[2]) u) { u = SequenceConstruct(x) },
                  else_branch = e () => (seq(float[2]) u) { n = Neg(x) u = SequenceConstruct(n) } >
      y = SequenceAt(s, i)
    }`,
    counts: {},
  },
  {
    title: 'not places that are fractions, nor more parts than are followed',
    input: `g (float[2] a, float[1099511627776] b) => (float[2] y, float[1] z) <float f = {0.5}, int64 i = {0}> {
      s = SequenceConstruct(a, a) y = SequenceAt(s, f) t = SplitToSequence(b) z = SequenceAt(t, i) }`,
    counts: {},
    notRun: 'no runtime takes it',
  },
]);
