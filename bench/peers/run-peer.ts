import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { processUsageSchema } from '../processes/process-usage.ts';
import { runProcess } from '../processes/run-process.ts';
import { BENCH_FOLDER } from '../project-root.ts';

/** What the peer is to do, and where it leaves the result. */
export interface PeerJob {
  readonly model: string;
  readonly calibration: string;
  readonly samples: number;
  readonly output: string;
  /** A folder for what it says about itself. */
  readonly work: string;
  readonly timeLimitMs: number;
}

/** What the peer did; `failure` is the last line of its error. */
export type PeerOutcome =
  | {
      readonly kind: 'done';
      /** Of the whole process. */
      readonly seconds: number;
      /** Of these, the work itself: without starting Python and loading its packages. */
      readonly workSeconds: number;
      /** Processor time of all threads. */
      readonly cpuSeconds: number;
      readonly peakBytes: number;
      readonly notes: readonly string[];
    }
  | { readonly kind: 'failed'; readonly failure: string };

const SCRIPT = join(BENCH_FOLDER, 'peers', 'quantize_onnxruntime.py');

const resultSchema = z.object({ seconds: z.number(), ...processUsageSchema.shape, notes: z.array(z.string()) });

/** Quantizes a model with onnxruntime.quantization in a process of its own. */
export async function runPeer(python: string, job: PeerJob): Promise<PeerOutcome> {
  const result = join(job.work, 'peer-result.json');
  const { exitCode, timedOut, seconds, stderr } = await runProcess(
    python,
    [SCRIPT, job.model, job.calibration, String(job.samples), job.output, result],
    { timeLimitMs: job.timeLimitMs },
  );
  if (timedOut) return { kind: 'failed', failure: `killed after ${job.timeLimitMs / 1000} s` };
  if (exitCode !== 0 || !existsSync(result)) {
    return { kind: 'failed', failure: stderr.trim().split('\n').at(-1) ?? `exit status ${exitCode}` };
  }
  const { seconds: workSeconds, ...rest } = resultSchema.parse(JSON.parse(readFileSync(result, 'utf8')));
  return { kind: 'done', seconds, workSeconds, ...rest };
}
