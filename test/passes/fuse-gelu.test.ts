import { fuseGelu } from '../../passes/fuse-gelu.ts';
import { goldenCases } from './golden.ts';

const constants =
  'float root = {1.4142135}, float inverse = {0.70710677}, float one = {1}, float half = {0.5}, float two = {2}';
const tanh = 'float three = {3}, float cubic = {0.044715}, float scale = {0.7978846}';
const erf = 's = Div (x, root) e = Erf (s) p = Add (e, one)';
const opset = 20;
const graph = (body: string, head = constants): string => `g (float[2,5] x) => (float[2,5] y) <${head}> { ${body} }`;
const gelu = (attributes = ''): string => `g (float[2,5] x) => (float[2,5] y) { y = Gelu ${attributes} (x) }`;
const both = `${constants}, ${tanh}`;

goldenCases(fuseGelu, [
  ...[
    ['the half last', `${erf} m = Mul (x, p) y = Mul (m, half)`],
    ['the half first', `${erf} m = Mul (x, half) y = Mul (m, p)`],
    ['the other factors first', `${erf} m = Mul (half, p) y = Mul (m, x)`],
    ['a division by two', `${erf} m = Mul (p, x) y = Div (m, two)`],
    ['a product for the root', `s = Mul (inverse, x) e = Erf (s) p = Add (one, e) m = Mul (x, p) y = Mul (half, m)`],
    ['the half within the sum', `s = Div (x, root) e = Erf (s) h = Mul (e, half) p = Add (h, half) y = Mul (x, p)`],
  ].map(([title, body]) => ({ title: `error function, ${title}`, opset, input: graph(body!), expected: gelu() })),
  ...[
    ['a power', `c = Pow (x, three) k = Mul (c, cubic) a = Add (x, k) b = Mul (a, scale)`],
    ['products', `q = Mul (x, x) c = Mul (x, q) k = Mul (cubic, c) a = Add (k, x) b = Mul (scale, a)`],
    [
      'the constant within the cube',
      `q = Mul (x, x) k1 = Mul (q, cubic) k = Mul (x, k1) a = Add (x, k) b = Mul (a, scale)`,
    ],
    [
      'the square and a sum with one',
      `q = Mul (x, x) k = Mul (q, cubic) u = Add (k, one) a = Mul (x, u) b = Mul (a, scale)`,
    ],
    [
      'two halves of a product',
      `r = Mul (x, scale) k1 = Mul (x, cubic) k = Mul (x, k1) u = Add (one, k) b = Mul (r, u)`,
    ],
  ].map(([title, body]) => ({
    title: `hyperbolic tangent, ${title}`,
    opset,
    input: graph(`${body} t = Tanh (b) p = Add (t, one) m = Mul (half, x) y = Mul (m, p)`, both),
    expected: gelu('<approximate = "tanh">'),
  })),
  {
    title: 'not before opset 20',
    opset: 19,
    input: graph(`${erf} m = Mul (x, p) y = Mul (m, half)`),
    counts: { 'gelu-half-last rejected: it needs opset 20': 1 },
  },
  {
    title: 'not with other constants, another operand or a divided constant',
    opset,
    input: `g (float[2,5] x, float[2,5] z) => (float[2,5] y, float[2,5] u, float[2,5] t, float[2,5] w) <${constants}, float near = {1.415}> {
      ${erf} m = Mul (z, p) y = Mul (m, half)
      s2 = Div (x, near) e2 = Erf (s2) p2 = Add (e2, one) m2 = Mul (x, p2) u = Mul (m2, half)
      s3 = Div (root, x) e3 = Erf (s3) p3 = Add (e3, one) m3 = Mul (x, p3) t = Mul (m3, half)
      s4 = Div (x, root) e4 = Erf (s4) p4 = Add (e4, one) m4 = Mul (x, p4) w = Div (two, m4) }`,
    counts: {},
  },
  {
    title: 'not where a constant adds an axis, the sum is read besides, or in float64',
    opset,
    input: `g (float[5] x, float[5] z, double[2] k) => (float[1,5] y, float[5] u, float[5] p2, double[2] w) <${constants},
      float[1,1] wide = {0.5}, double rootd = {1.4142135623730951}, double oned = {1}, double halfd = {0.5}> {
      ${erf} m = Mul (x, p) y = Mul (m, wide)
      s2 = Div (z, root) e2 = Erf (s2) p2 = Add (e2, one) m2 = Mul (z, p2) u = Mul (m2, half)
      s3 = Div (k, rootd) e3 = Erf (s3) p3 = Add (e3, oned) m3 = Mul (k, p3) w = Mul (m3, halfd) }`,
    notRun: 'Erf of float64 has no kernel',
    counts: {
      'gelu-half-last rejected: a constant may add axes': 1,
      'gelu-half-last rejected: the Add is a graph output': 1,
      'gelu-half-last rejected: the element type is not proven to be float32 or float16': 1,
    },
  },
]);
