import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset, Feed } from '../../src/data/dataset.ts';
import { type LatencyComparison, measureLatency } from '../../src/measure/measure-latency.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';
import type { Session } from '../../src/runtime/session.ts';
import { runQuantizeOnly } from '../compile-cost/run-quantize-only.ts';
import { type PeerOutcome, runPeer } from '../peers/run-peer.ts';
import { runOptimize } from '../processes/run-optimize.ts';
import type { LabelledModel } from '../zoo/labelled-models.ts';
import { modelKind } from '../zoo/model-kind.ts';
import { zooModelFile } from '../zoo/zoo-folder.ts';
import { judgePeerModel, type PeerJudgement } from './judge-peer-model.ts';
import { measureOtherTargets } from './other-targets.ts';
import { prepareSplit } from './prepare-split.ts';
import type { PeerResult, QuantizationRow, ZooRow } from './quantization-row.ts';
import { targetResult } from './target-result.ts';

/** Longest that any one process may take. */
const TIME_LIMIT_MS = 180_000;

/** Time to spend on the latency of the models of one row, in milliseconds. */
const LATENCY_BUDGET_MS = 2000;

/** Inputs that latency is measured on in turn. */
const FEEDS = 4;

const NOT_MEASURED = { value: null, low: null, high: null };

/**
 * Quantizes one model, has the peer do the same where there is one, and measures both beside the source.
 *
 * @param python the command of a Python that has the peer.
 * @param work a folder of the row's own.
 */
export async function measureModel(labelled: LabelledModel, python: string | undefined, work: string): Promise<ZooRow> {
  await mkdir(work, { recursive: true });
  const session = await openOrtSession(zooModelFile(labelled.model));
  try {
    return await measure(labelled, session, python, work);
  } finally {
    await session.close();
  }
}

async function measure(
  { model: name, ...labelled }: LabelledModel,
  session: Session,
  python: string | undefined,
  work: string,
): Promise<ZooRow> {
  const model = zooModelFile(name);
  const timeLimitMs = TIME_LIMIT_MS;
  const split = await prepareSplit({ model: name, ...labelled }, session, work);
  const { calibrationFile: calibration, calibrationSamples: samples, validation } = split;

  // The two whose cost is compared run one right after the other.
  const quantizeOnly = await runQuantizeOnly({
    model,
    calibration,
    output: join(work, 'only.onnx'),
    work,
    timeLimitMs,
  });
  const peerModel = join(work, 'peer.onnx');
  const ran =
    python === undefined
      ? undefined
      : await runPeer(python, { model, calibration, samples, output: peerModel, work, timeLimitMs });

  const output = join(work, 'output');
  const flags = ['--quantize', 'int8', '--calibrate', calibration, '--validate', split.validationFile];
  const optimized = await runOptimize(model, [...flags, '--target', 'server', '--no-measure', '-o', output], {
    timeLimitMs,
  });
  const { report } = optimized;
  if (report === null) return { model: name, error: optimized.error };
  const [source, ...variants] = report.variants;
  const served = variants.find(({ target }) => target === 'server');
  if (source?.size == null || served?.accuracy == null)
    return { model: name, error: 'the report has no size of the source, or no accuracy of a server model' };

  const judged = ran?.kind === 'done' ? await judgePeerModel(peerModel, session, source.size, validation) : undefined;
  const paths = [model, join(output, served.file), ...(judged?.kind === 'done' ? [peerModel] : [])];
  const latency = await compareLatency(paths, session, validation);
  const { metric, unit, samples: validationSamples } = served.accuracy;
  const sourceSize = source.size;
  const others = await measureOtherTargets(model, flags, sourceSize, { work, timeLimitMs });
  return {
    model: name,
    data: labelled.data,
    calibrationSamples: samples,
    validationSamples,
    metric,
    unit,
    source: {
      bytes: sourceSize.raw,
      ...(await modelKind(model)),
      accuracy: source.accuracy?.value ?? NOT_MEASURED,
      latency: latency.subjects[0]?.p50 ?? NOT_MEASURED,
    },
    skipped: report.quantization?.skipped ?? null,
    targets: [...variants.map((variant) => targetResult(variant, sourceSize)), ...others.targets],
    failedTargets: others.failedTargets,
    speedup: latency.speedups[1] ?? NOT_MEASURED,
    optimize: { seconds: optimized.seconds, peakBytes: optimized.peakBytes },
    quantizeOnly: { seconds: quantizeOnly.seconds, peakBytes: quantizeOnly.peakBytes },
    warnings: report.diagnostics.filter(({ severity }) => severity === 'warning').map(({ code }) => code),
    peer: peerResult(ran, judged, latency.speedups[2]),
  };
}

/** One run of each in turn; the first is the source. */
async function compareLatency(
  paths: readonly string[],
  session: Session,
  validation: Dataset,
): Promise<LatencyComparison> {
  const feeds: Feed[] = [];
  for (let i = 0; i < Math.min(FEEDS, validation.size); i++) feeds.push((await validation.sample(i)).feed);
  const outputs = session.outputs.filter(({ dtype }) => dtype !== 'non-tensor').map(({ name }) => name);
  return await measureLatency(
    paths.map((path) => ({ path, feeds, outputs })),
    { budgetMs: LATENCY_BUDGET_MS },
  );
}

function peerResult(
  ran: PeerOutcome | undefined,
  judged: PeerJudgement | undefined,
  speedup: QuantizationRow['speedup'] | undefined,
): PeerResult | null {
  if (ran === undefined) return null;
  if (ran.kind === 'failed') return ran;
  if (judged === undefined || judged.kind === 'failed') return { kind: 'failed', failure: judged?.failure ?? '' };
  const { seconds, peakBytes, notes } = ran;
  return { ...judged, speedup: speedup ?? NOT_MEASURED, seconds, peakBytes, notes: [...notes] };
}
