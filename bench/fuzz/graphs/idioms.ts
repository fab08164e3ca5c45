import type { Graph } from '../../../src/ir/graph.ts';
import { parseGraph } from '../../../src/ir/text/parse.ts';

/**
 * What exporters write for layers that have no operator, or none in older opsets. A line gives the operands, the first of
 * which is a value of the graph of this form (names stand for any size) and the others weights, then, between
 * bars, constants of its own if it has any, and the nodes. Axes and parts are attributes here, and become operands where the opset has them so.
 */
const LINES: readonly string[] = [
  // Normalizations.
  '(float[n,s,4] x, float[4] w, float[4] b) | m = ReduceMean<axes = [-1]>(x) d = Sub(x, m) q = Pow(d, two) v = ReduceMean<axes = [-1]>(q) e = Add(v, eps) s = Sqrt(e) r = Div(d, s) k = Mul(r, w) y = Add(k, b)',
  '(float[n,4] x, float[4] w) | m = ReduceMean<axes = [1]>(x) d = Sub(x, m) q = Mul(d, d) v = ReduceMean<axes = [-1]>(q) e = Add(eps, v) s = Sqrt(e) i = Reciprocal(s) r = Mul(i, d) y = Mul(w, r)',
  '(float[n,s,4] x, float[4] w) | q = Pow(x, two) m = ReduceMean<axes = [-1]>(q) e = Add(m, eps) s = Sqrt(e) r = Div(x, s) y = Mul(w, r)',
  '(float[n,s,4] x, float[4] w) | q = Mul(x, x) m = ReduceMean<axes = [-1]>(q) e = Add(m, eps) s = Sqrt(e) i = Div(one, s) r = Mul(x, i) y = Mul(r, w)',
  '(float[n,2,h,w] x, float[2,1,1] g, float[1,2,1,1] b) | m = ReduceMean<axes = [2, 3]>(x) d = Sub(x, m) q = Pow(d, two) v = ReduceMean<axes = [-1, -2]>(q) e = Add(v, eps) s = Sqrt(e) r = Div(d, s) k = Mul(r, g) y = Add(k, b)',
  '(float[n,s,c] x) | m = ReduceMax<axes = [-1]>(x) d = Sub(x, m) e = Exp(d) s = ReduceSum<axes = [-1]>(e) y = Div(e, s)',
  '(float[n,c] x) | m = ReduceMax<axes = [1]>(x) d = Sub(x, m) e = Exp(d) s = ReduceSum<axes = [-1]>(e) l = Log(s) y = Sub(d, l)',
  // Activations.
  '(float[n,c] x) | float root = {1.4142135} | s = Div(x, root) e = Erf(s) p = Add(e, one) m = Mul(x, p) y = Mul(m, half)',
  '(float[n,s,c] x) | float root = {0.70710677} | s = Mul(root, x) e = Erf(s) p = Add(one, e) m = Mul(x, half) y = Mul(m, p)',
  '(float[n,c] x) | float three = {3}, float cubic = {0.044715}, float scale = {0.7978846} | c = Pow(x, three) k = Mul(c, cubic) a = Add(x, k) b = Mul(a, scale) t = Tanh(b) p = Add(t, one) m = Mul(x, p) y = Mul(half, m)',
  '(float[n,c] x) | float three = {3}, float zero = {0}, float six = {6} | a = Add(x, three) b = Clip(a, zero, six) c = Mul(b, x) y = Div(c, six)',
  '(float[n,c] x) | float three = {3}, float zero = {0}, float six = {6} | a = Add(x, three) b = Clip(a, zero, six) c = Div(b, six) y = Mul(x, c)',
  '(float[n,c] x) | h = HardSigmoid<alpha = 0.16666667, beta = 0.5>(x) y = Mul(h, x)',
  '(float[n,c] x) | s = Softplus(x) t = Tanh(s) y = Mul(t, x)',
  '(float[n,c] x) | a = Neg(x) b = Exp(a) c = Add(one, b) y = Div(one, c)',
  '(float[n,c] x) | a = Neg(x) b = Exp(a) c = Add(b, one) y = Div(x, c)',
  '(float[n,c] x) | q = Mul(x, x) e = Add(q, one) d = Sqrt(e) i = Div(one, d) y = Mul(x, i)',
  // Elements that change places.
  '(float[n,h,w] x) | u = Neg(x) a = Unsqueeze<axes = [1]>(x) b = Unsqueeze<axes = [-3]>(u) y = Concat<axis = 1>(a, b)',
  '(float[n,h] x) | a = Unsqueeze<axes = [0]>(x) b = Unsqueeze<axes = [0]>(x) c = Unsqueeze<axes = [-3]>(x) y = Concat<axis = 0>(a, b, c)',
  '(float[n,s,4,4] x) | int64[5] a = {0, 0, 2, 2, 4}, int64[4] b = {0, -1, 4, 4} | r = Reshape(x, a) t = Transpose<perm = [0, 1, 3, 2, 4]>(r) y = Reshape(t, b)',
  '(float[n,s,4] x) | int64[4] a = {0, 0, 2, 2}, int64[3] b = {0, -1, 4} | r = Reshape(x, a) t = Transpose<perm = [0, 1, 3, 2]>(r) f = Reshape(t, b) p, q = Split<axis = 2, split = [2, 2]>(f) y = Mul(p, q)',
  '(float[n,4,4,4] x) | int64[5] a = {0, 2, 2, 4, 4}, int64[4] b = {0, 4, 4, 4} | r = Reshape(x, a) t = Transpose<perm = [0, 2, 1, 3, 4]>(r) f = Reshape(t, b) y = Relu(f)',
  '(float[n,2,s,4] x) | int64[5] times = {1, 1, 2, 1, 1}, int64[4] shape = {0, 4, -1, 4} | a = Unsqueeze<axes = [2]>(x) t = Tile(a, times) y = Reshape(t, shape)',
  '(float[n,4] x) | int64[3] wide = {3, 1, 4}, int64[2] shape = {-1, 4} | a = Unsqueeze<axes = [0]>(x) t = Expand(a, wide) y = Reshape(t, shape)',
  '(float[n,2,4,4] x) | int64[6] a = {0, 2, 2, 2, 2, 2}, int64[4] b = {0, 8, 2, 2} | r = Reshape(x, a) t = Transpose<perm = [0, 3, 5, 1, 2, 4]>(r) y = Reshape(t, b)',
  '(float[n,4,2,2] x) | int64[6] a = {0, 1, 2, 2, 2, 2}, int64[4] b = {0, 1, 4, 4} | r = Reshape(x, a) t = Transpose<perm = [0, 1, 4, 2, 5, 3]>(r) y = Reshape(t, b)',
  '(float[n,2,4,4] x, float[3,8,1,1] w) | int64[2] s00 = {0, 0}, int64[2] s10 = {1, 0}, int64[2] s01 = {0, 1}, int64[2] s11 = {1, 1}, int64[2] end = {2147483647, 2147483647}, int64[2] axes = {2, 3}, int64[2] by = {2, 2} | a = Slice(x, s00, end, axes, by) b = Slice(x, s10, end, axes, by) c = Slice(x, s01, end, axes, by) d = Slice(x, s11, end, axes, by) f = Concat<axis = 1>(a, b, c, d) y = Conv(f, w)',
  '(float[n,c] x) | int64[1] from = {0}, int64[1] cut = {1}, int64[1] end = {9223372036854775807}, int64[1] along = {-1} | a = Slice(x, from, cut, along) b = Slice(x, cut, end, along) s = Sigmoid(a) y = Mul(s, b)',
  // Attention: heads, rotary embedding, queries and keys side by side.
  '(float[n,3,4] x, float[3,2] c, float[3,2] t) | a, b = Split<axis = -1, split = [2, 2]>(x) ac = Mul(a, c) bs = Mul(b, t) u = Sub(ac, bs) bc = Mul(b, c) as = Mul(a, t) w = Add(bc, as) y = Concat<axis = -1>(u, w)',
  '(float[2,s,4,4] x, float[4,1,2] c, float[4,1,2] t) | int64[5] pairs = {0, 0, 4, 2, 2}, int64 first = {0}, int64 second = {1}, int64[4] shape = {0, 0, 4, 4} | p = Reshape(x, pairs) a = Gather<axis = 4>(p, first) q = Gather<axis = -1>(p, second) ac = Mul(a, c) bs = Mul(q, t) u = Sub(ac, bs) as = Mul(t, a) bc = Mul(q, c) w = Add(as, bc) u1 = Unsqueeze<axes = [-1]>(u) w1 = Unsqueeze<axes = [-1]>(w) st = Concat<axis = -1>(u1, w1) y = Reshape(st, shape)',
  '(float[2,2,4,4] x, float[2,1,4,2] c, float[2,1,4,2] t) | int64[4] twice = {0, 1, 0, 1}, float[4] sign = {-1, -1, 1, 1} | a, b = Split<axis = -1, split = [2, 2]>(x) r = Concat<axis = 3>(b, a) cc = Gather<axis = -1>(c, twice) ss = Gather<axis = -1>(t, twice) k = Mul(cc, x) g = Mul(ss, sign) m = Mul(r, g) y = Add(m, k)',
  '(float[n,s,4] x, float[1,1,4] t) | a, b = Split<axis = -1, split = [2, 2]>(x) m = Neg(b) r = Concat<axis = -1>(m, a) y = Mul(r, t)',
  '(float[n,s,4] x, float[4,4] wq, float[4,2] wk, float[1] c) | int64[4] hq = {0, 0, 2, 2}, int64[4] hk = {0, 0, 1, 2} | q = MatMul(x, wq) qh = Reshape(q, hq) z = Mul(qh, c) k = MatMul(x, wk) kh = Reshape(k, hk) u = Mul(kh, c) y = Add(z, u)',
  '(float[n,s,4] x, float[4,4] wq, float[4,4] wk) | float root = {2} | q = MatMul(x, wq) k = MatMul(x, wk) t = Transpose<perm = [0, 2, 1]>(k) p = MatMul(q, t) d = Div(p, root) a = Softmax<axis = -1>(d) y = MatMul(a, x)',
  // Layers around what changes places.
  '(float[n,3,4,4] x, float[48,2] w) | int64[2] flat = {-1, 48} | t = Transpose<perm = [0, 2, 3, 1]>(x) f = Reshape(t, flat) y = MatMul(f, w)',
  '(float[n,3,4] x, float[2,12] w, float[2] b) | t = Transpose<perm = [0, 2, 1]>(x) f = Flatten(t) y = Gemm<transB = 1>(f, w, b)',
  '(float[n,c,h,w] x) | t = Transpose<perm = [0, 2, 3, 1]>(x) y = ReduceMean<axes = [1, 2], keepdims = 0>(t)',
  '(float[n,c,h,w] x) | p = GlobalAveragePool(x) f = Flatten(p) y = Relu(f)',
  '(float[n,c,h,w] x) | p = ReduceMax<axes = [2]>(x) y = Squeeze<axes = [2]>(p)',
  // Sequences.
  '(float[n,c] x) | int64 i = {0}, int64 j = {-1} | u = Neg(x) s = SequenceConstruct(x, u) a = SequenceAt(s, i) b = SequenceAt(s, j) y = Mul(a, b)',
  '(float[n,c] x) | int64 first = {0}, int64 second = {1} | e = SequenceEmpty() u = Abs(x) s = SequenceInsert(e, x) t = SequenceInsert(s, u, first) w = SequenceInsert(t, x) k = SequenceErase(w, second) y = ConcatFromSequence<axis = 0>(k)',
  '(float[4,c] x) | int64 i = {2} | s = SplitToSequence<keepdims = 0>(x) a = SequenceAt(s, i) q = ConcatFromSequence<axis = 0, new_axis = 1>(s) y = Add(q, a)',
  '(float[2,c] x) | s = SplitToSequence(x) n = SequenceLength(s) f = Cast<to = 1>(n) q = ConcatFromSequence<axis = 0>(s) y = Mul(q, f)',
  // Integers between floats.
  '(float[n,c] x) | float scale = {0.0625}, uint8 least = {0} | r = Relu(x) q = QuantizeLinear(r, scale, least) y = DequantizeLinear(q, scale, least)',
  '(float[n,c] x) | float low = {0}, float high = {6}, float scale = {0.023529412}, uint8 least = {0} | r = Clip(x, low, high) q = QuantizeLinear(r, scale, least) y = DequantizeLinear(q, scale, least)',
  // A recurrent layer that starts from nothing.
  '(float[3,n,4] x, float[1,2,4] w, float[1,2,2] r) | int64[1] from = {1}, int64[1] to = {2}, int64[1] front = {0}, int64[1] ones = {1}, int64[1] size = {2} | s = Shape(x) n = Slice(s, from, to, front) dims = Concat<axis = 0>(ones, n, size) z = ConstantOfShape(dims) a, y = RNN<hidden_size = 2>(x, w, r, , , z)',
];

const SHARED = 'float one = {1}, float half = {0.5}, float two = {2}, float eps = {1e-5}';

/** Their graphs; the first input is what they are made of. */
export const IDIOMS: readonly Graph[] = LINES.map((line) => {
  const [operands, ...parts] = line.split(' | ');
  const nodes = parts.pop();
  return parseGraph(`g ${operands} => (float[] y) <${[SHARED, ...parts].join()}> { ${nodes} }`);
});
