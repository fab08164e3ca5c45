import { describe, expect, it } from 'vitest';
import { quantizeDynamic } from '../../passes/quantize-dynamic.ts';
import { quantizeInt8 } from '../../passes/quantize-int8.ts';
import { makeSample, memoryDataset } from '../../src/data/indexed-dataset.ts';
import { float, int, ints, intsOf, text } from '../../src/ir/attribute.ts';
import { Graph } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import type { Node } from '../../src/ir/node.ts';
import {
  elementCount,
  int64Tensor,
  scalarTensor,
  tensorFromNumbers,
  toFloat32,
  toNumbers,
} from '../../src/ir/tensor.ts';
import type { Value } from '../../src/ir/value.ts';
import { tensorType } from '../../src/ir/value-type.ts';
import { verify } from '../../src/ir/verify.ts';
import { nodesWithin } from '../../src/ir/walk.ts';
import { calibrate } from '../../src/quantize/calibrate.ts';
import {
  kernelsOf,
  type LayerSketch,
  layerSketch,
  noiseOf,
  optimizedGraph,
  quantized,
} from '../quantize/layer-sketch.ts';
import { runPass } from '../quantize/run-pass.ts';

const IMAGE = [1, 4, 8, 8] as const;

function ops(model: Model, op: string): Node[] {
  return [...nodesWithin(model.graph)].filter((node) => node.op === op);
}

/** What stays in float of the optimized graph beside the two ends. */
async function conversions(model: Model): Promise<{ quantize: number; dequantize: number }> {
  const kernels = await kernelsOf(model);
  return { quantize: kernels.QuantizeLinear ?? 0, dequantize: kernels.DequantizeLinear ?? 0 };
}

