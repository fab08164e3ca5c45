import { describe, expect, it } from 'vitest';
import { foldStoredWeights } from '../../passes/fold-stored-weights.ts';
import { int } from '../../src/ir/attribute.ts';
import { tensorFromNumbers, toNumbers } from '../../src/ir/tensor.ts';
import type { Value } from '../../src/ir/value.ts';
import { runPass } from '../quantize/run-pass.ts';
import { modelOf, opsOf, sketch } from '../rewrite/graph-of.ts';

describe('fold-stored-weights', () => {
  const values = [1, -2, 3, -4, 5, -6];
  it.each([
    ['one scale', 'int8', [], [0.5], undefined, 0, [0.5, -1, 1.5, -2, 2.5, -3]],
    ['a scale and zero point', 'int8', [], [0.5], [2], 0, [-0.5, -2, 0.5, -3, 1.5, -4]],
    ['a scale per row', 'int8', [2], [1, 10], undefined, 0, [1, -2, 3, -40, 50, -60]],
    ['a scale per column, counted from the end', 'int8', [3], [1, 10, 100], undefined, -1, [1, -20, 300, -4, 50, -600]],
    ['a scale in a list', 'int32', [1], [2], undefined, 1, [2, -4, 6, -8, 10, -12]],
  ] as const)('dequantizes constants with %s', (_, dtype, dims, scale, zeroPoint, axis, expected) => {
    const s = sketch();
    const inputs: Value[] = [
      s.graph.addConstant(tensorFromNumbers(dtype, [2, 3], values), 'q'),
      s.constant('s', scale, dims),
    ];
    if (zeroPoint !== undefined) inputs.push(s.graph.addConstant(tensorFromNumbers(dtype, dims, zeroPoint), 'z'));
    const w = s.op('w', 'DequantizeLinear', inputs, { attributes: { axis: int(axis) } });
    s.graph.addOutput(s.op('y', 'MatMul', [s.input('x', [1, 2]), w]));
    const { counts } = runPass(foldStoredWeights, modelOf(s.graph));
    expect(counts).toEqual({ 'weights dequantized': 1 });
    const [product] = s.graph.nodes();
    expect(toNumbers(product!.inputs[1]!.constant!)).toEqual(expected);
  });

  it('casts weights of layers to float32, and nothing else', () => {
    const s = sketch();
    const half = (name: string) => s.graph.addConstant(tensorFromNumbers('bfloat16', [3, 2], values), name);
    const attributes = { to: int(1) };
    const w = s.op('w', 'Cast', [half('h')], { attributes });
    const other = s.op('o', 'Cast', [half('i')], { attributes });
    const shared = s.op('t', 'Cast', [half('j')], { attributes });
    const x = s.input('x', [1, 3]);
    s.graph.addOutput(s.op('y', 'MatMul', [x, w]));
    s.graph.addOutput(s.op('z', 'Mul', [other, other]));
    s.graph.addOutput(s.op('u', 'MatMul', [x, shared]));
    s.graph.addOutput(s.op('v', 'Neg', [shared]));
    expect(runPass(foldStoredWeights, modelOf(s.graph)).counts).toEqual({ 'weights cast to float32': 1 });
    const product = [...s.graph.nodes()].find(({ op }) => op === 'MatMul')!;
    expect(product.inputs[1]!.constant?.dtype).toBe('float32');
    expect(toNumbers(product.inputs[1]!.constant!)).toEqual(values);
  });

  it('removes a round trip over a range found at run time', () => {
    const s = sketch();
    const node = s.graph.append({
      op: 'DynamicQuantizeLinear',
      inputs: [s.input('x', [2])],
      outputs: [{ name: 'q' }, { name: 's' }, { name: 'z' }],
    });
    s.graph.addOutput(s.op('y', 'Neg', [s.op('d', 'DequantizeLinear', [...node.outputs])]));
    const { counts } = runPass(foldStoredWeights, modelOf(s.graph));
    expect(counts).toEqual({ 'round trips removed': 1 });
    expect([...s.graph.nodes()].at(-1)!.inputs[0]!.name).toBe('x');
  });

  it('leaves activations, and forms that it does not know', () => {
    const s = sketch();
    const scale = s.constant('s', [1], []);
    const activation = s.op('a', 'DequantizeLinear', [s.op('q', 'QuantizeLinear', [s.input('x', [2]), scale]), scale]);
    const block = s.graph.addConstant(tensorFromNumbers('int8', [4, 2], new Array(8).fill(1)), 'b');
    const blocked = s.op('c', 'DequantizeLinear', [block, s.constant('bs', [1, 2, 3, 4], [2, 2])], {
      attributes: { block_size: int(2), axis: int(0) },
    });
    s.graph.addOutput(activation);
    s.graph.addOutput(blocked);
    const model = modelOf(s.graph, 21);
    expect(runPass(foldStoredWeights, model).counts).toEqual({});
    expect(opsOf(model.graph)).toEqual(['QuantizeLinear', 'DequantizeLinear', 'DequantizeLinear']);
  });
});
