// Runs models in a process of its own, where nothing else allocates or computes, and reports how long they took and how
// much memory they needed. Started by run-worker.ts, which sends one job and waits for one answer.
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import * as ort from 'onnxruntime-node';

/**
 * @typedef {{ type: string, dims: readonly number[], data: unknown }} Input
 * @typedef {{ path: string, options: ort.InferenceSession.SessionOptions, feeds: readonly Record<string, Input>[], outputs: readonly string[] }} Subject
 * @typedef {{ kind: 'latency', subjects: readonly Subject[], warmup: number, minRounds: number, maxRounds: number, budgetMs: number }} LatencyJob
 * @typedef {{ kind: 'memory', subject: Subject, runs: number }} MemoryJob
 */

/** @param {Subject} subject */
async function load(subject) {
  const session = await ort.InferenceSession.create(subject.path, subject.options);
  const feeds = subject.feeds.map((feed) =>
    Object.fromEntries(
      Object.entries(feed).map(([name, input]) => [
        name,
        new ort.Tensor(
          /** @type {ort.Tensor.Type} */ (input.type),
          /** @type {ort.Tensor.DataType} */ (input.data),
          input.dims,
        ),
      ]),
    ),
  );
  let turn = 0;
  return async () => {
    const feed = feeds[turn++ % feeds.length] ?? {};
    const start = performance.now();
    await session.run(feed, [...subject.outputs]);
    return performance.now() - start;
  };
}

/**
 * Times the subjects in turn, one run of each per round, beginning with another one each round.
 *
 * @param {LatencyJob} job
 */
async function latency(job) {
  const runners = [];
  for (const subject of job.subjects) runners.push(await load(subject));
  const began = performance.now();
  for (let i = 0; i < job.warmup && performance.now() - began < job.budgetMs / 2; i++) {
    for (const run of runners) await run();
  }
  /** @type {number[][]} */
  const times = runners.map(() => []);
  const start = performance.now();
  for (let round = 0; round < job.maxRounds; round++) {
    if (round >= job.minRounds && performance.now() - start > job.budgetMs) break;
    for (let i = 0; i < runners.length; i++) {
      const at = (i + round) % runners.length;
      times[at]?.push((await runners[at]?.()) ?? Number.NaN);
    }
  }
  return { times };
}

/**
 * Peak resident memory of loading and running one model, over that of the process before it, in bytes.
 *
 * @param {MemoryJob} job
 */
async function memory(job) {
  const before = process.memoryUsage.rss();
  const run = await load(job.subject);
  const loaded = process.memoryUsage.rss();
  for (let i = 0; i < job.runs; i++) await run();
  const peak = Math.max(peakResident(), process.memoryUsage.rss());
  return { loaded: Math.max(0, loaded - before), peak: Math.max(0, peak - before) };
}

/**
 * The most memory that this process has had resident, in bytes. On Linux the kernel's figure for the program that runs
 * now: `getrusage` also counts what the process that started it held when it was forked.
 */
function peakResident() {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (line !== null) return Number(line[1]) * 1024;
  } catch {
    // No Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

process.once('message', async (/** @type {LatencyJob | MemoryJob} */ job) => {
  try {
    const result = job.kind === 'latency' ? await latency(job) : await memory(job);
    process.send?.({ ok: true, result }, () => process.exit(0));
  } catch (error) {
    process.send?.({ ok: false, message: error instanceof Error ? error.message : String(error) }, () =>
      process.exit(1),
    );
  }
});