describe('layers', () => {
  it('become integer kernels: convolutions plain, grouped, depthwise and without bias', async () => {
    const s = layerSketch();
    let x = s.conv('a', s.input('x', IMAGE), [4, 8]);
    x = s.conv('b', x, [8, 8], { group: 2 });
    x = s.conv('c', x, [8, 8], { group: 8 });
    x = s.conv('d', x, [8, 4], { kernel: 1, bias: false });
    const model = s.model(x);
    const result = await quantized(model);
    expect(await kernelsOf(result.model)).toMatchObject({ QLinearConv: 4, QuantizeLinear: 1, DequantizeLinear: 1 });
    expect(result.counts['nodes in int8']).toBe(4);
    expect(await noiseOf(result.model, model)).toBeGreaterThan(25);
  });

  it('leave the addition of a mask with infinite numbers between them in float', async () => {
    const s = layerSketch();
    const mask = s.graph.addConstant(tensorFromNumbers('float32', [1, 4, 1, 1], [0, Number.NEGATIVE_INFINITY, 0, 0]));
    const hidden = s.op('m', 'Add', [s.conv('a', s.input('x', IMAGE), [4, 4]), mask]);
    const model = s.model(s.conv('b', s.op('r', 'Relu', [hidden]), [4, 4]));
    const result = await quantized(model);
    expect(await kernelsOf(result.model)).toMatchObject({ Add: 1 });
    expect(result.counts['nodes in int8']).toBe(2);
  });

  it('become integer kernels: a convolution of one dimension', async () => {
    const s = layerSketch();
    const x = s.op('a', 'Conv', [s.input('x', [1, 4, 16]), s.weight('w', [4, 4, 3], 0.3), s.weight('b', [4])]);
    const result = await quantized(s.model(s.op('y', 'Conv', [x, s.weight('v', [2, 4, 3], 0.3)])));
    expect(await kernelsOf(result.model)).toMatchObject({ QLinearConv: 2 });
  });

  it.each([
    ['a plain product', {}],
    ['a transposed weight', { transB: int(1) }],
    ['factors', { alpha: float(0.5), beta: float(3) }],
  ])('become integer kernels: Gemm with %s, the last one with a float result', async (_, attributes) => {
    const s = layerSketch();
    const hidden = s.op('h', 'Relu', [s.gemm('a', s.input('x', [2, 16]), [16, 24], attributes)]);
    const model = s.model(s.gemm('y', hidden, [24, 5], attributes));
    const result = await quantized(model);
    const kernels = await kernelsOf(result.model);
    expect(kernels).toMatchObject({ QGemm: 2, QuantizeLinear: 1 });
    expect(kernels.DequantizeLinear).toBeUndefined();
    expect(await noiseOf(result.model, model)).toBeGreaterThan(25);
  });

  it('become integer kernels: a matrix product by a constant, and of two activations', async () => {
    const s = layerSketch();
    const x = s.input('x', [2, 6, 16]);
    const a = s.op('a', 'MatMul', [x, s.weight('wa', [16, 8], 0.3)]);
    const b = s.op('b', 'MatMul', [x, s.weight('wb', [16, 8], 0.3)]);
    const model = s.model(
      s.op('y', 'MatMul', [a, s.op('t', 'Transpose', [b], { attributes: { perm: ints([0, 2, 1]) } })]),
    );
    const result = await quantized(model);
    expect(await kernelsOf(result.model)).toMatchObject({ QLinearMatMul: 2, MatMulIntegerToFloat: 1 });
    expect(await noiseOf(result.model, model)).toBeGreaterThan(25);
    const without = await quantized(model, { activationProducts: 'false' });
    expect(await kernelsOf(without.model)).toMatchObject({ MatMulIntegerToFloat: 2, FusedMatMul: 1 });
  });

  /** A product whose bias the runtime adds inside it, between products that are like any other. */
  const biased = (rows: readonly (number | string)[]): Model => {
    const s = layerSketch();
    const product = s.op('p', 'MatMul', [s.input('x', rows), s.weight('w', [16, 8], 0.3)]);
    const sum = s.op('s', 'Add', [product, s.weight('b', [8])]);
    return s.model(s.op('y', 'MatMul', [sum, s.weight('v', [8, 3])]));
  };
  const samples = Array.from({ length: 4 }, (_, i) =>
    makeSample(
      new Map([
        [
          'x',
          tensorFromNumbers(
            'float32',
            [2, 6, 16],
            Array.from({ length: 192 }, (_, k) => Math.sin(i + k)),
          ),
        ],
      ]),
    ),
  );

  it('keep the addition of a constant that the runtime does inside a product', async () => {
    const model = biased(['N', 6, 16]);
    runPass(quantizeInt8, model, {}, await calibrate(model, memoryDataset('rows', samples), { observer: 'min-max' }));
    expect(ops(model, 'QuantizeLinear')).toHaveLength(2);
    expect(await kernelsOf(model)).toMatchObject({ MatMulIntegerToFloat: 2 });
  });

  it('leave a product alone that the runtime fuses with its bias in float', async () => {
    const { model, diagnostics } = await quantized(biased([2, 6, 16]));
    expect(ops(model, 'QuantizeLinear')).toHaveLength(1);
    expect(diagnostics.map(({ code, at }) => [code, at])).toEqual([['quantize-float-fused-in-float', 'p_node']]);
    runPass(quantizeDynamic, model, { minElements: 1 });
    const kernels = await kernelsOf(model);
    expect(kernels).toMatchObject({ DynamicQuantizeMatMul: 1, MatMulIntegerToFloat: 1 });
    expect(kernels.Gemm).toBeUndefined();
  });

  it('stay integer although their activation has a float reader', async () => {
    const s = layerSketch();
    const hidden = s.op('h', 'Relu', [s.gemm('a', s.input('x', [2, 16]), [16, 16])]);
    const model = s.model(s.op('y', 'Softplus', [hidden]));
    expect(await kernelsOf((await quantized(model)).model)).toMatchObject({ QGemm: 1 });
  });

  it('store int8 and int32 in the place of every float weight and bias', async () => {
    const s = layerSketch();
    const { model } = await quantized(
      s.model(s.gemm('b', s.op('f', 'Flatten', [s.conv('a', s.input('x', IMAGE), [4, 4])]), [256, 3])),
    );
    const types = [...model.graph.constants()].map(({ constant }) => constant!.dtype).sort();
    expect(types.filter((type) => type === 'int8')).toHaveLength(3);
    expect(types.filter((type) => type === 'int32')).toHaveLength(2);
    const floats = [...model.graph.constants()].filter(({ constant }) => constant?.dtype === 'float32');
    expect(Math.max(...floats.map(({ constant }) => constant!.dims[0] ?? 1))).toBeLessThanOrEqual(4);
  });

  it('have a bias whose scale is that of the products, and no zero point', async () => {
    const s = layerSketch();
    const { model, ranges } = await quantized(s.model(s.conv('y', s.input('x', IMAGE), [4, 4])));
    const [conv] = ops(model, 'Conv');
    const [input, weight, bias] = conv!.inputs.map((value) => value!.producer!);
    expect(bias!.inputs).toHaveLength(2);
    expect(ranges.size).toBe(2);
    const inputScale = toFloat32(input!.inputs[1]!.constant!)[0]!;
    const expected = toFloat32(weight!.inputs[1]!.constant!).map((scale) => scale * inputScale);
    expect(bias!.inputs[1]!.constant && toFloat32(bias!.inputs[1]!.constant)).toEqual(expected);
    expect(weight!.attributes.get('axis')).toEqual(int(0));
  });

  it('quantize a shared weight once and a shared bias for each layer', async () => {
    const s = layerSketch();
    const [w, b] = [s.weight('w', [4, 4, 1, 1], 0.5), s.weight('b', [4])];
    const first = s.op('a', 'Conv', [s.input('x', IMAGE), w, b]);
    const model = s.model(s.op('y', 'Conv', [s.op('r', 'Relu', [first]), w, b]));
    const result = await quantized(model, { biasCorrection: 'false' });
    const types = [...result.model.graph.constants()].map(({ constant }) => constant!.dtype);
    expect(types.filter((type) => type === 'int8')).toHaveLength(1);
    expect(types.filter((type) => type === 'int32')).toHaveLength(2);
    expect(await kernelsOf(result.model)).toMatchObject({ QLinearConv: 2 });
  });

  it('state the bias of a channel that is all but dead', async () => {
    const s = layerSketch();
    const weight = Array.from({ length: 16 }, (_, i) => (i < 4 ? 1e-12 : 0.3));
    const x = s.op('y', 'Conv', [
      s.input('x', IMAGE),
      s.constant('w', weight, [4, 4, 1, 1]),
      s.constant('b', [3, 0.1, 0.2, 0.3]),
    ]);
    const model = s.model(x);
    const result = await quantized(model);
    expect(await kernelsOf(result.model)).toMatchObject({ QLinearConv: 1 });
    expect(await noiseOf(result.model, model)).toBeGreaterThan(30);
  });

  it('take the average rounding of their weights off their bias', async () => {
    const s = layerSketch();
    // Inputs around 10 and one large weight per channel: the small ones round all the same way.
    const shifted = s.op('s', 'Add', [s.input('x', IMAGE), s.constant('ten', [10], [1])]);
    const weight = Array.from({ length: 64 }, (_, i) => (i % 16 === 0 ? 1 : 0.0035));
    const model = s.model(s.op('y', 'Conv', [shifted, s.constant('w', weight, [4, 16 / 4, 2, 2])]));
    const corrected = await quantized(model);
    const plain = await quantized(model, { biasCorrection: 'false' });
    expect(await kernelsOf(corrected.model)).toMatchObject({ QLinearConv: 1 });
    expect(await noiseOf(corrected.model, model)).toBeGreaterThan((await noiseOf(plain.model, model)) + 3);
  });

  it('use fewer steps where pairs of products could saturate, if asked to', async () => {
    const s = layerSketch();
    const weight = Array.from({ length: 64 }, () => 1);
    const model = s.model(s.op('y', 'Conv', [s.input('x', IMAGE), s.constant('w', weight, [4, 4, 2, 2])]));
    const full = await quantized(model);
    expect(full.counts['weights that can saturate without VNNI']).toBe(1);
    const reduced = await quantized(model, { reduceRange: 'true' });
    expect(reduced.counts['weights that can saturate without VNNI']).toBeUndefined();
  });
});

