// A process that fuzzes: `node fuzz-process.js RUN FROM TO FOLDER [SECONDS]`. What it says is in fuzz-message.ts.
import { mkdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { wholeCorpus } from './files/corpus.ts';
import { MEMORY_LIMIT_BYTES, RUNTIME_EVERY, TIME_LIMIT_MS } from './fuzz-limits.ts';
import type { FuzzMessage } from './fuzz-message.ts';
import { runIteration, seedOf } from './run-iteration.ts';

/** Iterations between two reports of counts. */
const REPORT_EVERY = 500;

/** Iterations between two looks at processor time and memory, each of which takes as long as a tenth of an iteration. */
const LOOK_EVERY = 20;

const STDOUT = 1;

/** Written at once, so that the last line before a crash names the iteration. */
function say(message: FuzzMessage): void {
  writeSync(STDOUT, `${JSON.stringify(message)}\n`);
}

const [run = 0, from = 0, to = 0] = process.argv.slice(2, 5).map(Number);
const folder = process.argv[5] ?? '.';
const deadline = process.argv[6] === undefined ? Number.POSITIVE_INFINITY : 1000 * Number(process.argv[6]);
const corpus = wholeCorpus();
let results: Record<string, number> = {};
let done = 0;
let worstMs = 0;
let worstSeed = 0;

function sayCounts(peakBytes: number): void {
  say({ kind: 'counts', done, results, worstMs: Math.round(worstMs), worstSeed, peakBytes });
  results = {};
  done = 0;
  worstMs = 0;
}

function sayFault(seed: number, result: string, text: string, model?: Uint8Array): void {
  const file = join(folder, `${result}-${seed}.onnx`);
  if (model !== undefined) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, model);
  }
  say({ kind: 'fault', seed, result, text, file: model === undefined ? '' : file });
}

const peak = (): number => process.resourceUsage().maxRSS * 1024;
let cpu = process.cpuUsage();
for (let index = from; index < to && performance.now() < deadline; index++) {
  const seed = seedOf(run, index);
  say({ kind: 'start', index, seed });
  if (done % LOOK_EVERY === 0) cpu = process.cpuUsage();
  const start = performance.now();
  const outcome = await runIteration(seed, { corpus, runtimeEvery: RUNTIME_EVERY });
  let milliseconds = performance.now() - start;
  if (milliseconds > Math.min(worstMs, TIME_LIMIT_MS)) {
    // Other programs make the clock run on; the processor time is that of some iterations before as well.
    const used = process.cpuUsage(cpu);
    milliseconds = Math.min(milliseconds, (used.user + used.system) / 1000);
  }
  if (milliseconds > worstMs) {
    worstMs = milliseconds;
    worstSeed = seed;
  }
  const key = `${outcome.kind}: ${outcome.result}`;
  results[key] = (results[key] ?? 0) + 1;
  done++;
  if (outcome.fault !== undefined) sayFault(seed, outcome.result, outcome.fault, outcome.model);
  if (milliseconds > TIME_LIMIT_MS) sayFault(seed, 'slow', `it took ${Math.round(milliseconds)} ms`, outcome.model);
  if (done % LOOK_EVERY !== 0) continue;
  const peakBytes = peak();
  if (done === REPORT_EVERY) sayCounts(peakBytes);
  if (peakBytes > MEMORY_LIMIT_BYTES) {
    sayFault(seed, 'memory', `the process held ${peakBytes} bytes`, outcome.model);
    break;
  }
}
sayCounts(peak());
