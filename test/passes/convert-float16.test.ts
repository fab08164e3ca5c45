import { describe, expect, it } from 'vitest';
import { convertFloat16 } from '../../passes/convert-float16.ts';
import { int, ints, text } from '../../src/ir/attribute.ts';
import { cloneModel } from '../../src/ir/clone.ts';
import { Graph } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import { scalarTensor, tensorFromNumbers, toNumbers } from '../../src/ir/tensor.ts';
import { tensorType } from '../../src/ir/value-type.ts';
import { verify } from '../../src/ir/verify.ts';
import { float16Tensor } from '../../src/quantize/float16-tensor.ts';
import { layerSketch, noiseOf } from '../quantize/layer-sketch.ts';
import { runPass } from '../quantize/run-pass.ts';
import { opsOf } from '../rewrite/graph-of.ts';

function converted(model: Model, options = {}) {
  const copy = cloneModel(model).model;
  return { model: copy, ...runPass(convertFloat16, copy, options) };
}

describe('convert-float16', () => {
  it('halves the weights, keeps the interface, and converts at the ends only', async () => {
    const s = layerSketch();
    const hidden = s.op('r', 'Relu', [s.conv('a', s.input('x', [1, 4, 8, 8]), [4, 8])]);
    const model = s.model(s.gemm('y', s.op('f', 'Flatten', [hidden]), [512, 5]));
    const result = converted(model);
    expect(verify(result.model)).toEqual([]);
    expect(opsOf(result.model.graph)).toEqual(['Cast', 'Conv', 'Relu', 'Flatten', 'Gemm', 'Cast']);
    expect(new Set([...result.model.graph.constants()].map(({ constant }) => constant!.dtype))).toEqual(
      new Set(['float16']),
    );
    expect(result.model.graph.inputs[0]!.type).toEqual(tensorType('float32', [1, 4, 8, 8]));
    expect(result.model.graph.outputs[0]!.name).toBe('y');
    expect(await noiseOf(result.model, model)).toBeGreaterThan(50);
  });

  it('goes back to float32 for what needs it: by schema, by nature, or excluded', async () => {
    const s = layerSketch();
    const a = s.conv('a', s.input('x', [1, 4, 8, 8]), [4, 4]);
    const scales = s.graph.addConstant(tensorFromNumbers('float32', [4], [1, 1, 2, 2]), 'scales');
    const large = s.op('l', 'Resize', [a, undefined, scales], { attributes: { mode: text('linear') } });
    const summed = s.op('c', 'CumSum', [large, s.graph.addConstant(scalarTensor('int64', 2), 'axis')]);
    const model = s.model(s.op('y', 'Tanh', [s.op('kept', 'Neg', [summed])]));
    const result = converted(model, { exclude: ['kept*'] });
    expect(opsOf(result.model.graph)).toEqual([
      'Cast',
      'Conv',
      'Resize',
      'Cast',
      'CumSum',
      'Neg',
      'Cast',
      'Tanh',
      'Cast',
    ]);
    expect([...result.model.graph.constants()].find(({ name }) => name === 'scales')!.constant!.dtype).toBe('float32');
    expect(await noiseOf(result.model, model)).toBeGreaterThan(50);
  });

  it('lets a Cast give float16, and a branch read float32', async () => {
    const s = layerSketch();
    const x = s.input('x', [1, 4, 8, 8]);
    const shape = s.op('shape', 'Shape', [x]);
    const size = s.op(
      'size',
      'Cast',
      [s.op('p', 'ReduceProd', [shape], { attributes: { axes: ints([0]), keepdims: int(0) } })],
      { attributes: { to: int(1) } },
    );
    const product = s.op('m', 'Mul', [s.conv('a', x, [4, 4]), size]);
    const branch = new Graph('then');
    branch.addOutput(branch.append({ op: 'Neg', inputs: [product], outputs: [{ name: 'n' }] }).outputs[0]!);
    const other = new Graph('else');
    other.addOutput(other.append({ op: 'Abs', inputs: [product], outputs: [{ name: 'o' }] }).outputs[0]!);
    const condition = s.graph.addConstant(scalarTensor('bool', 1), 'cond');
    const attributes = {
      then_branch: { kind: 'graph' as const, value: branch },
      else_branch: { kind: 'graph' as const, value: other },
    };
    const model = s.model(s.op('y', 'If', [condition], { attributes }));
    const result = converted(model);
    expect(verify(result.model)).toEqual([]);
    const casts = [...result.model.graph.nodes()]
      .filter(({ op }) => op === 'Cast')
      .map((node) => Number(node.attributes.get('to')?.value));
    expect(casts.sort()).toEqual([1, 10, 10]);
    expect(await noiseOf(result.model, model)).toBeGreaterThan(45);
  });

  it('changes nothing when it is run again', () => {
    const s = layerSketch();
    const { model } = converted(s.model(s.conv('y', s.input('x', [1, 4, 8, 8]), [4, 4])));
    const before = opsOf(model.graph);
    runPass(convertFloat16, model);
    expect(opsOf(model.graph)).toEqual(before);
  });

  it('says how many weights it cut', () => {
    const s = layerSketch();
    const model = s.model(s.op('y', 'Add', [s.input('x', [2]), s.constant('w', [1e6, -1e9])]));
    expect(converted(model).diagnostics).toEqual([
      expect.objectContaining({ code: 'float16-clamped', message: expect.stringContaining('2 weights') }),
    ]);
  });
});

describe('float16Tensor', () => {
  it('rounds to even, cuts to the largest, keeps NaN', () => {
    const values = [1, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 1e6, Number.NEGATIVE_INFINITY, 65504, Number.NaN, 2 ** -25];
    const { tensor, clamped } = float16Tensor(tensorFromNumbers('float32', [8], values));
    expect(toNumbers(tensor)).toEqual([1, 1, 1 + 2 ** -9, 65504, -65504, 65504, Number.NaN, 0]);
    expect(clamped).toBe(2);
  });
});