describe('activations', () => {
  it.each([
    ['Relu', []],
    ['Clip', [0, 6]],
    ['Clip', [-1, 1]],
    ['Clip', [-1.5, 2]],
    ['Clip', [-0.5, 100]],
    ['Clip', [-2, 0]],
  ])('%s %j is left to the quantization of its result', async (op, bounds) => {
    const s = layerSketch();
    const limits = bounds.map((bound, i) => s.constant(`bound${i}`, [bound], []));
    const cut = s.op('r', op, [s.conv('a', s.input('x', IMAGE), [4, 4]), ...limits]);
    const model = s.model(s.conv('y', cut, [4, 4]));
    const result = await quantized(model);
    const kernels = await kernelsOf(result.model);
    expect(kernels).toMatchObject({ QLinearConv: 2 });
    expect(kernels[op]).toBeUndefined();
    expect(await noiseOf(result.model, model)).toBeGreaterThan(20);
  });

  it('a Clip that keeps 0 out stays, and so does a Relu with symmetric activations', async () => {
    const s = layerSketch();
    const limits = [s.constant('low', [1], []), s.constant('high', [3], [])];
    const clip = s.op('c', 'Clip', [s.conv('a', s.input('x', IMAGE), [4, 4]), ...limits]);
    const model = s.model(s.conv('y', clip, [4, 4]));
    expect(await kernelsOf((await quantized(model)).model)).toMatchObject({ QLinearConv: 2, Clip: 1 });
    const t = layerSketch();
    const relu = t.op('r', 'Relu', [t.conv('a', t.input('x', IMAGE), [4, 4])]);
    const symmetric = await quantized(t.model(t.conv('y', relu, [4, 4])), { symmetricActivations: 'true' });
    expect(await kernelsOf(symmetric.model)).toMatchObject({ QLinearConv: 2, Relu: 1 });
  });

  it('a residual sum with its Relu is one kernel, and its operand is quantized once for both readers', async () => {
    const s = layerSketch();
    const a = s.op('ra', 'Relu', [s.conv('a', s.input('x', IMAGE), [4, 4])]);
    const b = s.conv('b', a, [4, 4]);
    const sum = s.op('r', 'Relu', [s.op('s', 'Add', [a, b])]);
    const model = s.model(s.conv('y', sum, [4, 4]));
    const result = await quantized(model);
    expect(await kernelsOf(result.model)).toMatchObject({
      QLinearConv: 3,
      QLinearAdd: 1,
      QuantizeLinear: 1,
      DequantizeLinear: 1,
    });
    expect(ops(result.model, 'QuantizeLinear')).toHaveLength(5);
  });

  it('a sigmoid has the range from 0 to 1 whatever the data', async () => {
    const s = layerSketch();
    const gate = s.op('g', 'Sigmoid', [s.conv('a', s.input('x', IMAGE), [4, 4])]);
    const { model, ranges } = await quantized(s.model(s.conv('y', gate, [4, 4])));
    expect([...ranges.keys()].map(({ name }) => name).sort()).toEqual(['a', 'g', 'x', 'y']);
    const quantize = ops(model, 'QuantizeLinear').find((node) => node.inputs[0]?.producer?.op === 'Sigmoid');
    expect(toNumbers(quantize!.inputs[2]!.constant!)).toEqual([0]);
    expect(toFloat32(quantize!.inputs[1]!.constant!)[0]).toBe(Math.fround(1 / 255));
  });

  it('what goes into a gate is cut where the gate cannot tell it apart', async () => {
    const s = layerSketch();
    const wide = s.op('w', 'Conv', [s.input('x', IMAGE), s.weight('k', [4, 4, 1, 1], 40)]);
    const swish = s.op('m', 'Mul', [wide, s.op('g', 'Sigmoid', [wide])]);
    const { ranges } = await quantized(s.model(s.conv('y', swish, [4, 4])));
    const range = [...ranges].find(([{ name }]) => name === 'w')![1];
    expect(range.min).toBe(-8);
    expect(range.max).toBeGreaterThan(50);
  });
});

