import { join } from 'node:path';
import { estimateQuantile } from '../../src/measure/quantile.ts';
import type { Chromium } from '../../src/runtime/chromium.ts';
import { runBrowserArtifact } from '../../src/targets/browser/run-browser-artifact.ts';
import { lowerToTflite } from '../../src/targets/device/lower-to-tflite.ts';
import { quantizeTflite } from '../../src/targets/device/quantize/quantize-tflite.ts';
import { emitThreeRuntimes } from '../../test/targets/browser/emit-three-runtimes.ts';
import { namedCase } from '../../test/targets/tfjs/named-models.ts';

/** Median latency of a prediction in a page, in milliseconds; null for a form that does not run there. */
export interface RuntimesRow {
  readonly model: string;
  readonly browser: string;
  readonly onnxruntime: number | null;
  readonly litert: number | null;
  readonly tfjs: number | null;
  readonly litertInt8: number | null;
  /** Why forms do not run. */
  readonly failures: readonly string[];
}

const INT8 = 'model.int8.tflite';
const ROUNDS = { warmup: 20, minRounds: 3, maxRounds: 200, budgetMs: 4000 };

/** Times a model in each runtime in Chromium on one thread, one run of each in turn. */
export async function timeRuntimes(chromium: Chromium, work: string, name: string): Promise<RuntimesRow> {
  const { model, feed } = await namedCase(name);
  const shapes = new Map([...feed].map(([port, tensor]) => [port, tensor.dims]));
  const lowering = lowerToTflite(model, { binding: { shapes } });
  if (lowering.kind === 'refused') throw new Error(lowering.report.refused[0]?.message);
  // Ranges of one sample: what is measured is the time, not the accuracy.
  const int8 = await quantizeTflite(lowering.graph, { mode: 'int8', samples: [feed] });
  const directory = join(work, name);
  const files = await emitThreeRuntimes(directory, model, feed, new Map([[INT8, int8.bytes]]));
  const { browser, runs } = await runBrowserArtifact(directory, [feed], { ...ROUNDS, files, chromium });
  const medians = runs.map((run) => (run.ok ? estimateQuantile(run.times, 0.5).value : null));
  const [onnxruntime = null, litert = null, tfjs = null, litertInt8 = null] = medians;
  const failures = runs.flatMap((run, i) => (run.ok ? [] : [`${files[i]}: ${run.message}`]));
  return { model: name, browser, onnxruntime, litert, tfjs, litertInt8, failures };
}
