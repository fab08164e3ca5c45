import { rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { saveModelFile } from '../../src/files/save-model-file.ts';
import { type Tensor, tensorFromElements, toFloat32 } from '../../src/ir/tensor.ts';
import { seededRandom } from '../../src/random/seeded-random.ts';
import { formatBytes } from '../../src/report/format-figures.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';
import { runOptimize } from '../processes/run-optimize.ts';
import type { Suite } from '../suite.ts';
import { chosenNames } from '../zoo/zoo-folder.ts';
import { type LargeModelRow, renderLargeModel } from './large-model-table.ts';
import { largePerceptron } from './large-perceptron.ts';

const LAYERS = 64;
const WIDTH = 4096;
const SEED = 0;

/** Longest that one command may take: it reads the 4 GB about ten times. */
const TIME_LIMIT_MS = 1_800_000;

/** Most memory that a command may have resident, in bytes. */
const MEMORY_LIMIT = 2 ** 30;

/** Room for the source, what is made of it, and the weights that a command keeps in a file meanwhile. */
const DISK_BYTES = 12e9;

/** What is run, and the largest difference of the answers that counts as right, over the largest magnitude. */
const COMMANDS: Readonly<Record<string, { readonly flags: readonly string[]; readonly tolerance: number }>> = {
  // The same arithmetic, in an order of its own.
  optimize: { flags: [], tolerance: 1e-4 },
  // Rounding errors of 64 layers of 8 bits add up.
  'int8-weights': { flags: ['--quantize', 'int8-weights'], tolerance: 0.2 },
};

/** What it takes to optimize and to quantize a model of 4 GB: whole processes, and whether the answers are right. */
export const largeModel: Suite = {
  name: 'large-model',
  summary: `Time and memory to optimize and to quantize a model of ${formatBytes(LAYERS * WIDTH * WIDTH * 4)} in external data.`,
  async run({ names, work, say }) {
    const { bavail, bsize } = statfsSync(work);
    if (bavail * bsize < DISK_BYTES) {
      const free = formatBytes(bavail * bsize);
      return { kind: 'skipped', reason: `${work} has ${free} free; ${formatBytes(DISK_BYTES)} are needed` };
    }
    const commands = chosenNames(Object.keys(COMMANDS), names);
    const model = join(work, 'large.onnx');
    await saveModelFile(largePerceptron({ layers: LAYERS, width: WIDTH, seed: SEED }), model, { external: true });
    const expected = await answerOf(model);
    const rows: LargeModelRow[] = [];
    for (const command of commands) {
      const { flags, tolerance } = COMMANDS[command]!;
      const output = join(work, 'output');
      const outcome = await runOptimize(model, [...flags, '-o', output], { timeLimitMs: TIME_LIMIT_MS });
      const row: LargeModelRow = {
        command,
        seconds: outcome.seconds,
        peakBytes: outcome.peakBytes,
        sizeBytes: outcome.report?.variants.find(({ target }) => target === 'server')?.size?.raw ?? null,
        stages: Object.fromEntries(outcome.report?.stages.map((one) => [one.name, one.milliseconds / 1000]) ?? []),
        difference: outcome.report && differenceOf(expected, await answerOf(join(output, 'server/model.onnx'))),
        tolerance,
        error: outcome.error,
      };
      rmSync(output, { recursive: true, force: true });
      rows.push(row);
      say(
        `${command}: ${row.seconds.toFixed(0)} s, ${row.peakBytes === null ? row.error : formatBytes(row.peakBytes)}`,
      );
    }
    const failed = rows.filter((row) => !isGood(row)).map(({ command }) => command);
    return { kind: 'measured', rows, failed, peer: null, markdown: renderLargeModel(rows) };
  },
};

function isGood({ peakBytes, difference, tolerance }: LargeModelRow): boolean {
  return peakBytes !== null && peakBytes < MEMORY_LIMIT && difference !== null && difference <= tolerance;
}

/** What ONNX Runtime gives for one input when it has loaded a model as a whole. */
async function answerOf(path: string): Promise<Float32Array> {
  const random = seededRandom(SEED);
  const features = Float32Array.from({ length: WIDTH }, () => random.normal());
  const session = await openOrtSession(path);
  try {
    const outputs = await session.run(new Map([['features', tensorFromElements('float32', [1, WIDTH], features)]]));
    return toFloat32(outputs.get('logits') as Tensor).slice();
  } finally {
    await session.close();
  }
}

/** Largest difference over the largest magnitude of what is expected. */
function differenceOf(expected: Float32Array, found: Float32Array): number {
  let difference = 0;
  let magnitude = 0;
  for (const [i, value] of expected.entries()) {
    difference = Math.max(difference, Math.abs(value - (found[i] ?? Number.POSITIVE_INFINITY)));
    magnitude = Math.max(magnitude, Math.abs(value));
  }
  return difference / magnitude;
}
