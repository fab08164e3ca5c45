import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ModelpressError } from '../diagnostics/modelpress-error.ts';
import { elements, type Tensor, toStrings } from '../ir/tensor.ts';
import { ortOptions } from '../runtime/onnxruntime-node.ts';
import type { SessionOptions } from '../runtime/session.ts';

const WORKER = fileURLToPath(new URL('./measure-worker.mjs', import.meta.url));

/** A model that is to be measured: its file, inputs to run it on in turn, and the outputs to ask for. */
export interface Subject {
  readonly path: string;
  readonly feeds: readonly ReadonlyMap<string, Tensor>[];
  readonly outputs: readonly string[];
}

/** A subject as it is sent to the worker: plain objects and typed arrays. */
export function encodeSubject(subject: Subject, options: SessionOptions): unknown {
  const feeds = subject.feeds.map((feed) =>
    Object.fromEntries([...feed].map(([name, tensor]) => [name, encodeTensor(tensor)])),
  );
  return { path: subject.path, outputs: subject.outputs, options: ortOptions(options), feeds };
}

/**
 * Runs one job in a fresh process and returns its answer.
 *
 * @throws ModelpressError `measure-failed` when the model fails there, the process dies, or `timeoutMs` passes.
 */
export function runWorker<T>(job: unknown, label: string, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const worker = fork(WORKER, [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const timer = setTimeout(() => settle(`it took longer than ${timeoutMs / 1000} s`), timeoutMs);
    let settled = false;
    const settle = (failure: string | undefined, result?: T): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      worker.kill('SIGKILL');
      if (failure === undefined) resolve(result as T);
      else reject(measureFailed(label, failure));
    };
    worker.on('message', (answer: { ok: true; result: T } | { ok: false; message: string }) => {
      if (answer.ok) settle(undefined, answer.result);
      else settle(answer.message);
    });
    worker.on('error', (error) => settle(error.message));
    worker.on('exit', (code, signal) => settle(`its process ended with ${signal ?? `code ${code}`}`));
    worker.send(job as object, (error) => {
      if (error !== null) settle(error.message);
    });
  });
}

function encodeTensor(tensor: Tensor): unknown {
  const data = tensor.dtype === 'string' ? toStrings(tensor) : elements(tensor);
  return { type: tensor.dtype, dims: tensor.dims, data };
}

function measureFailed(label: string, reason: string): ModelpressError {
  return new ModelpressError({
    code: 'measure-failed',
    message: `${label} could not be measured: ${reason}`,
    at: label,
    hint: 'Run `optimize bench` on the original model alone to see whether it runs at all.',
  });
}