describe('operators between layers', () => {
  type Between = readonly [string, (s: LayerSketch, x: Value) => Value, string | undefined];
  const more = (attributes: Record<string, ReturnType<typeof int>>) => ({ attributes });
  const sizes = (s: LayerSketch, name: string, values: readonly number[]) =>
    s.graph.addConstant(int64Tensor(values), name);
  const CASES: readonly Between[] = [
    ['Add of a constant', (s, x) => s.op('o', 'Add', [x, s.weight('k', [4, 1, 1])]), 'QLinearAdd'],
    ['Mul by a constant', (s, x) => s.op('o', 'Mul', [x, s.weight('k', [4, 1, 1])]), 'QLinearMul'],
    ['Concat', (s, x) => s.op('o', 'Concat', [x, s.conv('other', x, [4, 4])], more({ axis: int(2) })), 'QLinearConcat'],
    [
      'AveragePool',
      (s, x) => s.op('o', 'AveragePool', [x], { attributes: { kernel_shape: ints([3, 3]) } }),
      'QLinearAveragePool',
    ],
    ['GlobalAveragePool', (s, x) => s.op('o', 'GlobalAveragePool', [x]), 'QLinearGlobalAveragePool'],
    ['LeakyRelu', (s, x) => s.op('o', 'LeakyRelu', [x], { attributes: { alpha: float(0.1) } }), 'QLinearLeakyRelu'],
    ['Sigmoid', (s, x) => s.op('o', 'Sigmoid', [x]), 'QLinearSigmoid'],
    ['Softmax', (s, x) => s.op('o', 'Softmax', [x]), 'QLinearSoftmax'],
    [
      'Where',
      (s, x) => {
        const condition = s.graph.addConstant(tensorFromNumbers('bool', [8], [1, 0, 1, 0, 1, 0, 1, 0]), 'cond');
        return s.op('o', 'Where', [condition, x, s.weight('k', [4, 8, 8])]);
      },
      'QLinearWhere',
    ],
    ['MaxPool', (s, x) => s.op('o', 'MaxPool', [x], { attributes: { kernel_shape: ints([2, 2]) } }), undefined],
    ['ReduceMax', (s, x) => s.op('o', 'ReduceMax', [x], { attributes: { axes: ints([3]) } }), undefined],
    ['ReduceMin', (s, x) => s.op('o', 'ReduceMin', [x], { attributes: { axes: ints([3]) } }), undefined],
    ['Reshape', (s, x) => s.op('o', 'Reshape', [x, sizes(s, 'n', [1, 4, 4, 16])]), undefined],
    ['Transpose', (s, x) => s.op('o', 'Transpose', [x], { attributes: { perm: ints([0, 1, 3, 2]) } }), undefined],
    ['Slice', (s, x) => s.op('o', 'Slice', [x, sizes(s, 'a', [0]), sizes(s, 'b', [4]), sizes(s, 'c', [2])]), undefined],
    ['Gather', (s, x) => s.op('o', 'Gather', [x, sizes(s, 'i', [3, 1])], more({ axis: int(2) })), undefined],
    ['Expand', (s, x) => s.op('o', 'Expand', [x, sizes(s, 'n', [2, 4, 8, 8])]), undefined],
    ['Tile', (s, x) => s.op('o', 'Tile', [x, sizes(s, 'n', [1, 1, 2, 1])]), undefined],
    [
      'Resize to the nearest',
      (s, x) => {
        const scales = s.graph.addConstant(tensorFromNumbers('float32', [4], [1, 1, 2, 2]), 'f');
        return s.op('o', 'Resize', [x, undefined, scales], { attributes: { mode: text('nearest') } });
      },
      undefined,
    ],
    [
      'Split',
      (s, x) => {
        const node = s.graph.append({
          op: 'Split',
          inputs: [x],
          attributes: { axis: int(2) },
          outputs: [{ name: 'p' }, { name: 'q' }],
        });
        return s.op('o', 'Concat', [...node.outputs], more({ axis: int(2) }));
      },
      undefined,
    ],
  ];

  it.each(CASES)('%s runs on 8 bits', async (_, build, kernel) => {
    const s = layerSketch();
    const x = s.op('r', 'Relu', [s.conv('a', s.input('x', IMAGE), [4, 4])]);
    const model = s.model(s.conv('y', build(s, x), [4, 4]));
    const result = await quantized(model);
    if (kernel !== undefined) expect(await kernelsOf(result.model)).toMatchObject({ [kernel]: 1 });
    // Nothing goes to float and back on the way. A constant beside an activation stands dequantized in the file only.
    expect(await conversions(result.model)).toEqual({ quantize: 1, dequantize: 1 });
    expect(await noiseOf(result.model, model)).toBeGreaterThan(20);
  });

  it.each([
    ['Flatten', (s: LayerSketch, x: Value) => s.op('o', 'Flatten', [x])],
    ['Reshape to a matrix', (s: LayerSketch, x: Value) => s.op('o', 'Reshape', [x, sizes(s, 'n', [1, 256])])],
    [
      'Squeeze',
      (s: LayerSketch, x: Value) =>
        s.op('o', 'Squeeze', [
          s.op('m', 'ReduceMax', [x], { attributes: { axes: ints([2, 3]) } }),
          sizes(s, 'n', [2, 3]),
        ]),
    ],
    [
      'Unsqueeze',
      (s: LayerSketch, x: Value) => s.op('f', 'Flatten', [s.op('o', 'Unsqueeze', [x, sizes(s, 'n', [4])])]),
    ],
  ])('%s runs on 8 bits before a matrix product', async (_, build) => {
    const s = layerSketch();
    const x = build(s, s.op('r', 'Relu', [s.conv('a', s.input('x', IMAGE), [4, 4])]));
    const width = { o: 256, f: 256 }[x.name] ?? 256;
    const model = s.model(s.gemm('y', x, [x.producer?.op === 'Squeeze' ? 4 : width, 3]));
    const result = await quantized(model);
    expect(await kernelsOf(result.model)).toMatchObject({ QLinearConv: 1, QGemm: 1 });
    expect(await conversions(result.model)).toEqual({ quantize: 1, dequantize: 0 });
  });

  it('a value that is moved keeps its parameters', async () => {
    const s = layerSketch();
    const x = s.op('o', 'MaxPool', [s.op('r', 'Relu', [s.conv('a', s.input('x', IMAGE), [4, 4])])], {
      attributes: { kernel_shape: ints([2, 2]) },
    });
    const { model } = await quantized(s.model(s.conv('y', x, [4, 4])));
    const [pool] = ops(model, 'MaxPool');
    const before = pool!.inputs[0]!.producer!.inputs;
    const after = [...pool!.outputs[0]!.uses][0]!.node.inputs;
    expect(after.slice(1)).toEqual(before.slice(1));
  });

  it.each(['Tanh', 'Erf', 'Sqrt', 'HardSigmoid'])(
    '%s has no 8-bit kernel and is not wrapped more than it must be',
    async (op) => {
      const s = layerSketch();
      const x = s.op('r', 'Relu', [s.conv('a', s.input('x', IMAGE), [4, 4])]);
      const { model } = await quantized(s.model(s.conv('y', s.op('o', op, [x]), [4, 4])));
      expect(await kernelsOf(model)).toMatchObject({ QLinearConv: 2, [op]: 1, QuantizeLinear: 2, DequantizeLinear: 2 });
    },
  );

  it('what stands between float operators stays float', async () => {
    const s = layerSketch();
    const sum = s.op('s', 'Add', [s.op('t', 'Tanh', [s.input('x', IMAGE)]), s.weight('k', [4, 1, 1])]);
    const model = s.model(s.op('y', 'Erf', [sum]));
    const result = await quantized(model);
    expect(result.counts['nodes in int8']).toBeUndefined();
    expect(ops(result.model, 'QuantizeLinear')).toEqual([]);
  });
});

