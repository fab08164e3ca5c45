import { afterAll, describe, expect, it } from 'vitest';
import { parseModel } from '../../../../src/ir/text/parse.ts';
import { LiteRtHost } from '../../../../src/runtime/litert-host.ts';
import { lowerToTflite } from '../../../../src/targets/device/lower-to-tflite.ts';
import { equalizeChannels } from '../../../../src/targets/device/quantize/equalize-channels.ts';
import { runSamples, worstSqnr } from '../../../../src/targets/device/quantize/measure-sqnr.ts';
import { observeGraph } from '../../../../src/targets/device/quantize/observe-graph.ts';
import { quantizeGraph } from '../../../../src/targets/device/quantize/quantize-graph.ts';
import { scalableChannels } from '../../../../src/targets/device/quantize/scalable-channels.ts';
import type { TfGraph } from '../../../../src/targets/device/tflite/tf-graph.ts';
import { writeTflite } from '../../../../src/targets/device/tflite/write-tflite.ts';
import { randomFeed } from '../random-feed.ts';

/** Weights whose rows of `row` elements are each half as large as the one before. */
function uneven(count: number, row: number, seed: number): string {
  const sizes = Array.from({ length: count }, (_, i) => 0.5 ** (Math.floor(i / row) % 8));
  return sizes.map((size, i) => (Math.sin((i + 1) * seed) * size).toFixed(6)).join(', ');
}

/** Weights that make up for it, in turn over 8 inputs. */
function making(count: number, seed: number): string {
  return Array.from({ length: count }, (_, i) => (Math.sin((i + 1) * seed) * 2 ** (i % 8)).toFixed(6)).join(', ');
}

const model = (body: string) =>
  parseModel(`<ir_version: 8, opset_import: ["" : 17]> net (float[1,3,12,12] x) => (float[1,4,6,6] y)
    <float[8,3,3,3] w = {${uneven(216, 27, 1.7)}}, float[8,1,3,3] d = {${uneven(72, 9, 2.3)}}, float[4,8,1,1] p = {${making(32, 3.1)}}> {
      a = Conv <pads = [1,1,1,1]>(x, w)  ${body} }`);

const NET = model(`r = Relu(a)  m = MaxPool <kernel_shape = [2,2], strides = [2,2]>(r)
  e = Conv <group = 8, pads = [1,1,1,1]>(m, d)  f = LeakyRelu(e)  y = Conv(f, p)`);

function lowered(source = NET): TfGraph {
  const lowering = lowerToTflite(source);
  if (lowering.kind === 'refused') throw new Error(lowering.report.refused[0]?.message);
  return lowering.graph;
}

describe('equalizeChannels', () => {
  const host = new LiteRtHost();
  afterAll(() => host.close());
  const samples = [1, 2, 3, 4].map((seed) => randomFeed(NET, seed));
  const others = [5, 6, 7].map((seed) => randomFeed(NET, seed));
  const run = (graph: TfGraph) => runSamples(graph, writeTflite(graph, { description: '' }), others, { host });

  async function integerSqnr(graph: TfGraph, reference: Awaited<ReturnType<typeof run>>): Promise<number> {
    const observations = await observeGraph(graph, samples, ['min-max'], { host });
    const { graph: quantized } = quantizeGraph(graph, observations.ranges('min-max'));
    return worstSqnr(reference, await run(quantized));
  }

  it('computes the same, and loses less to integers', async () => {
    const graph = lowered();
    const reference = await run(graph);
    const even = await equalizeChannels(graph, samples, { host });
    expect(even.operators.filter((operator, k) => operator !== graph.operators[k]).map(({ name }) => name)).toEqual([
      'CONV_2D',
      'DEPTHWISE_CONV_2D',
      'CONV_2D',
    ]);
    expect(worstSqnr(reference, await run(even))).toBeGreaterThan(100);
    expect(await integerSqnr(even, reference)).toBeGreaterThan(6 + (await integerSqnr(graph, reference)));
  });

  it.each([
    [
      'an activation function that is not homogeneous',
      's = Sigmoid(a)  m = MaxPool <kernel_shape = [2,2], strides = [2,2]>(s)  y = Conv(m, p)',
    ],
    [
      'a cut at 6',
      'lo = Constant <value = float {0.0}>()  hi = Constant <value = float {6.0}>()  s = Clip(a, lo, hi)  m = MaxPool <kernel_shape = [2,2], strides = [2,2]>(s)  y = Conv(m, p)',
    ],
    [
      'another reader',
      'm = MaxPool <kernel_shape = [2,2], strides = [2,2]>(a)  k = Sigmoid(m)  q = Conv(m, p)  v = Conv(k, p)  y = Add(q, v)',
    ],
  ])('leaves layers alone behind %s', (_, body) => {
    expect(scalableChannels(lowered(model(body)))).toEqual([]);
  });
});
