import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { processUsageSchema } from '../processes/process-usage.ts';
import { runNode } from '../processes/run-node.ts';

export interface QuantizeOnlyJob {
  readonly model: string;
  readonly calibration: string;
  /** How ranges are chosen; absent: as by default. */
  readonly observer?: string;
  readonly output: string;
  /** A folder for what it says about itself. */
  readonly work: string;
  readonly timeLimitMs: number;
}

const PROGRAM = fileURLToPath(new URL('./quantize-only.js', import.meta.url));

export const quantizeOnlySchema = z.object({
  /** Of the whole process. */
  seconds: z.number(),
  /** Of these, until the program's own work began: Node and the modules. */
  startUpSeconds: z.number(),
  stages: z.array(z.object({ name: z.string(), seconds: z.number() })),
  ...processUsageSchema.shape,
});

export type QuantizeOnlyOutcome = z.infer<typeof quantizeOnlySchema>;

/**
 * Runs `quantize-only` in a process of its own.
 *
 * @throws Error when it fails, with the end of what it said.
 */
export async function runQuantizeOnly(job: QuantizeOnlyJob): Promise<QuantizeOnlyOutcome> {
  const result = join(job.work, 'quantize-only.json');
  const { exitCode, seconds, usage, stderr } = await runNode(
    PROGRAM,
    [job.model, job.calibration, job.observer ?? 'auto', job.output, result],
    job,
  );
  if (exitCode !== 0 || !existsSync(result)) throw new Error(`quantize-only failed on ${job.model}: ${stderr}`);
  return quantizeOnlySchema.parse({ ...JSON.parse(readFileSync(result, 'utf8')), seconds, ...usage });
}
