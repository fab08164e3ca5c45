import { fileURLToPath } from 'node:url';
import { type Report, reportSchema } from '../../src/report/report-schema.ts';
import { type NodeOutcome, runNode } from './run-node.ts';

/** What the command line made of a model: its report, or the error that it ended with. */
export interface OptimizeOutcome extends Pick<NodeOutcome, 'exitCode' | 'timedOut' | 'seconds'> {
  /** Of the process itself, in bytes; null where it was killed. */
  readonly peakBytes: number | null;
  readonly report: Report | null;
  /** The last that it said, where there is no report. */
  readonly error: string;
}

const CLI = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** Runs `optimize <model> --json` with these flags as a user would, in a process of its own. */
export async function runOptimize(
  model: string,
  flags: readonly string[],
  options: { readonly timeLimitMs: number },
): Promise<OptimizeOutcome> {
  const { stdout, stderr, exitCode, timedOut, seconds, usage } = await runNode(
    CLI,
    ['optimize', model, '--json', ...flags],
    options,
  );
  const report = readReport(stdout);
  const error = timedOut ? `killed after ${options.timeLimitMs / 1000} s` : stderr.trim();
  return {
    exitCode,
    timedOut,
    seconds,
    peakBytes: usage?.peakBytes ?? null,
    report,
    error: report === null ? error : '',
  };
}

function readReport(stdout: string): Report | null {
  if (stdout.trim() === '') return null;
  return reportSchema.parse(JSON.parse(stdout));
}
