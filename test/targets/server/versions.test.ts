import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startServerArtifact } from '../../../src/targets/server/start-server-artifact.ts';
import { emitModel, plainManifest, serveModel, type TestServer, temporaryFolder, until } from './server-process.ts';
import { denseModel, denseRow } from './tiny-models.ts';

const X = [1, 2, 3];
const BODY = { instances: [X] };

/** Which version answered, and what. */
async function ask(server: TestServer, verb = ':predict'): Promise<{ version: string | null; body: unknown }> {
  const { headers, text } = await server.predict(BODY, verb);
  return { version: headers.get('x-model-version'), body: JSON.parse(text) };
}

/** Adds a version of the dense model with its weights multiplied by `scale`. */
async function addVersion(server: TestServer, version: number, scale: number): Promise<void> {
  const staged = join(server.directory, `staged-${version}`);
  await mkdir(staged, { recursive: true });
  await emitModel(staged, denseModel('batch', scale), plainManifest({ model: { name: 'tiny', version } }));
  await mkdir(join(server.directory, 'versions'), { recursive: true });
  await rename(staged, join(server.directory, 'versions', `${version}`));
}

async function states(server: TestServer): Promise<Record<string, string>> {
  const { model_version_status: entries } = JSON.parse((await server.get('/v1/models/tiny')).text);
  return Object.fromEntries(entries.map(({ version, state }: { version: string; state: string }) => [version, state]));
}

describe('a server of several versions', () => {
  let server: TestServer;
  afterEach(() => server.dispose());

  it('loads and unloads versions on SIGHUP', async () => {
    server = await serveModel(denseModel('batch'));
    expect(await states(server)).toEqual({ 1: 'AVAILABLE' });
    await addVersion(server, 3, 2);
    server.process.kill('SIGHUP');
    await until(async () => (await states(server))[3] === 'AVAILABLE', server);

    expect(await ask(server)).toEqual({ version: '3', body: { predictions: [denseRow(X, 2)] } });
    expect(await ask(server, '/versions/1:predict')).toEqual({ version: '1', body: { predictions: [denseRow(X)] } });
    const status = JSON.parse((await server.get('/v1/models/tiny/versions/3')).text);
    const expected = { version: '3', state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } };
    expect(status).toEqual({ model_version_status: [expected] });
    const metadata = JSON.parse((await server.get('/v1/models/tiny/versions/1/metadata')).text);
    expect(metadata.model_spec).toEqual({ name: 'tiny', signature_name: '', version: '1' });

    await rm(join(server.directory, 'versions', '3'), { recursive: true });
    server.process.kill('SIGHUP');
    await until(async () => (await states(server))[3] === undefined, server);
    expect(await ask(server)).toEqual({ version: '1', body: { predictions: [denseRow(X)] } });
    expect(await ask(server, '/versions/3:predict')).toEqual({
      version: null,
      body: { error: 'model "tiny" has no version 3 available; available: 1' },
    });
  });

  it('finds versions by polling', async () => {
    server = await serveModel(denseModel('batch'), { args: ['--poll-versions-ms', '50'] });
    await addVersion(server, 2, 3);
    await until(async () => (await states(server))[2] === 'AVAILABLE', server);
    expect(await ask(server)).toEqual({ version: '2', body: { predictions: [denseRow(X, 3)] } });
  });

  it('keeps serving when a new version does not load, and takes it once it is whole', async () => {
    server = await serveModel(denseModel('batch'));
    await addVersion(server, 2, 3);
    const model = join(server.directory, 'versions', '2', 'model.onnx');
    await appendFile(model, 'x');
    server.process.kill('SIGHUP');
    await until(async () => (await states(server))[2] === 'END', server);
    const { text } = await server.get('/v1/models/tiny/versions/2');
    expect(JSON.parse(text).model_version_status[0].status).toEqual({
      error_code: 'INTERNAL',
      error_message: expect.stringMatching(/model\.onnx is not the file that manifest\.json was written for/),
    });
    expect((await ask(server)).version).toBe('1');
    expect((await server.get('/readyz')).status).toBe(200);

    await writeFile(model, denseModel('batch', 3));
    server.process.kill('SIGHUP');
    await until(async () => (await states(server))[2] === 'AVAILABLE', server);
    expect((await ask(server)).version).toBe('2');
  });

  it('serves a version without a manifest, unverified', async () => {
    server = await serveModel(denseModel('batch'), { args: ['--poll-versions-ms', '50'] });
    const folder = join(server.directory, 'versions', '7');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'model.onnx'), denseModel('batch', 4));
    await until(async () => (await states(server))[7] === 'AVAILABLE', server);
    expect(await ask(server)).toEqual({ version: '7', body: { predictions: [denseRow(X, 4)] } });
    expect(JSON.parse((await server.get('/v1/models/tiny/metadata')).text).metadata.modelpress.sha256).toBe(null);
  });

  it.each([
    ['/v1/models/other', 404, /no model "other" here, this server has "tiny"/],
    ['/v1/models/other/metadata', 404, /no model "other"/],
    ['/v1/models/tiny/versions/9', 404, /no version 9/],
    ['/v1/models/tiny/versions/x', 404, /"x" is no version/],
    ['/v1/models/tiny/versions/9/metadata', 404, /no version 9/],
    ['/v1/models/tiny:predict', 405, /with POST/],
    ['/no/such', 404, /no route GET \/no\/such/],
  ])('answers GET %s with %i', async (path, status, message) => {
    server = await serveModel(denseModel('batch'));
    const answer = await server.get(path);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual({ error: expect.stringMatching(message) });
    for (const verb of ['', ':classify', '/versions/9:predict', '/versions/1']) {
      expect((await server.predict(BODY, verb)).status).toBe(404);
    }
  });
});

