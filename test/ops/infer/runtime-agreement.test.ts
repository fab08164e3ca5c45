import fc from 'fast-check';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { elementCount, int64Tensor, type Tensor, tensorFromNumbers } from '../../../src/ir/tensor.ts';
import { shapeOf, tensorType } from '../../../src/ir/value-type.ts';
import { writeModel } from '../../../src/onnx/write-model.ts';
import { inferGraph } from '../../../src/ops/infer/infer-graph.ts';
import { modelOfOne, type Operand, type PlainAttributes } from './infer-one.ts';
import { disagreement } from './observe.ts';

/** A node over data of these sizes, with constant operands after it. */
interface RandomNode {
  readonly op: string;
  readonly opset: number;
  readonly data: readonly number[];
  readonly rest: readonly Operand[];
  readonly attributes: PlainAttributes;
  readonly outputs?: number;
}

const pick = (from: number, to: number) => fc.integer({ min: from, max: to });
const pair = (from: number, to: number) => fc.tuple(pick(from, to), pick(from, to)).map((both) => [...both]);
const four = (from: number, to: number) => fc.array(pick(from, to), { minLength: 4, maxLength: 4 });
const autoPad = fc.constantFrom('NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID');
const filled = (...dims: number[]): Tensor =>
  tensorFromNumbers('float32', dims, new Array<number>(elementCount(dims)).fill(1));

/** `auto_pad` excludes pads, and with SAME also dilations. */
function padding(auto: string, pads: readonly number[], dilations: readonly number[]): PlainAttributes {
  if (auto === 'NOTSET') return { pads, dilations };
  return auto === 'VALID' ? { auto_pad: auto, dilations } : { auto_pad: auto };
}

const image = fc.tuple(pick(1, 2), fc.constant(2), pick(1, 12), pick(1, 12)).map((dims) => [...dims]);

/** At least as large as what negative pads cut off, and as any window spans with its holes. */
const largeImage = fc.tuple(pick(1, 2), fc.constant(2), pick(7, 15), pick(7, 15)).map((dims) => [...dims]);

const conv = fc
  .record({
    data: largeImage,
    kernel: pair(1, 4),
    strides: pair(1, 4),
    dilations: pair(1, 3),
    pads: four(0, 3),
    auto: autoPad,
  })
  .map(
    ({ data, kernel, strides, dilations, pads, auto }): RandomNode => ({
      op: 'Conv',
      opset: 17,
      data,
      rest: [filled(3, 2, ...kernel)],
      attributes: { strides, ...padding(auto, pads, dilations) },
    }),
  );

const convTranspose = fc
  .record({
    data: image,
    kernel: pair(1, 4),
    strides: pair(1, 4),
    dilations: pair(1, 2),
    pads: four(0, 2),
    extra: pair(0, 1),
    auto: autoPad,
  })
  .map(
    ({ data, kernel, strides, dilations, pads, extra, auto }): RandomNode => ({
      op: 'ConvTranspose',
      opset: 17,
      data,
      rest: [filled(2, 3, ...kernel)],
      attributes: { strides, output_padding: extra, ...padding(auto, pads, dilations) },
    }),
  );

const pool = fc
  .record({
    op: fc.constantFrom('MaxPool', 'AveragePool', 'LpPool'),
    data: largeImage,
    kernel: pair(1, 4),
    strides: pair(1, 4),
    dilations: pair(1, 2),
    pads: four(0, 2),
    auto: autoPad,
    ceil: pick(0, 1),
  })
  .map(
    ({ op, data, kernel, strides, dilations, pads, auto, ceil }): RandomNode => ({
      op,
      opset: 19,
      data,
      rest: [],
      attributes: { kernel_shape: kernel, strides, ceil_mode: ceil, ...padding(auto, pads, dilations) },
    }),
  );

const slice = fc.record({ data: image, starts: pair(-14, 14), ends: pair(-14, 14), steps: pair(-3, 3) }).map(
  ({ data, starts, ends, steps }): RandomNode => ({
    op: 'Slice',
    opset: 17,
    data,
    rest: [starts, ends, [2, -1], steps.map((step) => step || 1)],
    attributes: {},
  }),
);

const resize = fc
  .record({
    data: image,
    scales: fc.array(fc.constantFrom(0.3, 0.5, 0.7, 1, 1.5, 2, 3, 0.1, 1.1), { minLength: 2, maxLength: 2 }),
    mode: fc.constantFrom('nearest', 'linear'),
  })
  .map(
    ({ data, scales, mode }): RandomNode => ({
      op: 'Resize',
      opset: 17,
      data,
      rest: [undefined, tensorFromNumbers('float32', [4], [1, 1, ...scales])],
      attributes: { mode },
    }),
  );

const aspect = fc
  .record({ data: image, sizes: pair(1, 20), policy: fc.constantFrom('stretch', 'not_larger', 'not_smaller') })
  .map(
    ({ data, sizes, policy }): RandomNode => ({
      op: 'Resize',
      opset: 19,
      data,
      rest: [undefined, undefined, sizes],
      attributes: { axes: [2, 3], keep_aspect_ratio_policy: policy },
    }),
  );

