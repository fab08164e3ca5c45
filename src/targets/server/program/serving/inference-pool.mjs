import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { buffersOf } from './batch-tensors.mjs';
import { badRequest, unavailable } from './request-error.mjs';

/** @import { Feed } from './predict-message.mjs' */
/** @import { ModelPorts, WorkerReply, WorkerRequest } from './inference-worker.mjs' */

/**
 * Threads that run the models, one run at a time each.
 *
 * @typedef {object} InferencePool
 * @property {number} size
 * @property {() => number} idle workers that nothing runs on
 * @property {(key: string, path: string) => Promise<ModelPorts>} load in every worker
 * @property {(key: string, feed: Feed) => Promise<{ outputs: Feed, seconds: number }>} run on an idle worker, which
 *   takes over the feed's memory. Rejects with a 400 where the runtime refuses the feed
 * @property {(key: string, feed: Feed) => Promise<void>} warmUp one run in every worker
 * @property {(key: string) => Promise<void>} unload also where it is not loaded; a closed pool has nothing loaded
 * @property {() => boolean} busy whether a worker is loading or running
 * @property {() => Promise<void>} close takes nothing more, waits for what is under way, and ends the workers
 */

/**
 * @typedef {{ resolve: (reply: WorkerReply) => void, reject: (error: Error) => void }} Waiting
 * @typedef {{ worker: Worker, waiting: Map<number, Waiting>, busy: boolean }} Member
 */

/**
 * @typedef {WorkerRequest extends infer R ? R extends { id: number } ? Omit<R, 'id'> : never : never} WorkerCall
 */

/**
 * Starts the workers.
 *
 * @param {{ workers: number, threads: number, onCrash: (error: Error) => void }} options `threads` 0 shares the processors
 * @returns {InferencePool}
 */
export function createInferencePool({ workers, threads, onCrash }) {
  const perWorker = threads > 0 ? threads : Math.max(1, Math.floor(availableParallelism() / workers));
  let nextId = 0;
  let closing = false;

  const members = Array.from({ length: workers }, () => {
    const worker = new Worker(new URL('./inference-worker.mjs', import.meta.url), {
      workerData: { threads: perWorker },
    });
    /** @type {Member} */
    const member = { worker, waiting: new Map(), busy: false };
    worker.on('message', (/** @type {WorkerReply} */ reply) => {
      member.waiting.get(reply.id)?.resolve(reply);
      member.waiting.delete(reply.id);
    });
    /** @param {Error} error */
    const gone = (error) => {
      for (const { reject } of member.waiting.values()) reject(error);
      member.waiting.clear();
      if (!closing) onCrash(error);
    };
    worker.on('error', gone);
    worker.on('exit', (code) => gone(new Error(`an inference thread ended with code ${code}`)));
    return member;
  });

  /**
   * @param {Member} member
   * @param {WorkerCall} call
   * @param {readonly ArrayBuffer[]} [handedOver]
   * @returns {Promise<WorkerReply>}
   */
  const ask = (member, call, handedOver = []) =>
    new Promise((resolve, reject) => {
      if (closing) {
        reject(unavailable('the server is stopping'));
        return;
      }
      const id = nextId++;
      member.waiting.set(id, { resolve, reject });
      member.worker.postMessage({ ...call, id }, [...handedOver]);
    });

  /** @param {WorkerCall} call */
  const askAll = (call) => Promise.all(members.map((member) => ask(member, call)));

  return {
    size: members.length,
    idle: () => members.filter(({ busy }) => !busy).length,
    load: async (key, path) => {
      const replies = await askAll({ kind: 'load', key, path });
      const failed = replies.find((reply) => reply.kind === 'failed');
      if (failed !== undefined) throw new Error(failed.message);
      const loaded = replies.find((reply) => reply.kind === 'loaded');
      if (loaded === undefined) throw new Error('no worker loaded the model');
      return loaded.ports;
    },
    run: async (key, feed) => {
      const member = members.find(({ busy }) => !busy);
      if (member === undefined) throw new Error('no worker is idle');
      member.busy = true;
      try {
        return ranOf(await ask(member, { kind: 'run', key, feed }, buffersOf(feed)));
      } finally {
        member.busy = false;
      }
    },
    warmUp: async (key, feed) => {
      for (const reply of await askAll({ kind: 'run', key, feed })) ranOf(reply);
    },
    unload: async (key) => {
      if (!closing) await askAll({ kind: 'unload', key });
    },
    busy: () => members.some(({ waiting }) => waiting.size > 0),
    close: async () => {
      closing = true;
      // A worker that ends amid a run of the runtime takes the process with it.
      await Promise.all(members.map(whenQuiet));
      await Promise.all(members.map(({ worker }) => worker.terminate()));
    },
  };
}

/**
 * Resolves once a worker has answered all that it was asked.
 *
 * @param {Member} member
 */
function whenQuiet({ worker, waiting }) {
  return /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      const look = () => {
        if (waiting.size > 0) return;
        worker.off('message', look);
        resolve();
      };
      worker.on('message', look);
      look();
    })
  );
}

/**
 * @param {WorkerReply} reply
 * @returns {{ outputs: Feed, seconds: number }}
 */
function ranOf(reply) {
  if (reply.kind === 'ran') return reply;
  throw badRequest(
    reply.kind === 'failed' ? `the model refused the input: ${reply.message}` : 'the model gave no answer',
  );
}
