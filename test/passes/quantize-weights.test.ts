import { describe, expect, it } from 'vitest';
import { inferShapes } from '../../passes/infer-shapes.ts';
import { quantizeWeights } from '../../passes/quantize-weights.ts';
import { int, text } from '../../src/ir/attribute.ts';
import { cloneModel } from '../../src/ir/clone.ts';
import { Graph } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import { int64Tensor, tensorFromNumbers } from '../../src/ir/tensor.ts';
import { tensorType } from '../../src/ir/value-type.ts';
import { verify } from '../../src/ir/verify.ts';
import { nodesWithin } from '../../src/ir/walk.ts';
import { type LayerSketch, layerSketch, noiseOf } from '../quantize/layer-sketch.ts';
import { runPass } from '../quantize/run-pass.ts';
import { modelOf, opsOf } from '../rewrite/graph-of.ts';

function stored(model: Model, options = {}) {
  const copy = cloneModel(model).model;
  return { model: copy, ...runPass(quantizeWeights, copy, options) };
}

/** Bytes of all constants of a model, nested ones included. */
function bytesOf(model: Model): number {
  const graphs = new Set([model.graph, ...[...nodesWithin(model.graph)].map((node) => node.graph!)]);
  return [...graphs]
    .flatMap((graph) => [...graph.constants()])
    .reduce(
      (sum, { constant }) => sum + (constant?.storage.kind === 'bytes' ? constant.storage.bytes.byteLength : 0),
      0,
    );
}

type Case = readonly [string, (s: LayerSketch) => Model];

const CASES: readonly Case[] = [
  ['Conv', (s) => s.model(s.conv('y', s.input('x', [1, 8, 6, 6]), [8, 32]))],
  [
    'ConvTranspose',
    (s) => s.model(s.op('y', 'ConvTranspose', [s.input('x', [1, 8, 6, 6]), s.weight('w', [8, 32, 3, 3], 0.2)])),
  ],
  ['Gemm', (s) => s.model(s.gemm('y', s.input('x', [2, 64]), [64, 32]))],
  ['Gemm by a transposed matrix', (s) => s.model(s.gemm('y', s.input('x', [2, 64]), [64, 32], { transB: int(1) }))],
  ['MatMul', (s) => s.model(s.op('y', 'MatMul', [s.input('x', [3, 2, 64]), s.weight('w', [64, 32], 0.2)]))],
  [
    'LSTM',
    (s) =>
      s.model(
        s.op(
          'y',
          'LSTM',
          [s.input('x', [5, 2, 32]), s.weight('w', [2, 64, 32], 0.2), s.weight('r', [2, 64, 16], 0.2)],
          { attributes: { hidden_size: int(16), direction: text('bidirectional') } },
        ),
      ),
  ],
  [
    'GRU',
    (s) =>
      s.model(
        s.op('y', 'GRU', [s.input('x', [5, 2, 32]), s.weight('w', [1, 96, 32], 0.2), s.weight('r', [1, 96, 32], 0.2)], {
          attributes: { hidden_size: int(32) },
        }),
      ),
  ],
  [
    'Gather from a table',
    (s) => {
      const indices = s.op(
        'i',
        'Cast',
        [s.op('c', 'Clip', [s.input('x', [4]), s.constant('low', [0], []), s.constant('high', [63], [])])],
        { attributes: { to: int(7) } },
      );
      return s.model(s.op('y', 'Gather', [s.weight('table', [64, 32]), indices]));
    },
  ],
];

describe('quantize-weights', () => {
  it.each(CASES)('stores the weights of %s in a quarter of the bytes', async (_, build) => {
    const model = build(layerSketch());
    const result = stored(model);
    expect(verify(result.model)).toEqual([]);
    expect(bytesOf(result.model)).toBeLessThan(0.3 * bytesOf(model));
    expect(await noiseOf(result.model, model)).toBeGreaterThan(35);
    const { version } = result.model.graph;
    runPass(quantizeWeights, result.model);
    expect(result.model.graph.version).toBe(version);
  });

  it('picks from a table before it dequantizes', () => {
    const { model } = stored(CASES.at(-1)![1](layerSketch()));
    expect(opsOf(model.graph)).toEqual(['Clip', 'Cast', 'Gather', 'DequantizeLinear']);
  });

  it('leaves a table whose scales would be picked apart, small weights and excluded nodes', () => {
    const s = layerSketch();
    const x = s.input('x', [2, 64]);
    const picked = s.op('p', 'Gather', [s.weight('table', [64, 32]), s.graph.addConstant(int64Tensor([1, 2]), 'i')], {
      attributes: { axis: int(1) },
    });
    const small = s.op('small', 'MatMul', [x, s.weight('w', [64, 2])]);
    const model = s.model(picked, small, s.op('kept', 'MatMul', [x, s.weight('v', [64, 32])]));
    expect(stored(model, { exclude: ['kept_node'] }).counts).toEqual({});
    expect(stored(model).counts).toEqual({ 'weights stored in 8 bits': 1 });
    expect(stored(model, { minElements: '1', operators: ['Gather'] }).counts).toEqual({});
  });

  it('stores a weight once for readers along the same axis, and apart for others', () => {
    const s = layerSketch();
    const w = s.weight('w', [32, 32]);
    const x = s.input('x', [2, 32]);
    const twice = s.op('b', 'MatMul', [s.op('a', 'MatMul', [x, w]), w]);
    const { model } = stored(s.model(s.op('y', 'Gemm', [twice, w], { attributes: { transB: int(1) } })));
    expect(opsOf(model.graph).filter((op) => op === 'DequantizeLinear')).toHaveLength(2);
    expect([...model.graph.constants()].map(({ constant }) => constant!.dtype).sort()).toEqual([
      'float32',
      'float32',
      'int8',
      'int8',
    ]);
  });

  it('dequantizes the weights of a loop body once, before the loop', async () => {
    const s = layerSketch();
    const body = new Graph('body');
    const row = body.addInput('row', tensorType('float32', [32]));
    const matrix = layerSketch().weight('w', [32, 32], 0.2).constant!;
    const product = body.append({
      op: 'MatMul',
      inputs: [row, body.addConstant(matrix, 'w')],
      outputs: [{ name: 'product' }],
    });
    body.addOutput(product.outputs[0]!);
    const scan = s.op('y', 'Scan', [s.input('x', [6, 32])], {
      attributes: { body: { kind: 'graph', value: body }, num_scan_inputs: int(1) },
    });
    s.graph.addOutput(scan);
    const model = modelOf(s.graph);
    runPass(inferShapes, model);
    const result = stored(model);
    expect(opsOf(result.model.graph)).toEqual(['DequantizeLinear', 'Scan']);
    expect(await noiseOf(result.model, model)).toBeGreaterThan(35);
  });

  it('asks for an opset with one scale per channel', () => {
    const s = layerSketch();
    const model = s.model(s.op('y', 'MatMul', [s.input('x', [2, 64]), s.weight('w', [64, 32])]));
    model.opsetImports.set('', 12);
    expect(stored(model).diagnostics.map(({ code }) => code)).toEqual(['quantize-opset']);
  });

  it('leaves weights that are not all finite', () => {
    const s = layerSketch();
    const wild = tensorFromNumbers('float32', [64, 32], new Array<number>(2048).fill(Number.NaN));
    const model = s.model(s.op('y', 'MatMul', [s.input('x', [2, 64]), s.graph.addConstant(wild, 'w')]));
    expect(opsOf(stored(model).model.graph)).toEqual(['MatMul']);
  });
});