describe('the ends of a graph', () => {
  it('stay float, also where a convolution or its input is an output', async () => {
    const s = layerSketch();
    const a = s.op('a_out', 'Relu', [s.conv('a', s.input('x', IMAGE), [4, 4])]);
    const model = s.model(s.conv('y', a, [4, 4]), a);
    const result = await quantized(model);
    expect(result.model.graph.outputs.map(({ name }) => name)).toEqual(['y', 'a_out']);
    expect(await kernelsOf(result.model)).toMatchObject({ QLinearConv: 2 });
    expect(await noiseOf(result.model, model)).toBeGreaterThan(25);
  });

  it('a branch that reads a quantized value reads it dequantized', async () => {
    const s = layerSketch();
    const a = s.op('r', 'Relu', [s.conv('a', s.input('x', IMAGE), [4, 4])]);
    const branch = (op: string) => {
      const graph = new Graph(op);
      const node = graph.append({ op, inputs: [a], outputs: [{ name: `${op}_out` }] });
      graph.addOutput(node.outputs[0]!);
      return { kind: 'graph' as const, value: graph };
    };
    const condition = s.graph.addConstant(scalarTensor('bool', 1), 'c');
    const chosen = s.op('i', 'If', [condition], {
      attributes: { then_branch: branch('Neg'), else_branch: branch('Abs') },
    });
    const model = s.model(chosen, s.conv('y', a, [4, 4]));
    const result = await quantized(model);
    const [neg] = ops(result.model, 'Neg');
    expect(neg!.inputs[0]!.producer!.op).toBe('DequantizeLinear');
    expect(await kernelsOf(result.model)).toMatchObject({ QLinearConv: 2 });
    expect(await noiseOf(result.model, model)).toBeGreaterThan(25);
  });
});

