import { eliminateDeadStates } from '../../passes/eliminate-dead-states.ts';
import { goldenCases } from './golden.ts';

goldenCases(eliminateDeadStates, [
  {
    title: 'a counter of a Scan, which only counts',
    input: `g (float[3,2] x) => (float[2] y, float[3,2] z) <float[2] s = {0, 0}, int64 zero = {0}, int64 one = {1}> {
      n, y, z = Scan <num_scan_inputs = 1, body = b (int64 i, float[2] a, float[2] e) => (int64 j, float[2] o, float[2] p) {
        j = Add(i, one) o = Add(a, e) p = Relu(o) }> (zero, s, x) }`,
    expected: `g (float[3,2] x) => (float[2] y, float[3,2] z) <float[2] s = {0, 0}, int64 zero = {0}, int64 one = {1}> {
      y, z = Scan <num_scan_inputs = 1, body = b (float[2] a, float[2] e) => (float[2] o, float[2] p) {
        o = Add(a, e) p = Relu(o) }> (s, x) }`,
    counts: { 'states removed': 1 },
  },
  {
    title: 'states of a Loop that only lead to each other, in the graph of a branch too',
    input: `g (float[2] x) => (float[2] y) <int64 n = {3}, bool t = {1}, float[2] s = {1, 1}> {
      y, u, w = Loop <body = b (int64 i, bool go, float[2] a, float[2] c, float[2] d) => (bool again, float[2] o, float[2] p, float[2] q) {
        again = Identity(go) o = Relu(a) p = Neg(d)
        q = If (go) <then_branch = f () => (float[2] k) { k = Add(c, a) }, else_branch = h () => (float[2] k) { k = Neg(a) }> }> (n, t, x, s, s) }`,
    expected: `g (float[2] x) => (float[2] y) <int64 n = {3}, bool t = {1}, float[2] s = {1, 1}> {
      y = Loop <body = b (int64 i, bool go, float[2] a) => (bool again, float[2] o) { again = Identity(go) o = Relu(a) }> (n, t, x) }`,
    counts: { 'states removed': 2 },
  },
  {
    title: 'not a counter that is read, that stops the loop, or that a scanned output or another state needs',
    input: `g (float[2] x) => (float[2] y, int64 m, int64[N] r) <int64 n = {3}, bool t = {1}, int64 zero = {0}, int64 one = {1}, float two = {2}> {
      y, m, k, l, c, r = Loop <body = b (int64 i, bool go, float[2] a, int64 d, int64 e, int64 f, float h) => (bool again, float[2] o, int64 p, int64 q, int64 s, float v, int64 w) {
        p = Add(d, one) q = Add(e, one) again = Less(e, n) s = Add(f, one) w = Mul(f, f) v = Add(h, two) o = Mul(a, h) }> (n, t, x, zero, zero, zero, two) }`,
    counts: {},
  },
  {
    title: 'not all results of a loop of which nothing is read, which goes as a whole',
    input: `g (float[2] x) => (float[2] y) <int64 n = {3}, bool t = {1}> {
      z = Loop <body = b (int64 i, bool go, float[2] a) => (bool again, float[2] o) { again = Identity(go) o = Relu(a) }> (n, t, x)
      y = Neg(x) }`,
    counts: {},
  },
  {
    title: 'not in a Scan of opset 8, which has other operands',
    opset: 8,
    notRun: 'the lengths are absent',
    input: `g (float[1,3,2] x) => (float[1,2] y) <float[1,2] s = {0, 0}, int64[1] zero = {0}, int64 one = {1}> {
      n, y = Scan <num_scan_inputs = 1, body = b (int64 i, float[2] a, float[2] e) => (int64 j, float[2] o) { j = Add(i, one) o = Add(a, e) }> (, zero, s, x) }`,
    counts: {},
  },
]);
