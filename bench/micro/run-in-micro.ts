import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeNpz } from '../../src/data/npz.ts';
import { synthesizeDataset } from '../../src/data/synthesize-dataset.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { type Tensor, toNumbers } from '../../src/ir/tensor.ts';
import { openLiteRtSession } from '../../src/runtime/litert.ts';
import { integerFeed } from '../../src/runtime/litert-float-ports.ts';
import type { Port } from '../../src/runtime/session.ts';
import { planArena } from '../../src/targets/device/arena-plan.ts';
import { lowerToTflite } from '../../src/targets/device/lower-to-tflite.ts';
import { quantizeTflite } from '../../src/targets/device/quantize/quantize-tflite.ts';
import { portQuantization } from '../../src/targets/device/tflite/port-quantization.ts';
import type { TfGraph } from '../../src/targets/device/tflite/tf-graph.ts';
import { runProcess } from '../processes/run-process.ts';
import { BENCH_FOLDER } from '../project-root.ts';
import type { MicroRow } from './micro-row.ts';

/** One model to run, the folder for its files and the Python that has the interpreter. */
export interface MicroJob extends Pick<MicroRow, 'model' | 'form'> {
  readonly path: string;
  readonly work: string;
  readonly python: string;
}

const SCRIPT = join(BENCH_FOLDER, 'peers', 'run_tflite_micro.py');
const TIME_LIMIT_MS = 120_000;
/** Made-up samples: what is compared is two runtimes on one file, so they need not mean anything. */
const SAMPLES = 4;

const resultSchema = z.union([
  z.object({ failure: z.string() }),
  z.object({ arena: z.int(), outputs: z.array(z.array(z.number())) }),
]);

/** Converts a model, with the integers themselves at its borders, and runs it in TensorFlow Lite Micro and in LiteRT. */
export async function runInMicro({ model, path, form, work, python }: MicroJob): Promise<MicroRow> {
  const lowering = lowerToTflite(await openModelFile(path));
  if (lowering.kind === 'refused') throw new Error(`${model}: ${lowering.report.refused[0]?.message}`);
  const inputs = lowering.graph.inputs.map(
    ({ name, tensor }): Port => ({ name, dtype: tensor.type, dims: tensor.shape }),
  );
  const dataset = synthesizeDataset(inputs, { seed: 0, samples: SAMPLES });
  const samples = [];
  for (let i = 0; i < SAMPLES; i++) samples.push((await dataset.sample(i)).feed);
  const { bytes, graph } =
    form === 'float32'
      ? lowering
      : await quantizeTflite(lowering.graph, { mode: 'int8', samples, ports: 'quantized', levels: ['all-operators'] });
  const common = { model, form, bytes: bytes.byteLength, operators: graph.operators.length, arena: planArena(graph) };
  const answer = await answerInLiteRt(bytes, graph, samples[0]!);
  const tflite = join(work, 'model.tflite');
  const archive = join(work, 'inputs.npz');
  const result = join(work, 'result.json');
  writeFileSync(tflite, bytes);
  writeFileSync(archive, writeNpz(new Map(answer.feed.map((tensor, i) => [String(i), tensor]))));
  const { exitCode, stderr } = await runProcess(python, [SCRIPT, tflite, archive, result], {
    timeLimitMs: TIME_LIMIT_MS,
  });
  if (exitCode !== 0) throw new Error(`${model}: ${stderr.trim().split('\n').at(-1) ?? `exit status ${exitCode}`}`);
  const outcome = resultSchema.parse(JSON.parse(readFileSync(result, 'utf8')));
  if ('failure' in outcome) return { ...common, least: null, difference: null, failure: outcome.failure };
  const difference = differenceOf(answer.outputs, outcome.outputs, form);
  return { ...common, least: outcome.arena, difference, failure: null };
}

async function answerInLiteRt(bytes: Uint8Array, graph: TfGraph, sample: ReadonlyMap<string, Tensor>) {
  const session = await openLiteRtSession(bytes);
  try {
    const feed = integerFeed(session.inputs, sample, portQuantization(graph));
    const outputs = await session.run(feed);
    return {
      feed: graph.inputs.map(({ name }) => feed.get(name)!),
      outputs: graph.outputs.map(({ name }) => toNumbers(outputs.get(name) as Tensor)),
    };
  } finally {
    await session.close();
  }
}

function differenceOf(
  expected: readonly (readonly number[])[],
  found: readonly (readonly number[])[],
  form: MicroRow['form'],
): number {
  let largest = 0;
  for (const [i, values] of expected.entries()) {
    const scale = form === 'int8' ? 1 : values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
    for (const [k, value] of values.entries()) {
      const difference = Math.abs(value - (found[i]?.[k] ?? Number.NaN)) / scale;
      largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(largest, difference);
    }
  }
  return largest;
}
