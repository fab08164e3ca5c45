import { describe, expect, it } from 'vitest';
import { quantizeDynamic } from '../../passes/quantize-dynamic.ts';
import { float, int, text } from '../../src/ir/attribute.ts';
import { cloneModel } from '../../src/ir/clone.ts';
import type { Model } from '../../src/ir/model.ts';
import { elementCount, tensorFromNumbers } from '../../src/ir/tensor.ts';
import { verify } from '../../src/ir/verify.ts';
import { kernelsOf, layerSketch, noiseOf } from '../quantize/layer-sketch.ts';
import { runPass } from '../quantize/run-pass.ts';
import { opsOf } from '../rewrite/graph-of.ts';

function quantizedDynamically(model: Model, options = {}) {
  const copy = cloneModel(model).model;
  return { model: copy, ...runPass(quantizeDynamic, copy, options) };
}

describe('quantize-dynamic', () => {
  it.each([
    ['a product', {}],
    ['a transposed weight', { transB: int(1) }],
  ])('fuses Gemm with %s into one kernel', async (_, attributes) => {
    const s = layerSketch();
    const model = s.model(s.gemm('y', s.input('x', [4, 64]), [64, 32], attributes));
    const result = quantizedDynamically(model);
    expect(verify(result.model)).toEqual([]);
    expect(await kernelsOf(result.model)).toEqual({ DynamicQuantizeMatMul: 1 });
    expect(await noiseOf(result.model, model)).toBeGreaterThan(30);
  });

  it('quantizes an activation once for all products of it', async () => {
    const s = layerSketch();
    const x = s.input('x', [2, 3, 64]);
    const model = s.model(
      s.op('y', 'MatMul', [x, s.weight('w', [64, 32], 0.2)]),
      s.op('z', 'MatMul', [x, s.weight('v', [64, 32], 0.2)]),
    );
    const result = quantizedDynamically(model, { perChannel: 'false' });
    expect(opsOf(result.model.graph).filter((op) => op === 'DynamicQuantizeLinear')).toHaveLength(1);
    expect(await kernelsOf(result.model)).toEqual({ DynamicQuantizeLinear: 1, MatMulIntegerToFloat: 2 });
    expect(await noiseOf(result.model, model)).toBeGreaterThan(30);
  });

  it.each(['forward', 'reverse', 'bidirectional'])(
    'turns a %s LSTM with all its results into one of integers',
    async (direction) => {
      const s = layerSketch();
      const directions = direction === 'bidirectional' ? 2 : 1;
      const operands = [
        s.input('x', [7, 2, 24]),
        s.weight('w', [directions, 64, 24], 0.2),
        s.weight('r', [directions, 64, 16], 0.2),
        s.weight('b', [directions, 128], 0.1),
      ];
      const outputs = [{ name: 'y' }, undefined, { name: 'c' }];
      const node = s.graph.append({
        op: 'LSTM',
        inputs: operands,
        outputs,
        attributes: { hidden_size: int(16), direction: text(direction) },
      });
      const model = s.model(node.outputs[0]!, node.outputs[2]!);
      const result = quantizedDynamically(model, { minElements: '1' });
      expect(verify(result.model)).toEqual([]);
      expect(result.model.opsetImports.get('com.microsoft')).toBe(1);
      expect(await kernelsOf(result.model)).toEqual({ DynamicQuantizeLSTM: 1 });
      expect(await noiseOf(result.model, model)).toBeGreaterThan(25);
    },
  );

  it('leaves what it cannot do, small weights and what is excluded', () => {
    const s = layerSketch();
    const x = s.input('x', [64, 64]);
    const w = s.weight('w', [64, 64]);
    const bias = s.weight('b', [64]);
    const model = s.model(
      s.op('conv', 'Conv', [s.input('image', [1, 64, 4, 4]), s.weight('k', [64, 64, 1, 1])]),
      s.op('factor', 'Gemm', [x, w, bias], { attributes: { alpha: float(2) } }),
      s.op('transposed', 'Gemm', [x, w, bias], { attributes: { transA: int(1) } }),
      s.op('activations', 'MatMul', [x, x]),
      s.op('batch', 'MatMul', [x, s.weight('stack', [2, 64, 64])]),
      s.op('small', 'MatMul', [x, s.weight('v', [64, 2])]),
      s.op('kept', 'MatMul', [x, w]),
    );
    const { version } = model.graph;
    expect(runPass(quantizeDynamic, model, { exclude: ['kept_*'] }).counts).toEqual({});
    expect(model.graph.version).toBe(version);
  });

  it('leaves an LSTM whose batch comes first', () => {
    const s = layerSketch();
    const operands = [s.input('x', [2, 7, 24]), s.weight('w', [1, 64, 24]), s.weight('r', [1, 64, 16])];
    const model = s.model(s.op('y', 'LSTM', operands, { attributes: { hidden_size: int(16), layout: int(1) } }));
    expect(quantizedDynamically(model).counts).toEqual({});
  });

  it('changes nothing when it is run again, and asks for an opset that has it', () => {
    const s = layerSketch();
    const model = s.model(s.gemm('y', s.input('x', [4, 64]), [64, 32]));
    const result = quantizedDynamically(model);
    const { version } = result.model.graph;
    runPass(quantizeDynamic, result.model);
    expect(result.model.graph.version).toBe(version);
    model.opsetImports.set('', 10);
    expect(quantizedDynamically(model).diagnostics.map(({ code }) => code)).toEqual(['quantize-opset']);
  });

  it('leaves weights that are not all finite', () => {
    const s = layerSketch();
    const wild = (dims: readonly number[]) =>
      s.graph.addConstant(
        tensorFromNumbers('float32', dims, new Array<number>(elementCount(dims)).fill(Number.POSITIVE_INFINITY)),
      );
    const x = s.op('m', 'MatMul', [s.input('x', [7, 2, 24]), wild([24, 64])]);
    const operands = [x, wild([1, 64, 64]), s.weight('r', [1, 64, 16])];
    const model = s.model(s.op('y', 'LSTM', operands, { attributes: { hidden_size: int(16) } }));
    expect(quantizedDynamically(model).counts).toEqual({});
  });
});
