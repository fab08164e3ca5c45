import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Suite } from '../suite.ts';
import { driveFuzzing } from './drive-fuzzing.ts';
import { renderFuzzing } from './fuzz-table.ts';

/** Iterations of the suite where `MODELPRESS_FUZZ_ITERATIONS` does not say; about five minutes. */
const DEFAULT_ITERATIONS = 100_000;

/** Iterations between two lines of progress. */
const SAY_EVERY = 10_000;

/** Mutated files and random graphs through everything, each in limits of time and memory. */
export const fuzz: Suite = {
  name: 'fuzz',
  summary:
    'Damaged model files and random valid graphs through reading, shape inference, random passes or the default pipeline, and writing: refused with a code or right, within 2 s and 1 GiB',
  async run({ say }) {
    const iterations = Number(process.env.MODELPRESS_FUZZ_ITERATIONS ?? DEFAULT_ITERATIONS);
    const seed = Number(process.env.MODELPRESS_FUZZ_SEED ?? 0);
    const minutes = Number(process.env.MODELPRESS_FUZZ_MINUTES ?? Number.POSITIVE_INFINITY);
    const folder = join(tmpdir(), 'modelpress-fuzz');
    let said = 0;
    const totals = await driveFuzzing({ iterations, seed, minutes, folder }, ({ done, seconds, faults }) => {
      if (done - said < SAY_EVERY) return;
      said = done;
      say(`${done} of ${iterations} after ${seconds} s, ${faults.length} faults`);
    });
    return {
      kind: 'measured',
      rows: [totals],
      failed: totals.faults.map(({ seed: one, result }) => `${result} (seed ${one})`),
      peer: null,
      markdown: renderFuzzing(totals),
    };
  },
};
