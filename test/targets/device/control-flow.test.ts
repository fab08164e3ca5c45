import { afterAll, describe, expect, it } from 'vitest';
import { elementCount, type Tensor, tensorFromNumbers, toNumbers } from '../../../src/ir/tensor.ts';
import { parseModel } from '../../../src/ir/text/parse.ts';
import { writeModel } from '../../../src/onnx/write-model.ts';
import { openLiteRtSession } from '../../../src/runtime/litert.ts';
import { LiteRtHost } from '../../../src/runtime/litert-host.ts';
import { lowerToTflite } from '../../../src/targets/device/lower-to-tflite.ts';
import { relativeDifference, runOnce } from '../../passes/compare-runs.ts';

const TOLERANCE = 1e-5;

const host = new LiteRtHost();
afterAll(() => host.close());

/** Inputs by name: numbers, of which the types and sizes are those that the model declares. */
type Numbers = Readonly<Record<string, readonly number[]>>;

interface FlowCase {
  readonly name: string;
  readonly ports: string;
  readonly constants?: string;
  readonly body: string;
  /** What is to be run, one feed for each way through the model. */
  readonly feeds: readonly Numbers[];
  /** Operators that the file is to have. */
  readonly uses: readonly string[];
}

const X = [1, -2, 3, -4, 5, -6];
const PIXELS = Array.from({ length: 32 }, (_, k) => Math.sin(k + 1));

const CASES: readonly FlowCase[] = [
  {
    name: 'If: a branch of operators or another, with what both read from outside',
    ports: '(bool c, float[2,3] x) => (float[2,3] y)',
    constants: 'float[3] w = {1, 2, 3}',
    body: `a = Abs(x) y0 = If (c) <
      then_branch = t () => (float[2,3] p) { q = Mul(a, w) p = Add(q, x) },
      else_branch = e () => (float[2,3] r) <float[1] k = {7}> { r = Sub(a, k) }> y = Neg(y0)`,
    feeds: [
      { c: [1], x: X },
      { c: [0], x: X },
    ],
    uses: ['IF'],
  },
  {
    name: 'If: branches that hand on what they are given, a constant, and one result twice',
    ports: '(float[1] c, float[2] x) => (float[2] y, float[2] z, float[2] u)',
    constants: 'float zero = {0}',
    body: `d = Greater(c, zero) y, z, u = If (d) <
      then_branch = t () => (float[2] p, float[2] q, float[2] r) <float[2] k = {3, 4}> { p = Identity(x) q = Identity(k) r = Neg(x) },
      else_branch = e () => (float[2] p2, float[2] q2, float[2] r2) { p2 = Neg(x) q2 = Identity(p2) r2 = Identity(x) }>`,
    feeds: [
      { c: [1], x: [1, 2] },
      { c: [-1], x: [1, 2] },
    ],
    uses: ['IF'],
  },
  {
    name: 'If: one inside another, which reads from two graphs outside',
    ports: '(bool c, bool d, float[2] x) => (float[2] y)',
    body: `a = Exp(x) y = If (c) <
      then_branch = t () => (float[2] p) { b = Neg(x) p = If (d) <
        then_branch = tt () => (float[2] q) { q = Add(a, b) },
        else_branch = te () => (float[2] r) { r = Mul(a, b) }> },
      else_branch = e () => (float[2] s) { s = Sqrt(a) }>`,
    feeds: [
      { c: [1], d: [1], x: [1, 2] },
      { c: [1], d: [0], x: [1, 2] },
      { c: [0], d: [0], x: [1, 2] },
    ],
    uses: ['IF'],
  },
  {
    name: 'If: convolutions in both branches, channels last inside',
    ports: '(bool c, float[1,2,4,4] x) => (float[1,2,4,4] y)',
    constants: 'float[2,2,1,1] w = {1,0.5,-1,2}',
    body: `a = Conv(x, w) y = If (c) <
      then_branch = t () => (float[1,2,4,4] p) { q = Conv(a, w) p = Relu(q) },
      else_branch = e () => (float[1,2,4,4] r) { s = MaxPool <kernel_shape = [3,3], pads = [1,1,1,1]>(a) r = Add(s, x) }>`,
    feeds: [
      { c: [1], x: PIXELS },
      { c: [0], x: PIXELS },
    ],
    uses: ['IF', 'CONV_2D'],
  },
  {
    name: 'Loop: as often as a number says, two values that change places',
    ports: '(int64 n, float[2] a, float[2] b) => (float[2] y, float[2] z)',
    body: `y, z = Loop (n, , a, b) <body = f (int64 i, bool go, float[2] u, float[2] v) => (bool go2, float[2] v2, float[2] w) {
      go2 = Identity(go) v2 = Identity(v) w = Add(u, v) }>`,
    feeds: [
      { n: [9], a: [0, 1], b: [1, 1] },
      { n: [0], a: [0, 1], b: [1, 1] },
      { n: [1], a: [0, 1], b: [1, 1] },
    ],
    uses: ['WHILE'],
  },
  {
    name: 'Loop: until a condition that is computed, with what it reads from outside',
    ports: '(float[1] limit, float[1] x) => (float[1] y)',
    constants: 'int64 most = {9223372036854775807}, bool yes = {1}',
    body: `step = Abs(x) y = Loop (most, yes, x) <body = f (int64 i, bool go, float[1] u) => (bool go2, float[1] v) {
      v = Add(u, step) less = Less(v, limit) go2 = Squeeze(less) }>`,
    feeds: [
      { limit: [10], x: [3] },
      { limit: [-5], x: [3] },
    ],
    uses: ['WHILE'],
  },
  {
    name: 'Loop: not entered, or without a limit, by a condition from outside',
    ports: '(bool go, float[2] x) => (float[2] y)',
    constants: 'float hundred = {100}',
    body: `y = Loop ( , go, x) <body = f (int64 i, bool g, float[2] u) => (bool g2, float[2] v) {
      v = Add(u, u) m = ReduceMax <keepdims = 0>(v) g2 = Less(m, hundred) }>`,
    feeds: [
      { go: [1], x: [1, 2] },
      { go: [0], x: [1, 2] },
    ],
    uses: ['WHILE'],
  },
  {
    name: 'Loop: more rounds than are written out, with a list of results and the number of the round',
    ports: '(float[2] x) => (float[2] y, float[21000,2] z)',
    constants: 'int64 n = {21000}, bool yes = {1}, float thousandth = {0.001}',
    body: `y, z = Loop (n, yes, x) <body = f (int64 i, bool go, float[2] u) => (bool go2, float[2] v, float[2] w) {
      go2 = Identity(go) k = Cast <to = 1>(i) d = Mul(k, thousandth) s = Sin(d) w = Mul(u, s) h = Mul(w, thousandth) v = Add(x, h) }>`,
    feeds: [{ x: [1, -2] }],
    uses: ['WHILE', 'DYNAMIC_UPDATE_SLICE'],
  },
  {
    name: 'Loop: a Loop and an If inside',
    ports: '(int64 n, int64 m, float[2] x) => (float[2] y)',
    constants: 'int64 two = {2}, int64 zero = {0}',
    body: `a = Exp(x) y = Loop (n, , x) <body = f (int64 i, bool go, float[2] u) => (bool go2, float[2] v) {
      go2 = Identity(go)
      inner = Loop (m, , u) <body = g (int64 j, bool go3, float[2] p) => (bool go4, float[2] q) {
        go4 = Identity(go3) r = Add(p, a) q = Mul(r, x) }>
      rest = Mod(i, two) even = Equal(rest, zero)
      v = If (even) <then_branch = t () => (float[2] s) { s = Sub(inner, u) }, else_branch = e () => (float[2] k) { k = Tanh(inner) }> }>`,
    feeds: [{ n: [3], m: [2], x: [0.5, -0.25] }],
    uses: ['WHILE', 'IF'],
  },
  {
    name: 'Scan: states, forwards and backwards, over a computed and a constant sequence',
    ports: '(float[21000,2] x) => (float[2] last, float[21000,2] all, float[2,21000] turned)',
    constants: `float[2] first = {0, 1}`,
    body: `last, all, turned = Scan (first, x, x) <num_scan_inputs = 2, scan_input_directions = [0, 1], scan_output_axes = [0, 1],
      scan_output_directions = [0, 1], body = f (float[2] s, float[2] u, float[2] v) => (float[2] t, float[2] p, float[2] q) {
      d = Mul(u, v) e = Add(s, d) t = Tanh(e) p = Sub(t, v) q = Identity(u) }>`,
    feeds: [{ x: Array.from({ length: 42_000 }, (_, k) => Math.sin(k)) }],
    uses: ['WHILE', 'DYNAMIC_UPDATE_SLICE'],
  },
];

