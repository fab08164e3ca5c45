import type { Feed } from '../../src/data/dataset.ts';
import { openDataset } from '../../src/data/open-dataset.ts';
import { ModelpressError } from '../../src/diagnostics/modelpress-error.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import type { Model } from '../../src/ir/model.ts';
import { quantileOfSorted } from '../../src/measure/quantile.ts';
import { openLiteRtSession } from '../../src/runtime/litert.ts';
import { integerFeed, withFloatPorts } from '../../src/runtime/litert-float-ports.ts';
import type { LiteRtHost } from '../../src/runtime/litert-host.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';
import type { Session } from '../../src/runtime/session.ts';
import { type Lowering, lowerToTflite } from '../../src/targets/device/lower-to-tflite.ts';
import { affordableSamples } from '../../src/targets/device/quantize/affordable-samples.ts';
import { integerShare } from '../../src/targets/device/quantize/integer-share.ts';
import { type QuantizedTflite, quantizeTflite } from '../../src/targets/device/quantize/quantize-tflite.ts';
import { portQuantization } from '../../src/targets/device/tflite/port-quantization.ts';
import { evaluate } from '../../src/validate/evaluate.ts';
import { relativeDifference } from '../../test/passes/compare-runs.ts';
import { zooModelFile, zooTestData } from '../zoo/zoo-folder.ts';
import { type DeviceData, openDeviceData } from './device-data.ts';
import type { DeviceRow, FloatResult, Int8Result } from './device-row.ts';

/** Longest to judge one model, in milliseconds. */
const JUDGING_BUDGET_MS = 15_000;

/** Runs before timing: LiteRT's wasm is compiled to its final form while it runs. */
const WARMUP_RUNS = 5;
/** Rounds of one run of each file, and the time after which no further one is begun, in milliseconds. */
const ROUNDS = 15;
const LATENCY_BUDGET_MS = 3000;

type Lowered = Extract<Lowering, { kind: 'lowered' }>;

/** Converts one model of the zoo, quantizes it and judges both files; what fails is told in the row. */
export async function measureDeviceModel(model: string, host: LiteRtHost): Promise<DeviceRow> {
  const row: { -readonly [Key in keyof DeviceRow]: DeviceRow[Key] } = {
    model,
    float: null,
    int8: null,
    latency: null,
    refused: null,
  };
  try {
    const source = await openOrtSession(zooModelFile(model));
    try {
      const parsed = await openModelFile(zooModelFile(model));
      row.float = await measureFloat(parsed, source, model, host);
      const data = await openDeviceData(model, source);
      const { feeds: fitting, lowering } = lowerFor(parsed, data.calibration);
      const feeds = fitting.slice(0, affordableSamples(lowering.graph));
      const quantized = await quantizeTflite(lowering.graph, { mode: 'int8', samples: feeds, host });
      row.int8 = await judge(quantized, { data, calibrated: feeds.length, source, host });
      row.latency = await compareLatency(lowering, quantized, feeds[0]!, host);
    } finally {
      await source.close();
    }
  } catch (error) {
    if (!(error instanceof ModelpressError)) throw error;
    row.refused = { code: error.code, message: error.message };
  }
  return row;
}

/** Lowers for the shapes of the first feed, and picks the feeds that have them. @throws ModelpressError by the refusal. */
function lowerFor(model: Model, all: readonly Feed[]): { readonly feeds: readonly Feed[]; readonly lowering: Lowered } {
  const shapes = new Map([...all[0]!].map(([name, tensor]) => [name, tensor.dims]));
  const feeds = all.filter((feed) => [...feed].every(([name, { dims }]) => dims.join() === shapes.get(name)?.join()));
  const lowering = lowerToTflite(model, { binding: { shapes } });
  if (lowering.kind === 'lowered') return { feeds, lowering };
  const { code, message, at, hint } = lowering.report.refused[0]!;
  throw new ModelpressError({ code, message, at, hint });
}

async function measureFloat(model: Model, source: Session, name: string, host: LiteRtHost): Promise<FloatResult> {
  const dataset = await openDataset(zooTestData(name), source);
  const { feed, label } = await dataset.sample(0);
  const { lowering } = lowerFor(model, [feed]);
  const session = await openLiteRtSession(lowering.bytes, { host });
  try {
    const found = await session.run(feed);
    const expected = label?.kind === 'outputs' ? label.outputs : await source.run(feed);
    const differences = [...expected].map(([port, tensor]) => {
      const actual = found.get(port);
      const comparable = 'dtype' in tensor && actual !== undefined && 'dtype' in actual;
      return comparable ? relativeDifference(tensor, actual) : Number.POSITIVE_INFINITY;
    });
    return {
      bytes: lowering.bytes.byteLength,
      difference: Math.max(...differences),
      transposes: lowering.report.transposes.length,
    };
  } finally {
    await session.close();
  }
}

interface Judging {
  readonly data: DeviceData;
  readonly calibrated: number;
  readonly source: Session;
  readonly host: LiteRtHost;
}

async function judge(quantized: QuantizedTflite, { data, calibrated, source, host }: Judging): Promise<Int8Result> {
  const { graph, bytes, level = '', diagnostics } = quantized;
  const session = withFloatPorts(await openLiteRtSession(bytes, { host }), portQuantization(graph));
  try {
    const { candidates, samples } = await evaluate(
      { name: 'source', session: source },
      [{ name: 'int8', session }],
      data.judged,
      { timeBudgetMs: JUDGING_BUDGET_MS },
    );
    const { agreement, comparison } = candidates[0]!;
    const ratios = agreement.flatMap(({ metrics }) => metrics.filter(({ metric }) => metric === 'sqnr'));
    const known = ratios.map(({ value }) => value).filter((value) => value !== null);
    const share = integerShare(graph);
    const { metric, unit, drop } = comparison;
    return {
      bytes: bytes.byteLength,
      data: data.origin,
      calibrated,
      judged: samples,
      same: data.same,
      sqnr: known.length === 0 ? null : Math.min(...known),
      accuracy: data.labelled ? { metric, unit, drop: drop.value } : null,
      level,
      operatorShare: share.operators === 0 ? null : share.integerOperators / share.operators,
      macShare: share.macs === 0 ? null : share.integerMacs / share.macs,
      warnings: diagnostics.map(({ code }) => code),
    };
  } finally {
    await session.close();
  }
}

/** Runs the two files in turn. */
async function compareLatency(
  lowering: Lowered,
  quantized: QuantizedTflite,
  feed: Feed,
  host: LiteRtHost,
): Promise<NonNullable<DeviceRow['latency']>> {
  const float = await openLiteRtSession(lowering.bytes, { host });
  const int8 = await openLiteRtSession(quantized.bytes, { host });
  try {
    const integers = integerFeed(int8.inputs, feed, portQuantization(quantized.graph));
    await float.time(feed, WARMUP_RUNS);
    await int8.time(integers, WARMUP_RUNS);
    const times: { readonly float: number[]; readonly int8: number[] } = { float: [], int8: [] };
    const deadline = performance.now() + LATENCY_BUDGET_MS;
    for (let round = 0; round < ROUNDS && (round === 0 || performance.now() < deadline); round++) {
      times.float.push(...(await float.time(feed, 1)));
      times.int8.push(...(await int8.time(integers, 1)));
    }
    return { float: medianOf(times.float), int8: medianOf(times.int8) };
  } finally {
    await float.close();
    await int8.close();
  }
}

function medianOf(times: readonly number[]): number {
  return quantileOfSorted(Float64Array.from(times).sort(), 0.5);
}