const reshape = fc
  .record({
    data: image,
    target: fc.array(fc.constantFrom(0, -1, 1, 2, 3, 4, 6), { minLength: 1, maxLength: 4 }),
    allowzero: pick(0, 1),
  })
  .map(
    ({ data, target, allowzero }): RandomNode => ({
      op: 'Reshape',
      opset: 17,
      data,
      rest: [target],
      attributes: { allowzero },
    }),
  );

const pad = fc
  .record({ data: largeImage, pads: four(-3, 3) })
  .map(
    ({ data, pads }): RandomNode => ({ op: 'Pad', opset: 18, data, rest: [pads, undefined, [3, 1]], attributes: {} }),
  );

const split = fc.record({ data: image, parts: pick(1, 4) }).map(
  ({ data, parts }): RandomNode => ({
    op: 'Split',
    opset: 18,
    data,
    rest: [],
    attributes: { axis: -1, num_outputs: parts },
    outputs: parts,
  }),
);

const reduce = fc
  .record({
    op: fc.constantFrom('ReduceSum', 'ReduceMax'),
    data: image,
    axes: fc.array(pick(-4, 3), { maxLength: 2 }),
    keepdims: pick(0, 1),
    noop: pick(0, 1),
  })
  .map(
    ({ op, data, axes, keepdims, noop }): RandomNode => ({
      op,
      opset: 18,
      data,
      rest: [int64Tensor(axes)],
      attributes: { keepdims, noop_with_empty_axes: noop },
    }),
  );

const product = fc
  .record({
    data: fc.array(pick(1, 3), { minLength: 1, maxLength: 4 }),
    other: fc.array(pick(1, 3), { minLength: 1, maxLength: 4 }),
  })
  .map(({ data, other }): RandomNode => ({ op: 'MatMul', opset: 17, data, rest: [filled(...other)], attributes: {} }));

/** Runs the node; nothing where ONNX Runtime refuses it. */
async function resultsOf({ data, ...node }: RandomNode): Promise<readonly Tensor[] | undefined> {
  const { model } = modelOfOne({ ...node, inputs: [tensorType('float32', data), ...node.rest] });
  for (const { name, value } of [...model.graph.outputs]) {
    model.graph.removeOutput(0);
    model.graph.addOutput(value, name, { declared: tensorType('float32') });
  }
  try {
    // Refusals are part of the test; at level 4 the runtime keeps them to itself.
    const session = await InferenceSession.create(writeModel(model), {
      graphOptimizationLevel: 'disabled',
      logSeverityLevel: 4,
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
    });
    const feed = { x0: new OrtTensor('float32', new Float32Array(elementCount(data)), data) };
    const results = await session.run(feed, { logSeverityLevel: 4 });
    await session.release();
    return model.graph.outputs.map(({ name }) => filled(...results[name]!.dims));
  } catch {
    return undefined;
  }
}

function inferred({ data, ...node }: RandomNode, symbolic: boolean) {
  const shape = symbolic ? data.map((_, axis) => `d${axis}`) : data;
  const { model } = modelOfOne({ ...node, inputs: [tensorType('float32', shape), ...node.rest] });
  const { types } = inferGraph(model.graph, model);
  return model.graph.outputs.map(({ value }) => types.get(value));
}

describe('inferred shapes of random nodes are what ONNX Runtime computes', () => {
  it.each([
    ['Conv', conv, 0.9],
    ['ConvTranspose', convTranspose, 0.9],
    ['pools', pool, 0.6],
    ['Slice', slice, 0.3],
    ['Resize by scales', resize, 0.25],
    ['Resize by sizes', aspect, 0.3],
    ['Reshape', reshape, 0.9],
    ['Pad', pad, 0.9],
    ['Split', split, 0.9],
    ['reductions', reduce, 0.9],
    ['MatMul', product, 0.5],
  ] as const)('%s, with sizes and with symbols', async (_, nodes, knownWithSymbols) => {
    let [ran, known, said] = [0, 0, 0];
    for (const node of fc.sample(nodes as fc.Arbitrary<RandomNode>, { seed: 11, numRuns: 150 })) {
      const results = await resultsOf(node);
      if (results === undefined) continue;
      ran++;
      const sizes = new Map(node.data.map((size, axis) => [`d${axis}`, size]));
      for (const symbolic of [false, true]) {
        for (const [i, type] of inferred(node, symbolic).entries()) {
          expect(disagreement(type, results[i]!, sizes), JSON.stringify(node)).toBeUndefined();
          if (!symbolic) continue;
          said++;
          if (shapeOf(type)?.every((dim) => dim !== undefined)) known++;
        }
      }
    }
    expect(ran).toBeGreaterThan(20);
    expect(known / said).toBeGreaterThanOrEqual(knownWithSymbols);
  });
});