describe('control flow in LiteRT computes what the model does in ONNX Runtime', () => {
  it.each(CASES)('$name', async ({ ports, constants, body, feeds, uses }) => {
    const model = parseModel(
      `<ir_version: 8, opset_import: ["" : 17]> g ${ports} ${constants === undefined ? '' : `<${constants}>`} { ${body} }`,
    );
    const lowering = lowerToTflite(model);
    if (lowering.kind === 'refused') throw new Error(lowering.report.refused.map(({ message }) => message).join('; '));
    expect(Object.keys(lowering.report.operators)).toEqual(expect.arrayContaining([...uses]));
    const session = await openLiteRtSession(lowering.bytes, { host });
    for (const numbers of feeds) {
      const feed = new Map(
        model.graph.inputs.map(({ name, type }) => {
          if (type?.kind !== 'tensor') throw new TypeError(`${name} is no tensor`);
          const dims = (type.shape ?? []).map(Number);
          expect(numbers[name]).toHaveLength(elementCount(dims));
          return [name, tensorFromNumbers(type.dtype, dims, numbers[name]!)];
        }),
      );
      const expected = await runOnce(writeModel(model), feed);
      const found = await session.run(feed);
      for (const [name, tensor] of expected) {
        expect(relativeDifference(tensor as Tensor, found.get(name) as Tensor), name).toBeLessThan(TOLERANCE);
      }
    }
    await session.close();
  });
});

