import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PEAK_FOLDER } from './peak-folder.ts';
import { type ProcessOutcome, runProcess } from './run-process.ts';

export interface NodeOutcome extends ProcessOutcome {
  /** Most memory that the process itself had resident, in bytes; null where it was killed. Not that of its children. */
  readonly peakBytes: number | null;
}

const REPORTER = new URL('./report-peak-memory.js', import.meta.url).href;

/** Runs a program in a Node process of its own and measures it. */
export async function runNode(
  program: string,
  args: readonly string[],
  options: { readonly timeLimitMs: number },
): Promise<NodeOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'modelpress-peak-'));
  try {
    const outcome = await runProcess(process.execPath, ['--import', REPORTER, program, ...args], {
      ...options,
      env: { [PEAK_FOLDER]: folder },
    });
    const file = join(folder, String(outcome.pid));
    return { ...outcome, peakBytes: existsSync(file) ? Number(readFileSync(file, 'utf8')) : null };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