describe('a server that must not start', () => {
  it.each<[string, (folder: string) => Promise<unknown>, RegExp]>([
    [
      'a model other than the one in the manifest',
      (folder) => writeFile(join(folder, 'model.onnx'), denseModel('batch', 5)),
      /model\.onnx is not the file that manifest\.json was written for: sha256 [0-9a-f]{64}, expected [0-9a-f]{64}/,
    ],
    [
      'external data that differs',
      (folder) => writeFile(join(folder, 'weights.bin'), 'other'),
      /weights\.bin is not the file/,
    ],
    ['external data that is missing', (folder) => rm(join(folder, 'weights.bin')), /ENOENT.*weights\.bin/],
    ['no model', (folder) => rm(join(folder, 'model.onnx')), /holds no model\.onnx or model\.ort/],
    ['no manifest', (folder) => rm(join(folder, 'manifest.json')), /manifest\.json is missing/],
    ['a manifest that is none', (folder) => writeFile(join(folder, 'manifest.json'), '{}'), /names no model/],
    [
      'a version that does not load',
      async (folder) => {
        await mkdir(join(folder, 'versions', '2'), { recursive: true });
        await writeFile(join(folder, 'versions', '2', 'model.onnx'), 'no model');
      },
      /version 2 cannot be served/,
    ],
    [
      'a version of another model',
      async (folder) => {
        const other = join(folder, 'versions', '2');
        await mkdir(other, { recursive: true });
        await emitModel(other, denseModel('batch'), plainManifest({ model: { name: 'other', version: 2 } }));
      },
      /holds model "other", this server serves "tiny"/,
    ],
    ['a version twice', (folder) => mkdir(join(folder, 'versions', '1'), { recursive: true }), /version 1 is both in/],
  ])('refuses %s', async (_, spoil, message) => {
    const folder = await temporaryFolder();
    try {
      const weights = [{ path: 'weights.bin', bytes: Buffer.from('weights') }];
      await emitModel(folder.path, denseModel('batch'), plainManifest(), weights);
      await spoil(folder.path);
      const code = await startServerArtifact(folder.path).then(
        async (server) => {
          const ended = await server.exited;
          expect(server.output()).toMatch(message);
          return ended;
        },
        (error: Error) => {
          expect(error.message).toMatch(message);
          return 1;
        },
      );
      expect(code).toBe(1);
    } finally {
      await folder.remove();
    }
  });

  it('takes changes of files that are not the model', async () => {
    const folder = await temporaryFolder();
    try {
      await emitModel(folder.path, denseModel('batch'));
      for (const name of ['README.md', 'package.json', 'Dockerfile', '.npmrc']) await rm(join(folder.path, name));
      const server = await startServerArtifact(folder.path);
      await until(async () => (await fetch(`${server.url}/readyz`)).ok, server);
      expect(await server.stop()).toBe(0);
    } finally {
      await folder.remove();
    }
  });
});
