import { foldShapeArithmetic } from '../../passes/fold-shape-arithmetic.ts';
import { goldenCases } from './golden.ts';

const indices = 'int64 zero = {0}, int64 one = {1}, int64[1] first = {0}';

goldenCases(foldShapeArithmetic, [
  {
    title: 'a known dimension of a shape that is not all known',
    input: `g (float[N,3] x, float[3] u) => (float[3] y) <${indices}, int64[1] minus = {-1}> {
      s = Shape(x) d = Gather(s, one) e = Unsqueeze(d, first) y = Reshape(u, e) }`,
    expected: `g (float[N,3] x, float[3] u) => (float[3] y) <${indices}, int64[1] minus = {-1}, int64[1] e = {3}> { s = Shape(x) y = Reshape(u, e) }`,
    counts: { 'values folded': 2 },
  },
  {
    title: 'a condition on known dimensions, in a branch too',
    input: `g (bool b, float[N,3] x) => (bool y, bool z) <${indices}, int64 three = {3}> { s = Shape(x) d = Gather(s, one) y = Equal(d, three)
      z = If(b) < then_branch = t () => (bool u) { v = Equal(d, three) u = Not(v) }, else_branch = e () => (bool u) { u = Not(b) } > }`,
    expected: `g (bool b, float[N,3] x) => (bool y = t, bool z) <${indices}, int64 three = {3}, bool t = {1}> { s = Shape(x)
      z = If(b) < then_branch = t () => (bool u = f) <bool f = {0}> { }, else_branch = e () => (bool u) { u = Not(b) } > }`,
    feeds: { b: [1] },
  },
  {
    title: 'the same expression of symbols, computed twice',
    input: `g (float[N,3] x, float[N,M] u) => (float[A,B] y, float[C] z) <${indices}, int64[1] four = {4}> {
      s = Shape(x) d = Gather(s, first) t = Shape(u) e = Gather(t, first) p = Mul(d, four) q = Mul(four, e)
      a = Concat <axis = 0> (e, p) f = ConstantOfShape(a) y = Relu(f) h = ConstantOfShape(q) z = Relu(h) }`,
    expected: `g (float[N,3] x, float[N,M] u) => (float[A,B] y, float[C] z) <${indices}, int64[1] four = {4}> {
      s = Shape(x) d = Gather(s, first) t = Shape(u) p = Mul(d, four)
      a = Concat <axis = 0> (d, p) f = ConstantOfShape(a) y = Relu(f) h = ConstantOfShape(p) z = Relu(h) }`,
    counts: { 'equal shapes merged': 2 },
  },
  {
    title: 'not what differs or is unknown, and not floats',
    input: `g (float[N,3] x, float[M,?] u, int64 n) => (int64[1] y, int64[1] z, int64[1] v, int64 w, float r) <${indices}> {
      s = Shape(x) y = Gather(s, first) t = Shape(u) z = Gather(t, first) q = Shape(u) k = Gather(q, one) v = Unsqueeze(k, first) w = Add(n, one)
      c = ConstantOfShape <value = float[1] {3}> (first) r = ReduceSum <keepdims = 0> (c) }`,
    counts: { 'equal shapes merged': 1 },
    expected: `g (float[N,3] x, float[M,?] u, int64 n) => (int64[1] y, int64[1] z, int64[1] v, int64 w, float r) <${indices}> {
      s = Shape(x) y = Gather(s, first) t = Shape(u) z = Gather(t, first) k = Gather(t, one) v = Unsqueeze(k, first) w = Add(n, one)
      c = ConstantOfShape <value = float[1] {3}> (first) r = ReduceSum <keepdims = 0> (c) }`,
    notRun: 'a dimension without a name has no size',
  },
  {
    title: 'not what does not fit a narrow type, where runtimes disagree on what a cast gives',
    input: `g (float[2] x) => (float[3] y, float[2] z) <float[3] a = {-9, 0, 7}> {
      n = Cast <to = 22> (a) y = Cast <to = 1> (n) z = Relu(x) }`,
    opset: 21,
  },
]);
