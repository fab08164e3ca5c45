import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ArtifactFile, emitServer } from '../../../src/targets/server/emit-server.ts';
import type { ServerManifest } from '../../../src/targets/server/server-manifest.ts';
import { type RunningServer, startServerArtifact } from '../../../src/targets/server/start-server-artifact.ts';

/** A folder that a test writes an artifact into, and how to remove it. */
export async function temporaryFolder(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'modelpress-server-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A manifest for a model whose inputs do not matter to the test. */
export function plainManifest(more: Partial<ServerManifest> = {}): ServerManifest {
  return { model: { name: 'tiny', version: 1 }, inputs: [], outputs: [], ...more };
}

/** Writes an artifact around a model. */
export async function emitModel(
  directory: string,
  bytes: Uint8Array,
  manifest: ServerManifest = plainManifest(),
  files: readonly ArtifactFile[] = [],
): Promise<void> {
  await emitServer({ directory, files: [{ path: 'model.onnx', bytes }, ...files], manifest });
}

/** An answer over HTTP. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A served model under test. */
export interface TestServer extends RunningServer {
  /** Where the artifact lies. */
  readonly directory: string;
  /** GET of a path. */
  readonly get: (path: string) => Promise<Answer>;
  /** POST to the model; a value is sent as JSON, a string as it is. */
  readonly predict: (body: unknown, verb?: string) => Promise<Answer>;
  /** The samples of /metrics, by their name and labels as written. */
  readonly metrics: () => Promise<ReadonlyMap<string, number>>;
  /** Stops the process and removes the folder. */
  readonly dispose: () => Promise<number | null>;
}

/** Emits and starts a server on a model and waits until it is ready. */
export async function serveModel(
  bytes: Uint8Array,
  {
    args = [],
    manifest = plainManifest(),
  }: { readonly args?: readonly string[]; readonly manifest?: ServerManifest } = {},
): Promise<TestServer> {
  const folder = await temporaryFolder();
  await emitModel(folder.path, bytes, manifest);
  const server = await startServerArtifact(folder.path, { args });
  const get = (path: string): Promise<Answer> => answerOf(fetch(`${server.url}${path}`));
  await until(async () => (await get('/readyz')).status === 200, server);
  return {
    ...server,
    directory: folder.path,
    get,
    predict: (body, verb = ':predict') =>
      answerOf(
        fetch(`${server.url}/v1/models/${server.model.name}${verb}`, {
          method: 'POST',
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      ),
    metrics: async () => readSamples((await get('/metrics')).text),
    dispose: async () => {
      const code = await server.stop();
      await folder.remove();
      return code;
    },
  };
}

export async function answerOf(response: Promise<Response>): Promise<Answer> {
  const { status, headers, text } = await response.then(async (r) => ({ ...headersOf(r), text: await r.text() }));
  return { status, headers, text };
}

function headersOf({ status, headers }: Response): { readonly status: number; readonly headers: Headers } {
  return { status, headers };
}

/** Asks again and again until it is so; fails after 20 s with what the server wrote. */
export async function until(is: () => Promise<boolean>, server: RunningServer): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (await is()) return;
    await sleep(20);
  }
  throw new Error(`it did not come true; the server wrote:\n${server.output()}`);
}

/** Reads the Prometheus text format; throws on a line that is none of it. */
export function readSamples(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || /^# (HELP|TYPE) [a-z_]\w* .+$/.test(line)) continue;
    const found = /^([a-zA-Z_:][\w:]*(?:\{[^}]*\})?) (\S+)$/.exec(line);
    if (found === null) throw new Error(`not a line of the Prometheus format: ${line}`);
    const [, key = '', value = ''] = found;
    samples.set(key, value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value));
  }
  return samples;
}
