import { describe, expect, it } from 'vitest';
import { parseModel } from '../../../src/ir/text/parse.ts';
import { activationMemory } from '../../../src/ops/cost/activation-memory.ts';
import { costOf } from '../../../src/ops/cost/cost-of.ts';
import { macsOf } from '../../../src/ops/cost/macs-of.ts';
import { typeInGraph } from '../../../src/ops/cost/sizes.ts';
import { inferGraph } from '../../../src/ops/infer/infer-graph.ts';
import { factsOfOne, type OneNode } from '../infer/infer-one.ts';

const SIZES = new Map([
  ['N', 2],
  ['L', 5],
  ['T', 7],
]);

describe('multiply-accumulates', () => {
  it.each<[string, OneNode, number | undefined]>([
    [
      'Conv',
      { op: 'Conv', inputs: ['float32[N,3,8,8]', 'float32[16,3,3,3]'], attributes: { pads: [1, 1, 1, 1] } },
      2 * 16 * 64 * 27,
    ],
    [
      'depthwise Conv',
      { op: 'Conv', inputs: ['float32[1,8,8,8]', 'float32[8,1,3,3]'], attributes: { group: 8 } },
      8 * 36 * 9,
    ],
    [
      'ConvTranspose',
      { op: 'ConvTranspose', inputs: ['float32[1,8,4,4]', 'float32[8,3,2,2]'], attributes: { strides: [2, 2] } },
      8 * 16 * 12,
    ],
    [
      'QLinearConv',
      {
        op: 'QLinearConv',
        inputs: [
          'uint8[1,1,4,4]',
          'float32[]',
          'uint8[]',
          'int8[2,1,2,2]',
          'float32[]',
          'int8[]',
          'float32[]',
          'uint8[]',
        ],
      },
      2 * 9 * 4,
    ],
    ['MatMul of batches', { op: 'MatMul', inputs: ['float32[N,L,8]', 'float32[8,4]'] }, 2 * 5 * 8 * 4],
    [
      'Gemm transposed',
      { op: 'Gemm', inputs: ['float32[8,N]', 'float32[4,8]'], attributes: { transA: 1, transB: 1 } },
      2 * 8 * 4,
    ],
    [
      'Einsum',
      { op: 'Einsum', inputs: ['float32[N,L,8]', 'float32[N,T,8]'], attributes: { equation: 'bqd,bkd->bqk' } },
      2 * 5 * 7 * 8,
    ],
    [
      'LSTM',
      { op: 'LSTM', inputs: ['float32[T,N,4]', 'float32[1,32,4]', 'float32[1,32,8]'], attributes: { hidden_size: 8 } },
      7 * 2 * (32 * 4 + 32 * 8),
    ],
    [
      'Attention',
      { op: 'Attention', opset: 23, inputs: ['float32[N,4,L,8]', 'float32[N,2,T,8]', 'float32[N,2,T,6]'] },
      2 * 4 * 5 * 7 * 14,
    ],
    ['a sum costs none', { op: 'Add', inputs: ['float32[N,L]', 'float32[N,L]'] }, 0],
    ['an unknown size', { op: 'MatMul', inputs: ['float32[...]', 'float32[8,4]'] }, undefined],
    ['a symbol without a size counts as 1', { op: 'MatMul', inputs: ['float32[Q,8]', 'float32[8,4]'] }, 32],
  ])('%s', (_, one, macs) => {
    const { facts, node } = factsOfOne(one);
    expect(macsOf(node, SIZES, (value) => facts.types.get(value) ?? typeInGraph(value))).toBe(macs);
  });
});

function costs(text: string, sizes: ReadonlyMap<string, number>) {
  const model = parseModel(text);
  const { types } = inferGraph(model.graph, model);
  const typeOf = (value: Parameters<typeof typeInGraph>[0]) => types.get(value) ?? typeInGraph(value);
  return { model, cost: costOf(model, sizes, typeOf), memory: activationMemory(model.graph, sizes, typeOf) };
}

describe('the cost of a model', () => {
  it('counts products, each constant once, and says what it assumed', () => {
    const { cost } = costs(
      `g (float[N,M,2] x) => (float[N,M,2] y) <float[2,2] w = {1, 2, 3, 4}, float[2] b = {1, 2}> { a = MatMul(x, w) c = MatMul(a, w) y = Add(c, b) }`,
      new Map([['N', 3]]),
    );
    expect(cost).toMatchObject({ macs: 24, parameters: 6, parameterBytes: 24, assumed: ['M'], unknown: [] });
    expect([...cost.macsByNode.values()]).toEqual([12, 12]);
  });

  it('takes the dearer branch, and a body as often as it runs', () => {
    const { cost } = costs(
      `g (bool c, float[T,2] s, float[2] h) => (float[2] y, float[T,2] o) <float[2,2] w = {1, 2, 3, 4}> {
        y = If (c) <then_branch = t () => (float[2] p) { p = MatMul(h, w) }, else_branch = e () => (float[2] q) { r = MatMul(h, w) q = MatMul(r, w) }>
        o = Scan <num_scan_inputs = 1, body = b (float[2] u) => (float[2] v) { v = MatMul(u, w) }> (s)
      }`,
      new Map([['T', 10]]),
    );
    expect(cost.macs).toBe(8 + 10 * 4);
    expect(cost.unknown).toEqual([]);
  });

  it('names the nodes it cannot count', () => {
    const { cost } = costs(
      `g (int64 n, float[2] h) => (float[2] y) <float[2,2] w = {1, 2, 3, 4}, bool yes = {1}> {
        y = Loop (n, yes, h) <body = b (int64 i, bool k, float[2] u) => (bool k2, float[2] v) { k2 = Identity(k) v = MatMul(u, w) }>
      }`,
      new Map(),
    );
    expect(cost.unknown.map((node) => node.op)).toEqual(['MatMul']);
    expect(cost.macs).toBe(4);
  });

  it('follows what is alive', () => {
    const { memory } = costs(
      `g (float[N] x) => (float[N] y) { a = Relu(x) b = Neg(a) y = Add(b, x) }`,
      new Map([['N', 100]]),
    );
    expect(memory).toEqual({ total: 1200, peak: 1200, unknown: [] });
    const chain = costs(
      `g (float[100] x) => (float[100] y) { a = Relu(x) b = Neg(a) c = Abs(b) y = Exp(c) }`,
      new Map(),
    );
    expect(chain.memory).toEqual({ total: 1600, peak: 800, unknown: [] });
  });
});