describe('what sizes settle before the model runs', () => {
  const branches = (
    window: number,
  ) => `<ir_version: 8, opset_import: ["" : 17]> g (int64 rate, float[n,2] x) => (float[1,2] y)
    <int64 eight = {8}, int64[2] row = {1,-1}, float[${window},2] v = {${Array.from({ length: 2 * window }, (_, k) => k - 3)}},
     float[6,2] w = {1,2,3,4,5,6,7,8,9,10,11,12}> {
      k = Equal(rate, eight) y = If (k) <then_branch = t () => (float[1,2] p) { a = Reshape(x, row) p = MatMul(a, v) },
        else_branch = e () => (float[1,2] q) { b = Reshape(x, row) q = MatMul(b, w) }> }`;
  const shapes = new Map([['x', [3, 2]]]);

  it('leaves a branch out that cannot run with them, and says so', async () => {
    const model = parseModel(branches(8));
    const lowering = lowerToTflite(model, { binding: { shapes } });
    expect(lowering.report.refused).toEqual([]);
    expect(lowering.report.diagnostics).toContainEqual(
      expect.objectContaining({ code: 'branch-cannot-run', hint: expect.stringContaining('--fix-value rate=') }),
    );
    if (lowering.kind === 'refused') return;
    const feed = new Map([
      ['rate', tensorFromNumbers('int64', [], [16])],
      ['x', tensorFromNumbers('float32', [3, 2], X)],
    ]);
    const expected = await runOnce(writeModel(model), feed);
    const session = await openLiteRtSession(lowering.bytes, { host });
    const found = await session.run(feed);
    await session.close();
    expect(relativeDifference(expected.get('y') as Tensor, found.get('y') as Tensor)).toBeLessThan(TOLERANCE);
  });

  it('keeps both branches where both can run', () => {
    const { kind, report } = lowerToTflite(parseModel(branches(6)), { binding: { shapes } });
    expect(kind).toBe('lowered');
    expect(report.operators.IF).toBe(1);
    expect(report.diagnostics.map(({ code }) => code)).not.toContain('branch-cannot-run');
  });

  it('leaves inputs without elements out, and says so', async () => {
    const text = `<ir_version: 8, opset_import: ["" : 17]> g (float[2,past] cache, float[2,1] x) => (float[2,all] y) {
      a = Neg(x) y = Concat <axis = 1>(cache, a) }`;
    const lowering = lowerToTflite(parseModel(text), { binding: { dims: { past: 0 } } });
    expect(lowering.report.refused).toEqual([]);
    expect(lowering.report.diagnostics.map(({ code }) => code)).toContain('empty-inputs-left-out');
    if (lowering.kind === 'refused') return;
    const session = await openLiteRtSession(lowering.bytes, { host });
    expect(session.inputs.map(({ name }) => name)).toEqual(['x']);
    const found = await session.run(new Map([['x', tensorFromNumbers('float32', [2, 1], [3, 4])]]));
    await session.close();
    expect(toNumbers(found.get('y') as Tensor)).toEqual([-3, -4]);
  });
});

describe('control flow that has no form is refused', () => {
  const LOOP = '<body = f (int64 i, bool go, float[2] u) => (bool go2, float[2] v, float[2] w)';
  it.each([
    [
      'a list of results whose length is computed',
      'device-dynamic-shape',
      '(int64 n, float[2] x) => (float[2] y, float[m,2] z)',
      `y, z = Loop (n, , x) ${LOOP} { go2 = Identity(go) v = Neg(u) w = Abs(u) }>`,
      '--fix-value n=<number>',
    ],
    [
      'a value that grows from round to round',
      'device-dynamic-shape',
      '(int64 n, float[2] x) => (float[m] y)',
      'y = Loop (n, , x) <body = f (int64 i, bool go, float[k] u) => (bool go2, float[l] v) { go2 = Identity(go) v = Concat <axis = 0>(u, x) }>',
      'keeps its shape',
    ],
    [
      'branches of different shapes, by a small input',
      'device-dynamic-shape',
      '(int64 rate, float[4] x) => (float[m] y)',
      `<int64 r = {8}> c = Equal(rate, r) y = If (c) <then_branch = t () => (float[4] p) { p = Neg(x) },
        else_branch = e () => (float[2] q) { q, q2 = Split <axis = 0>(x) }>`,
      '--fix-value rate=<number>',
    ],
    [
      'an operator inside without a form',
      'device-operator',
      '(bool c, float[4] x) => (float[4] y)',
      `y = If (c) <then_branch = t () => (float[4] p) { p = Neg(x) }, else_branch = e () => (float[4] q) { q = Bernoulli(x) }>`,
      'server',
    ],
  ])('%s', (_, code, ports, text, hint) => {
    const [, constants = '', body = ''] = /^(<int64.*?>)?\s*(.*)$/s.exec(text)!;
    const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]> g ${ports} ${constants} { ${body} }`);
    const { kind, report } = lowerToTflite(model);
    expect(kind).toBe('refused');
    expect(report.refused[0]).toMatchObject({ code, hint: expect.stringContaining(hint) });
  });
});
