import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inferShapes } from '../../passes/infer-shapes.ts';
import { quantizeInt8 } from '../../passes/quantize-int8.ts';
import { makeSample, memoryDataset } from '../../src/data/indexed-dataset.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { type Attribute, int, ints } from '../../src/ir/attribute.ts';
import { cloneModel } from '../../src/ir/clone.ts';
import type { Graph } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import { elementCount, type Tensor, tensorFromElements, toFloat32 } from '../../src/ir/tensor.ts';
import type { Value } from '../../src/ir/value.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import type { RawOptionValues } from '../../src/pass/pass-option.ts';
import { calibrate } from '../../src/quantize/calibrate.ts';
import { seededRandom } from '../../src/random/seeded-random.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';
import { runOnce } from '../passes/compare-runs.ts';
import { modelOf, type Sketch, sketch } from '../rewrite/graph-of.ts';
import { runPass } from './run-pass.ts';

/** A sketch that also knows layers with weights, drawn from a seed so that they differ. */
export interface LayerSketch extends Sketch {
  weight(name: string, dims: readonly number[], size?: number): Value;
  /** A 3x3 convolution (or `kernel`) of `channels[0]` into `channels[1]`, with a bias, padded to keep the size. */
  conv(name: string, input: Value, channels: readonly [number, number], more?: ConvOptions): Value;
  /** A matrix product with a bias, of `sizes[0]` into `sizes[1]`. */
  gemm(
    name: string,
    input: Value,
    sizes: readonly [number, number],
    attributes?: Readonly<Record<string, Attribute>>,
  ): Value;
  /** The model, opset 17, whose outputs are these values. */
  model(...outputs: readonly Value[]): Model;
}

interface ConvOptions {
  readonly kernel?: number;
  readonly group?: number;
  readonly bias?: boolean;
}

export function layerSketch(): LayerSketch {
  const base = sketch();
  const random = seededRandom(5);
  const weight = (name: string, dims: readonly number[], size = 1): Value =>
    base.constant(
      name,
      Array.from({ length: elementCount(dims) }, () => random.normal() * size),
      dims,
    );
  return {
    ...base,
    weight,
    conv(name, input, [from, to], { kernel = 3, group = 1, bias = true } = {}) {
      const pad = (kernel - 1) / 2;
      const fan = (from / group) * kernel * kernel;
      const operands = [input, weight(`${name}_w`, [to, from / group, kernel, kernel], 1.4 / Math.sqrt(fan))];
      if (bias) operands.push(weight(`${name}_b`, [to], 0.1));
      return base.op(name, 'Conv', operands, { attributes: { pads: ints([pad, pad, pad, pad]), group: int(group) } });
    },
    gemm(name, input, [from, to], attributes = {}) {
      const dims = attributes.transB === undefined ? [from, to] : [to, from];
      const operands = [input, weight(`${name}_w`, dims, 1.4 / Math.sqrt(from)), weight(`${name}_b`, [to], 0.1)];
      return base.op(name, 'Gemm', operands, { attributes });
    },
    model(...outputs) {
      for (const output of outputs) base.graph.addOutput(output);
      const model = modelOf(base.graph);
      runPass(inferShapes, model);
      return model;
    },
  };
}

/** Samples for the model's only input, from N(0, 1). */
export function samplesFor(model: Model, count = 8): ReadonlyMap<string, Tensor>[] {
  const random = seededRandom(9);
  const [input] = model.graph.inputs;
  const dims = (input!.type?.kind === 'tensor' ? input!.type.shape : []) as number[];
  return Array.from({ length: count }, () => {
    const values = Float32Array.from({ length: elementCount(dims) }, () => random.normal());
    return new Map([[input!.name, tensorFromElements('float32', dims, values)]]);
  });
}

/** A quantized copy of a model that has been calibrated on `samplesFor`, and what the pass said. */
export async function quantized(model: Model, options: RawOptionValues = {}) {
  const copy = cloneModel(model).model;
  const dataset = memoryDataset(
    'samples',
    samplesFor(model).map((feed) => makeSample(feed)),
  );
  const exclude = (options.exclude as readonly string[]) ?? [];
  const foldActivations = options.symmetricActivations !== 'true';
  const ranges = await calibrate(copy, dataset, { observer: 'min-max', plan: { exclude, foldActivations } });
  return { model: copy, ranges, ...runPass(quantizeInt8, copy, options, ranges) };
}

/** How often each kernel stands in the graph that ONNX Runtime really runs. */
export async function kernelsOf(model: Model): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const node of (await optimizedGraph(model)).nodes()) counts[node.op] = (counts[node.op] ?? 0) + 1;
  return counts;
}

/** The graph that ONNX Runtime really runs. */
export async function optimizedGraph(model: Model): Promise<Graph> {
  const folder = await mkdtemp(join(tmpdir(), 'modelpress-test-'));
  try {
    const path = join(folder, 'optimized.onnx');
    await (await openOrtSession(writeModel(model), { optimizedModelPath: path })).close();
    return (await openModelFile(path)).graph;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Signal-to-noise ratio in decibels of a model's outputs against another's, lowest over outputs and samples. */
export async function noiseOf(model: Model, reference: Model, count = 4): Promise<number> {
  let lowest = Number.POSITIVE_INFINITY;
  for (const feed of samplesFor(reference, count)) {
    const expected = await runOnce(writeModel(reference), feed);
    const session = await openOrtSession(writeModel(model));
    const actual = await session.run(feed);
    await session.close();
    for (const [name, tensor] of expected) {
      const found = actual.get(name);
      if (found === undefined || 'kind' in found || 'kind' in tensor) throw new TypeError(`no output ${name}`);
      lowest = Math.min(lowest, decibels(toFloat32(tensor), toFloat32(found)));
    }
  }
  return lowest;
}

export function decibels(expected: Float32Array, actual: Float32Array): number {
  let power = 0;
  let error = 0;
  for (let i = 0; i < expected.length; i++) {
    power += expected[i]! ** 2;
    error += (expected[i]! - actual[i]!) ** 2;
  }
  return 10 * Math.log10(power / error);
}
