import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProcessUsage, processUsageSchema } from './process-usage.ts';
import { type ProcessOutcome, runProcess } from './run-process.ts';
import { USAGE_FOLDER } from './usage-folder.ts';

export interface NodeOutcome extends ProcessOutcome {
  /** What the process itself used, without its children; null where it was killed. */
  readonly usage: ProcessUsage | null;
}

const REPORTER = new URL('./report-usage.js', import.meta.url).href;

/** Runs a program in a Node process of its own and measures it. */
export async function runNode(
  program: string,
  args: readonly string[],
  options: { readonly timeLimitMs: number },
): Promise<NodeOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'modelpress-usage-'));
  try {
    const outcome = await runProcess(process.execPath, ['--import', REPORTER, program, ...args], {
      ...options,
      env: { [USAGE_FOLDER]: folder },
    });
    const file = join(folder, String(outcome.pid));
    const usage = existsSync(file) ? processUsageSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : null;
    return { ...outcome, usage };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
