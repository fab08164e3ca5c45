import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PASSES } from '../../passes/index.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import type { Model } from '../../src/ir/model.ts';
import { tensorFromElements } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { step } from '../../src/pass/pipeline.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';
import {
  canSummarize,
  openElementProbe,
  openSummaryProbe,
  type ProbedValue,
  type ProbeReading,
} from '../../src/quantize/calibration-probe.ts';
import { channelMeans } from '../../src/quantize/channel-means.ts';
import { finiteExtent } from '../../src/quantize/observers/finite-extent.ts';
import { GrowingHistogram } from '../../src/quantize/observers/growing-histogram.ts';
import { seededRandom } from '../../src/random/seeded-random.ts';

/** Elements that the summaries hold: fewer than the larger values have, and more than the smaller. */
const COUNTED = 4096;

const CONVNET = join(import.meta.dirname, '../../fixtures/models/digits-convnet.onnx');

function typed(model: Model): Model {
  runPipeline(model, [step('lift-constants'), step('infer-shapes')], { passes: PASSES });
  return model;
}

function convolutions(model: Model): ProbedValue[] {
  return [...model.graph.nodes()]
    .filter(({ op }) => op === 'Conv')
    .map((node) => ({ value: node.outputs[0]!, channelAxis: 1, sampled: COUNTED }));
}

async function read(
  model: Model,
  open: typeof openElementProbe,
  probed: readonly ProbedValue[],
  feed: ReadonlyMap<string, ReturnType<typeof tensorFromElements>>,
) {
  const probe = await open(model, probed);
  try {
    return await probe.run(feed);
  } finally {
    await probe.close();
  }
}

describe.each([17, 18])('the two probes at opset %i', (opset) => {
  let model: Model;
  let elements: readonly (ProbeReading | undefined)[];
  let summaries: readonly (ProbeReading | undefined)[];

  beforeAll(async () => {
    model = typed(await openModelFile(CONVNET));
    model.opsetImports.set('', opset);
    const random = seededRandom(1);
    const pixels = Float32Array.from({ length: 3 * 784 }, () => random.next());
    const feed = new Map([['input', tensorFromElements('float32', [3, 1, 28, 28], pixels)]]);
    elements = await read(model, openElementProbe, convolutions(model), feed);
    summaries = await read(model, openSummaryProbe, convolutions(model), feed);
  });

  it('agree on extremes, means and means per channel', () => {
    expect(elements.length).toBeGreaterThan(5);
    for (const [i, one] of elements.entries()) {
      const summary = summaries[i];
      if (one?.kind !== 'elements' || summary?.kind !== 'summary') throw new TypeError('readings of the wrong kind');
      const { values } = one;
      expect(summary.count).toBe(values.length);
      const least = values.reduce((a, b) => Math.min(a, b));
      const greatest = values.reduce((a, b) => Math.max(a, b));
      expect([...summary.extremes.slice(0, 2)]).toEqual([least, greatest]);
      const byElements = channelMeans(1);
      byElements.observe(values, one.dims);
      const byMeans = channelMeans(1);
      byMeans.observeMeans(summary.channelMeans!, summary.count);
      const expected = byElements.means()!;
      for (const [c, mean] of byMeans.means()!.entries()) expect(mean).toBeCloseTo(expected[c]!, 4);
    }
  });

  it('agree on the elements that a histogram counts', () => {
    for (const [i, one] of elements.entries()) {
      const summary = summaries[i];
      if (one?.kind !== 'elements' || summary?.kind !== 'summary') throw new TypeError('readings of the wrong kind');
      const byElements = new GrowingHistogram('x', COUNTED);
      byElements.add(one.values);
      const bySummary = new GrowingHistogram('x', COUNTED);
      bySummary.addCounted(finiteExtent('x', summary.extremes), summary.sample!, summary.count);
      expect(bySummary).toEqual(byElements);
    }
    const sizes = elements.map((one) => (one?.kind === 'elements' ? one.values.length : 0));
    expect(Math.max(...sizes)).toBeGreaterThan(COUNTED);
    expect(Math.min(...sizes)).toBeLessThan(COUNTED);
  });

  it('leave the graph as it was', () => {
    expect(model.graph.outputs.map(({ name }) => name)).toEqual(['logits']);
    expect(
      [...model.graph.nodes()].filter(({ op }) => op.startsWith('Reduce') || op === 'Size' || op === 'Slice'),
    ).toEqual([]);
  });
});

describe('a summary', () => {
  it('shows a value that is not a number in its mean', async () => {
    const model = typed(parseModel('g (float[3] x) => (float[3] y) { a = Log(x) y = Neg(a) }'));
    const [log] = [...model.graph.nodes()];
    const feed = new Map([['x', tensorFromElements('float32', [3], Float32Array.of(1, -1, 2))]]);
    const [reading] = await read(model, openSummaryProbe, [{ value: log!.outputs[0]!, channelAxis: undefined }], feed);
    expect(reading?.kind === 'summary' && reading.extremes[2]).toBeNaN();
  });

  it('needs a known rank for means per channel only', () => {
    const { graph } = parseModel('g (float x) => (float y) { a = local.Unknown(x) y = Neg(a) }');
    const [node] = [...graph.nodes()];
    expect(canSummarize({ value: node!.outputs[0]!, channelAxis: 1 }, 13)).toBe(false);
    expect(canSummarize({ value: node!.outputs[0]!, channelAxis: undefined }, 13)).toBe(true);
  });
});
