import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ITERATIONS_PER_PROCESS, SILENCE_LIMIT_MS } from './fuzz-limits.ts';
import { type FuzzCounts, type FuzzFault, fuzzMessageSchema } from './fuzz-message.ts';
import { seedOf } from './run-iteration.ts';

export interface FuzzSettings {
  /** Seed of the whole run. */
  readonly seed: number;
  readonly iterations: number;
  /** The run ends then, however many iterations are done. */
  readonly minutes: number;
  /** Where models that show a fault are left. */
  readonly folder: string;
}

/** What a run came to. */
export interface FuzzTotals {
  readonly seed: number;
  readonly done: number;
  readonly seconds: number;
  readonly results: Readonly<Record<string, number>>;
  readonly worstMs: number;
  readonly worstSeed: number;
  readonly peakBytes: number;
  readonly faults: readonly FuzzFault[];
}

const PROGRAM = fileURLToPath(new URL('./fuzz-process.js', import.meta.url));

/** Faults that are kept in full; a fault that shows thousands of times is one. */
const MAX_FAULTS = 200;

/**
 * Runs iterations in processes of their own, one after the other. A process that says nothing for too long is killed, one
 * that crashes is counted; both are faults of the iteration that was running, and the next process goes on behind it.
 */
export async function driveFuzzing(settings: FuzzSettings, say: (totals: FuzzTotals) => void): Promise<FuzzTotals> {
  const start = performance.now();
  const end = start + settings.minutes * 60_000;
  const faults: FuzzFault[] = [];
  let totals: FuzzTotals = {
    seed: settings.seed,
    done: 0,
    seconds: 0,
    results: {},
    worstMs: 0,
    worstSeed: 0,
    peakBytes: 0,
    faults,
  };
  const count = (counts: FuzzCounts): void => {
    const results = { ...totals.results };
    for (const [name, times] of Object.entries(counts.results)) results[name] = (results[name] ?? 0) + times;
    const worse = counts.worstMs > totals.worstMs;
    totals = {
      ...totals,
      done: totals.done + counts.done,
      seconds: Math.round((performance.now() - start) / 1000),
      results,
      worstMs: worse ? counts.worstMs : totals.worstMs,
      worstSeed: worse ? counts.worstSeed : totals.worstSeed,
      peakBytes: Math.max(totals.peakBytes, counts.peakBytes),
    };
    say(totals);
  };
  const keep = (fault: FuzzFault): void => {
    if (faults.length < MAX_FAULTS) faults.push(fault);
  };
  for (let from = 0; from < settings.iterations && performance.now() < end; ) {
    const to = Math.min(from + ITERATIONS_PER_PROCESS, settings.iterations);
    const last = await runPart(settings, from, to, (end - performance.now()) / 1000, { count, keep });
    from = last + 1;
  }
  return { ...totals, seconds: Math.round((performance.now() - start) / 1000) };
}

interface Listeners {
  readonly count: (counts: FuzzCounts) => void;
  readonly keep: (fault: FuzzFault) => void;
}

/** Runs one process; gives the last iteration that it began. */
function runPart(
  { seed, folder }: FuzzSettings,
  from: number,
  to: number,
  seconds: number,
  { count, keep }: Listeners,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const args = [PROGRAM, seed, from, to, folder, ...(Number.isFinite(seconds) ? [seconds] : [])].map(String);
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let last = from;
    let stderr = '';
    let hung = false;
    let silence = setTimeout(() => {}, 0);
    const listen = (): void => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        hung = true;
        child.kill('SIGKILL');
      }, SILENCE_LIMIT_MS);
    };
    listen();
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      listen();
      const message = fuzzMessageSchema.parse(JSON.parse(line));
      if (message.kind === 'start') last = message.index;
      else if (message.kind === 'counts') count(message);
      else keep(message);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-2000);
    });
    child.on('error', reject);
    child.on('close', (exitCode, signal) => {
      clearTimeout(silence);
      if (hung || exitCode !== 0) {
        const result = hung ? 'hang' : 'crash';
        const text = hung ? `silent for ${SILENCE_LIMIT_MS} ms` : `ended with ${exitCode ?? signal}: ${stderr}`;
        keep({ kind: 'fault', seed: seedOf(seed, last), result, text, file: '' });
        count({ kind: 'counts', done: 1, results: { [result]: 1 }, worstMs: 0, worstSeed: 0, peakBytes: 0 });
      }
      resolve(last);
    });
  });
}
