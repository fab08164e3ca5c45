import { concatFeeds, splitFeed } from './batch-tensors.mjs';
import { tooMany } from './request-error.mjs';

/** @import { Feed } from './predict-message.mjs' */
/** @import { InferencePool } from './inference-pool.mjs' */

/**
 * One run that a request asked for.
 *
 * @typedef {object} Job
 * @property {string} model the key of the loaded model
 * @property {Feed} feed
 * @property {number} rows instances in it
 * @property {boolean} mergeable whether it may be joined with others along the first axis
 * @property {AbortSignal} signal drops the job while it waits
 *
 * @typedef {Job & { group: string, since: number, resolve: (outputs: Feed) => void, reject: (error: unknown) => void }} Waiting
 *
 * What a run was like, for the metrics.
 * @typedef {{ model: string, rows: number, requests: number, seconds: number, waited: readonly number[] }} RunRecord
 *
 * @typedef {object} Scheduler
 * @property {(jobs: readonly Job[]) => Promise<Feed[]>} submit the runs of one request; rejects with a
 *   429 when too many requests wait
 * @property {() => number} queued jobs that wait
 * @property {() => number} running
 * @property {(model: string) => Promise<void>} whenDone resolves once no job of the model waits or runs
 */

/**
 * Gives waiting jobs to idle workers, joining those that may be joined.
 *
 * Jobs are joined when they are for one model and agree in every dimension but the first, up to `maxRows`. A group is
 * due when it is full or its oldest job has waited `delayMs`; among the due the one with the oldest job goes first. When
 * a joined run is refused its jobs run again one by one, so that one bad request does not spoil its neighbours.
 *
 * @param {{ pool: InferencePool, maxQueue: number, maxRows: number, delayMs: number, onRun: (record: RunRecord) => void }} options
 * @returns {Scheduler}
 */
export function createScheduler({ pool, maxQueue, maxRows, delayMs, onRun }) {
  /** In order of arrival. @type {Map<string, Waiting[]>} */
  const groups = new Map();
  /** @type {Map<string, number>} */
  const pending = new Map();
  /** @type {Map<string, (() => void)[]>} */
  const doneWaiters = new Map();
  let queued = 0;
  let running = 0;
  let singles = 0;
  let requests = 0;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  /** @param {string} model */
  const finished = (model) => {
    const left = (pending.get(model) ?? 1) - 1;
    if (left > 0) {
      pending.set(model, left);
      return;
    }
    pending.delete(model);
    for (const resolve of doneWaiters.get(model) ?? []) resolve();
    doneWaiters.delete(model);
  };

  /** @param {Job} job @returns {Promise<Feed>} */
  const enqueue = (job) =>
    new Promise((resolve, reject) => {
      /** @type {Waiting} */
      const waiting = {
        ...job,
        group: groupOf(job) ?? `single ${singles++}`,
        since: performance.now(),
        resolve,
        reject,
      };
      const group = groups.get(waiting.group);
      if (group === undefined) groups.set(waiting.group, [waiting]);
      else group.push(waiting);
      queued += 1;
      pending.set(job.model, (pending.get(job.model) ?? 0) + 1);
      job.signal.addEventListener('abort', () => drop(waiting), { once: true });
    });

  /** @param {Waiting} job */
  const drop = (job) => {
    const group = groups.get(job.group);
    const at = group?.indexOf(job) ?? -1;
    if (group === undefined || at < 0) return;
    group.splice(at, 1);
    if (group.length === 0) groups.delete(job.group);
    queued -= 1;
    job.reject(job.signal.reason);
    finished(job.model);
  };

  /** @param {Waiting[]} group */
  const dueAt = ([oldest, ...more]) => {
    if (oldest === undefined) return Number.POSITIVE_INFINITY;
    const rows = more.reduce((sum, job) => sum + job.rows, oldest.rows);
    return !oldest.mergeable || rows >= maxRows ? oldest.since : oldest.since + delayMs;
  };

  /** @param {string} key @param {Waiting[]} group */
  const takeBatch = (key, group) => {
    let rows = 0;
    let count = 0;
    for (const job of group) {
      if (count > 0 && rows + job.rows > maxRows) break;
      rows += job.rows;
      count += 1;
    }
    const batch = group.splice(0, count);
    if (group.length === 0) groups.delete(key);
    queued -= count;
    return batch;
  };

  const dispatch = () => {
    clearTimeout(timer);
    timer = undefined;
    const now = performance.now();
    while (pool.idle() > 0) {
      const due = [...groups].filter(([, group]) => dueAt(group) <= now);
      const [first] = due.sort(([, a], [, b]) => (a[0]?.since ?? 0) - (b[0]?.since ?? 0));
      if (first === undefined) break;
      void execute(takeBatch(...first));
    }
    const next = Math.min(...[...groups.values()].map(dueAt));
    if (pool.idle() > 0 && Number.isFinite(next)) timer = setTimeout(dispatch, Math.max(1, Math.ceil(next - now)));
  };

  /** @param {Waiting[]} batch */
  const execute = async (batch) => {
    const model = batch[0]?.model ?? '';
    const started = performance.now();
    running += 1;
    try {
      const { outputs, seconds } = await pool.run(model, concatFeeds(batch.map(({ feed }) => feed)));
      const counts = batch.map(({ rows }) => rows);
      const rows = counts.reduce((sum, count) => sum + count, 0);
      if (batch.length > 1 && [...outputs.values()].some(({ dims }) => dims[0] !== rows)) {
        throw new Error(`the joined run of ${rows} rows gave outputs of other lengths`);
      }
      const parts = splitFeed(outputs, counts);
      onRun({
        model,
        rows,
        requests: batch.length,
        seconds,
        waited: batch.map(({ since }) => (started - since) / 1000),
      });
      for (const [i, job] of batch.entries()) job.resolve(parts[i] ?? new Map());
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const job of batch) retryAlone(job);
    } finally {
      running -= 1;
      for (const job of batch) finished(job.model);
      dispatch();
    }
  };

  /** @param {Waiting} job */
  const retryAlone = (job) => {
    if (job.signal.aborted) job.reject(job.signal.reason);
    else enqueue({ ...job, mergeable: false }).then(job.resolve, job.reject);
  };

  return {
    submit: async (jobs) => {
      if (requests >= maxQueue + pool.size) {
        throw tooMany(`${requests} requests are waiting or running, at most ${maxQueue} may wait; try again later`);
      }
      jobs.find(({ signal }) => signal.aborted)?.signal.throwIfAborted();
      requests += 1;
      try {
        const answers = Promise.all(jobs.map(enqueue));
        dispatch();
        return await answers;
      } finally {
        requests -= 1;
      }
    },
    queued: () => queued,
    running: () => running,
    whenDone: (model) =>
      new Promise((resolve) => {
        if (!pending.has(model)) resolve();
        else doneWaiters.set(model, [...(doneWaiters.get(model) ?? []), resolve]);
      }),
  };
}

/**
 * What jobs have to have in common to be joined; undefined for one that runs alone.
 *
 * @param {Job} job
 */
function groupOf({ model, feed, mergeable }) {
  if (!mergeable) return undefined;
  const shapes = Array.from(feed, ([name, { dims }]) => `${name}[${dims.slice(1)}]`);
  return `${model} ${shapes.join(' ')}`;
}