describe('the pass', () => {
  it('changes nothing when it is run again', async () => {
    const s = layerSketch();
    const { model, ranges } = await quantized(s.model(s.conv('y', s.input('x', IMAGE), [4, 4])));
    const { version } = model.graph;
    const again = runPass(quantizeInt8, model, {}, ranges);
    expect(again.diagnostics.map(({ code }) => code)).toEqual(['quantize-already']);
    expect(model.graph.version).toBe(version);
  });

  it('leaves excluded nodes, recurrent ones and computed weights, and says why', async () => {
    const s = layerSketch();
    const x = s.input('x', IMAGE);
    const computed = s.op('cw', 'Tanh', [s.weight('w', [4, 4, 1, 1])]);
    const a = s.op('dynamic', 'Conv', [s.conv('kept', x, [4, 4]), computed]);
    const sequence = s.op('q', 'Reshape', [a, s.graph.addConstant(int64Tensor([8, 1, 32]), 'n')]);
    const lstm = s.op('l', 'LSTM', [sequence, s.weight('lw', [1, 16, 32], 0.1), s.weight('lr', [1, 16, 4], 0.1)], {
      attributes: { hidden_size: int(4) },
    });
    const { model, diagnostics } = await quantized(s.model(lstm), { exclude: ['kept*'] });
    expect(diagnostics.map(({ code }) => code).sort()).toEqual([
      'quantize-float-excluded',
      'quantize-float-recurrent',
      'quantize-float-weight-not-constant',
    ]);
    expect(diagnostics[0]!.message).toContain("'kept_node' stays float because it was excluded");
    expect(await kernelsOf(model)).toMatchObject({ LSTM: 1 });
  });

  it('leaves values that calibration never saw', async () => {
    const s = layerSketch();
    const model = s.model(s.conv('y', s.conv('a', s.input('x', IMAGE), [4, 4]), [4, 4]));
    const seen = [...model.graph.nodes()][0]!;
    const ranges = new Map([
      [seen.inputs[0]!, { min: -3, max: 3 }],
      [seen.outputs[0]!, { min: -3, max: 3 }],
    ]);
    const { counts, diagnostics } = runPass(quantizeInt8, model, {}, ranges);
    expect(counts['nodes in int8']).toBe(1);
    expect(diagnostics.map(({ code }) => code)).toEqual(['quantize-float-never-run']);
  });

  it.each([
    [9, 'quantize-opset', 0],
    [12, 'quantize-per-tensor', 1],
  ])('at opset %i reports %s', (opset, code, layers) => {
    const s = layerSketch();
    const model = s.model(s.conv('y', s.input('x', IMAGE), [4, 4]));
    model.opsetImports.set('', opset);
    const ranges = new Map(
      [...model.graph.nodes()].flatMap(({ inputs, outputs }) =>
        [inputs[0]!, outputs[0]!].map((value) => [value, { min: -3, max: 3 }] as const),
      ),
    );
    const { counts, diagnostics } = runPass(quantizeInt8, model, {}, ranges);
    expect(diagnostics.map((found) => found.code)).toEqual([code]);
    expect(counts['weights quantized'] ?? 0).toBe(layers);
    if (layers > 0) expect([...ops(model, 'DequantizeLinear')].map((node) => intsOf(node, 'axis'))).not.toContain([0]);
  });

  it('says nothing of the opset where nothing would run in 8 bits', () => {
    const s = layerSketch();
    const model = s.model(s.op('y', 'Sin', [s.input('x', IMAGE)]));
    model.opsetImports.set('', 9);
    expect(runPass(quantizeInt8, model).diagnostics).toEqual([]);
  });

  it('in s8s8 uses signed activations', async () => {
    const s = layerSketch();
    const model = s.model(s.conv('y', s.op('r', 'Relu', [s.conv('a', s.input('x', IMAGE), [4, 4])]), [4, 4]));
    const result = await quantized(model, { scheme: 's8s8' });
    const types = ops(result.model, 'QuantizeLinear').map((node) => node.inputs[2]!.constant!.dtype);
    expect(new Set(types)).toEqual(new Set(['int8']));
    expect(await noiseOf(result.model, model)).toBeGreaterThan(25);
    expect(verify(result.model)).toEqual([]);
  });

  it('quantizes per tensor where asked to', async () => {
    const s = layerSketch();
    const model = s.model(s.gemm('y', s.op('f', 'Flatten', [s.conv('a', s.input('x', IMAGE), [4, 4])]), [256, 3]));
    const result = await quantized(model, { perChannel: 'false' });
    expect(await kernelsOf(result.model)).toMatchObject({ QLinearConv: 1, QGemm: 1 });
    expect(await noiseOf(result.model, model)).toBeGreaterThan(20);
  });

  it('gives every layer a name to find its kernel by', async () => {
    const s = layerSketch();
    const graph = s.graph;
    const x = s.input('x', IMAGE);
    const a = graph.append({ op: 'Conv', inputs: [x, s.weight('w', [4, 4, 1, 1])] }).outputs[0]!;
    const model = s.model(s.op('y', 'Conv', [a, s.weight('v', [4, 4, 1, 1])], { name: 'Conv_1' }));
    const result = await quantized(model);
    expect(ops(result.model, 'Conv').map(({ name }) => name)).toEqual(['Conv_2', 'Conv_1']);
    expect((await optimizedGraph(result.model)).nodeCount).toBeGreaterThan(0);
  });

  it('takes a layer whose inputs have a type that only the model knows', async () => {
    const s = layerSketch();
    const bytes = s.graph.addInput('x', tensorType('uint8', [1, 4, 8, 8]));
    const model = s.model(s.conv('y', s.op('f', 'Cast', [bytes], { attributes: { to: int(1) } }), [4, 4]));
    const [cast, conv] = [...model.graph.nodes()];
    const ranges = new Map([
      [cast!.outputs[0]!, { min: 0, max: 255 }],
      [conv!.outputs[0]!, { min: -300, max: 300 }],
    ]);
    runPass(quantizeInt8, model, {}, ranges);
    const [quantize] = ops(model, 'QuantizeLinear');
    expect(toFloat32(quantize!.inputs[1]!.constant!)[0]).toBe(1);
    expect(await kernelsOf(model)).toMatchObject({ QLinearConv: 1 });
  });

  it('leaves weights and biases that are not all finite', async () => {
    const s = layerSketch();
    const wild = (dims: readonly number[]) =>
      s.graph.addConstant(tensorFromNumbers('float32', dims, new Array<number>(elementCount(dims)).fill(Number.NaN)));
    const a = s.op('a', 'Conv', [s.input('x', IMAGE), wild([4, 4, 1, 1])]);
    const model = s.model(s.op('y', 'Conv', [a, s.weight('v', [4, 4, 1, 1]), wild([4])]));
    const ranges = new Map(
      [...model.graph.nodes()].flatMap(({ inputs: [x], outputs: [y] }) =>
        [x!, y!].map((value) => [value, { min: -1, max: 1 }] as const),
      ),
    );
    runPass(quantizeInt8, model, {}, ranges);
    expect(ops(model, 'QuantizeLinear')).toEqual([]);
  });
});
