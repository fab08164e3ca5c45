import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type DatasetModel, openDataset } from '../../src/data/open-dataset.ts';
import { ModelpressError } from '../../src/diagnostics/modelpress-error.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';
import { type OptimizeOutcome, runOptimize } from '../processes/run-optimize.ts';
import { modelKind } from '../zoo/model-kind.ts';
import { zooModelFile, zooTestData } from '../zoo/zoo-folder.ts';
import { compareOutputsOf } from './compare-outputs-of.ts';
import type { SweepRow } from './sweep-row.ts';

/** A run that takes longer counts as hanging. */
const TIME_LIMIT_MS = 180_000;

/** Runs the command line on one model as a stranger would: without data, at default settings. */
export async function sweepModel(name: string, work: string): Promise<SweepRow> {
  await mkdir(work, { recursive: true });
  const model = zooModelFile(name);
  const timeLimitMs = TIME_LIMIT_MS;
  const int8 = await runOptimize(model, ['--quantize', 'int8', '--target', 'server', '-o', join(work, 'int8')], {
    timeLimitMs,
  });
  const output = join(work, 'optimized');
  const optimized = await runOptimize(model, ['--no-measure', '--target', 'server', '-o', output], { timeLimitMs });
  const served = optimized.report?.variants.find(({ target }) => target === 'server');
  const compared =
    served === undefined
      ? { difference: null, servedDifference: null, differenceError: 'there is no optimized model' }
      : await compareOnTestData(name, join(output, served.file));
  return {
    model: name,
    source: await modelKind(model),
    int8: {
      ...runOf(int8),
      sizeRatio: sizeRatioOf(int8),
      coverage: int8.report?.variants[1]?.coverage?.share ?? null,
      skipped: int8.report?.quantization?.skipped ?? null,
      warnings: (int8.report?.diagnostics ?? []).flatMap(({ severity, code }) => (severity === 'note' ? [] : [code])),
    },
    optimized: {
      ...runOf(optimized),
      nodesBefore: optimized.report?.source.nodes ?? null,
      nodesAfter: optimized.report?.passes.at(-1)?.nodesAfter ?? null,
      sizeRatio: sizeRatioOf(optimized),
      ...compared,
    },
  };
}

async function compareOnTestData(
  name: string,
  optimized: string,
): Promise<Pick<SweepRow['optimized'], 'difference' | 'servedDifference' | 'differenceError'>> {
  const model = zooModelFile(name);
  try {
    const dataset = await openDataset(zooTestData(name), { ...(await portsOf(model)), options: { labels: false } });
    return {
      difference: await compareOutputsOf(model, optimized, dataset, { optimization: 'disabled' }),
      servedDifference: await compareOutputsOf(model, optimized, dataset, { optimization: 'all' }),
      differenceError: '',
    };
  } catch (error) {
    if (!(error instanceof ModelpressError)) throw error;
    return { difference: null, servedDifference: null, differenceError: error.message };
  }
}

async function portsOf(model: string): Promise<Required<Pick<DatasetModel, 'inputs' | 'outputs'>>> {
  const session = await openOrtSession(model);
  const { inputs, outputs } = session;
  await session.close();
  return { inputs, outputs };
}

function runOf({ exitCode, seconds, peakBytes, error }: OptimizeOutcome): Omit<OptimizeOutcome, 'report' | 'timedOut'> {
  return { exitCode, seconds, peakBytes, error };
}

function sizeRatioOf({ report }: OptimizeOutcome): number | null {
  const [source, first] = report?.variants ?? [];
  if (source?.size == null || first?.size == null) return null;
  return first.size.raw / source.size.raw;
}
