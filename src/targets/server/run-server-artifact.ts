import { setTimeout as sleep } from 'node:timers/promises';
import { fail, ModelpressError } from '../../diagnostics/modelpress-error.ts';
import {
  type ElementArray,
  elements,
  stringTensor,
  type Tensor,
  tensorFromElements,
  toStrings,
} from '../../ir/tensor.ts';
import type { HostTensor, Port } from './program/serving/element-types.mjs';
import { ELEMENT_TYPES, isElementType } from './program/serving/element-types.mjs';
import { parseJson } from './program/serving/json-text.mjs';
import { decodeTensor, tensorText } from './program/serving/tensor-codec.mjs';
import { type RunningServer, startServerArtifact } from './start-server-artifact.ts';

/** What came of running a server artifact once. */
export interface ServerRun {
  /** The outputs that the server gave, which are those that are tensors. */
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** Milliseconds from the start of the process until it was ready. */
  readonly readyMs: number;
  /** Milliseconds of the one predict request, JSON included. */
  readonly requestMs: number;
  /** Exit code after SIGTERM; 0 when it stopped as it should. */
  readonly exitCode: number | null;
}

/** Limits of a trial run, which is not what the server's own limits are for. */
const ROOMY = ['--max-body-bytes', '1073741824', '--max-instances', '1000000', '--log-level', 'warn'];

/** Time between two looks at whether the server is ready, in milliseconds. */
const POLL_MS = 20;

/**
 * Runs a server artifact as its users would: starts the program, waits until it is ready, asks it for one prediction over
 * HTTP, and stops it.
 *
 * @param feed every input of the model; sent in columnar form.
 * @param timeoutMs longest time for each of starting, getting ready and answering. Default 60 s.
 * @throws ModelpressError `server-start-failed`, `server-not-ready`, `server-predict-failed`.
 */
export async function runServerArtifact(
  directory: string,
  feed: ReadonlyMap<string, Tensor>,
  { timeoutMs = 60_000 }: { readonly timeoutMs?: number } = {},
): Promise<ServerRun> {
  const args = [...ROOMY, '--request-timeout-ms', `${timeoutMs}`];
  const started = performance.now();
  const server = await startServerArtifact(directory, { args, timeoutMs });
  try {
    await waitUntilReady(server, directory, timeoutMs);
    const readyMs = performance.now() - started;
    const ports = await outputPorts(server, directory, timeoutMs);
    const asked = performance.now();
    const answer = await ask(server, directory, timeoutMs, ':predict', requestBody(feed));
    const requestMs = performance.now() - asked;
    const outputs = readOutputs(answer, ports);
    return { outputs, readyMs, requestMs, exitCode: await server.stop() };
  } finally {
    server.process.kill('SIGKILL');
  }
}

/** Waits for `/readyz` to say yes. @throws ModelpressError `server-not-ready` when the process ends or the time is over. */
async function waitUntilReady(server: RunningServer, directory: string, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline && server.process.exitCode === null) {
    const response = await fetch(`${server.url}/readyz`).catch(() => undefined);
    if (response?.ok) return;
    await sleep(POLL_MS);
  }
  fail({
    code: 'server-not-ready',
    at: directory,
    message: `the server artifact did not get ready: ${lastLines(server) || `not within ${timeoutMs} ms`}`,
    hint: 'Run `node server.mjs` in the folder to see why.',
  });
}

function requestBody(feed: ReadonlyMap<string, Tensor>): string {
  const form = { nonFinite: 'tokens', base64: false } as const;
  const fields = Array.from(
    feed,
    ([name, tensor]) => `${JSON.stringify(name)}:${tensorText(hostTensor(tensor), form)}`,
  );
  return `{"inputs":{${fields.join(',')}}}`;
}

function hostTensor(tensor: Tensor): HostTensor {
  const { dtype, dims } = tensor;
  if (!isElementType(dtype)) throw new TypeError(`${dtype} cannot be sent as JSON`);
  return { dtype, dims, data: dtype === 'string' ? toStrings(tensor) : (elements(tensor) as HostTensor['data']) };
}

/** The outputs that the server declares, in its order. */
async function outputPorts(server: RunningServer, directory: string, timeoutMs: number): Promise<readonly Port[]> {
  const text = await ask(server, directory, timeoutMs, '/metadata');
  const { metadata } = JSON.parse(text) as {
    metadata: { signature_def: { signature_def: Record<string, { outputs: Record<string, TensorInfo> }> } };
  };
  const outputs = Object.values(metadata.signature_def.signature_def)[0]?.outputs ?? {};
  const names = new Map(Object.entries(ELEMENT_TYPES).map(([dtype, { tensorflow }]) => [tensorflow, dtype]));
  return Object.entries(outputs).map(([name, { dtype, tensor_shape }]) => ({
    name,
    dtype: names.get(dtype) as Port['dtype'],
    dims: tensor_shape.dim.map(({ size, name: symbol }) => (size === '-1' ? symbol : Number(size))),
  }));
}

interface TensorInfo {
  readonly dtype: string;
  readonly tensor_shape: { readonly dim: readonly { readonly size: string; readonly name: string }[] };
}

function readOutputs(answer: string, ports: readonly Port[]): ReadonlyMap<string, Tensor> {
  const { outputs } = parseJson(answer, { exactIntegers: true }) as { outputs: unknown };
  // Declared shapes may be wrong without harm; they are needed only for the axes behind an empty one.
  const hasEmpty = answer.includes('[]');
  return new Map(
    ports.map((port) => {
      const value = ports.length === 1 ? outputs : (outputs as Readonly<Record<string, unknown>>)[port.name];
      const { dtype, dims, data } = decodeTensor(value, hasEmpty ? port : { ...port, dims: [] });
      const tensor =
        dtype === 'string'
          ? stringTensor(dims, data as string[])
          : tensorFromElements(dtype, dims, data as ElementArray);
      return [port.name, tensor];
    }),
  );
}

/** Asks about the model and returns the answer's text. @throws ModelpressError `server-predict-failed`. */
async function ask(
  server: RunningServer,
  directory: string,
  timeoutMs: number,
  what: string,
  body?: string,
): Promise<string> {
  const url = `${server.url}/v1/models/${server.model.name}${what}`;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, body === undefined ? { signal } : { method: 'POST', body, signal });
    const text = await response.text();
    if (response.ok) return text;
    return predictFailed(directory, what, `${response.status} ${text}`);
  } catch (cause) {
    if (cause instanceof ModelpressError) throw cause;
    return predictFailed(directory, what, lastLines(server) || String(cause), cause);
  }
}

function predictFailed(directory: string, what: string, found: string, cause?: unknown): never {
  return fail(
    {
      code: 'server-predict-failed',
      at: directory,
      message: `the server artifact did not answer ${what}: ${found}`,
      hint: 'Run `node server.mjs` in the folder and send the request by hand.',
    },
    cause,
  );
}

function lastLines(server: RunningServer): string {
  return server.output().trim().split('\n').slice(-3).join(' | ');
}
