import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { type ArtifactFile, emitServer } from '../../../src/targets/server/emit-server.ts';
import { exampleRequestCommand } from '../../../src/targets/server/example-request.ts';
import type { ServerManifest, ServerPort } from '../../../src/targets/server/server-manifest.ts';
import { plainManifest, serveModel, temporaryFolder } from './server-process.ts';
import { denseModel, denseRow } from './tiny-models.ts';

const X: ServerPort = { name: 'x', type: 'float32', shape: ['batch', 3] };
const MANIFEST = plainManifest({ inputs: [X], outputs: [{ name: 'y', type: 'float32', shape: ['batch', 2] }] });
const MODEL: ArtifactFile = { path: 'model.onnx', bytes: denseModel('batch') };

describe('emitServer', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  afterEach(() => folder.remove());

  async function emit(
    manifest: ServerManifest = MANIFEST,
    files: readonly ArtifactFile[] = [MODEL],
  ): ReturnType<typeof emitServer> {
    folder = await temporaryFolder();
    return emitServer({ directory: folder.path, files, manifest });
  }
  const read = (path: string): Promise<string> => readFile(join(folder.path, path), 'utf8');

  it('returns and lists every file it writes with its size and sha256', async () => {
    const written = await emit();
    const entries = await readdir(folder.path, { recursive: true, withFileTypes: true });
    const present = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.path.length + 1));
    expect(written.map(({ path }) => path)).toEqual(present.filter((path) => path !== 'manifest.json').sort());
    for (const { path, bytes, sha256 } of written) {
      const content = await readFile(join(folder.path, path));
      expect([bytes, sha256]).toEqual([content.length, createHash('sha256').update(content).digest('hex')]);
    }
    expect(JSON.parse(await read('manifest.json'))).toEqual({ ...MANIFEST, files: written });
  });

  it('writes the same bytes again', async () => {
    const first = await emit();
    await folder.remove();
    expect(await emit()).toEqual(first);
  });

  it('copies files, also into folders', async () => {
    const other = await temporaryFolder();
    await writeFile(join(other.path, 'weights'), 'abc');
    await emit(MANIFEST, [MODEL, { path: 'data/weights', copyFrom: join(other.path, 'weights') }]);
    await other.remove();
    expect(await read('data/weights')).toBe('abc');
  });

  it('keeps what else the manifest holds', async () => {
    const manifest = { ...MANIFEST, pipeline: 'fold-constants', results: [{ name: 'fp32' }] };
    await emit(manifest);
    expect(JSON.parse(await read('manifest.json'))).toMatchObject(manifest);
  });

  it('pins the packages that the program imports to the versions that are installed', async () => {
    const written = await emit();
    const { dependencies, type } = JSON.parse(await read('package.json'));
    const imported = new Set<string>();
    for (const { path } of written.filter((file) => file.path.endsWith('.mjs'))) {
      for (const [, name = ''] of (await read(path)).matchAll(/^import .* from '([^.'][^']*)';$/gm)) imported.add(name);
    }
    const packages = [...imported].filter((name) => !name.startsWith('node:')).sort();
    expect(Object.keys(dependencies)).toEqual(packages);
    const require = createRequire(import.meta.url);
    for (const name of packages) expect(dependencies[name]).toBe(require(`${name}/package.json`).version);
    expect(type).toBe('module');
  });

  it('copies into the image only what is there, and runs as another user than root', async () => {
    await emit();
    const dockerfile = await read('Dockerfile');
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    );
    expect(copied).toEqual(['package.json', '.npmrc', '.']);
    for (const name of copied.slice(0, 2)) expect(await read(name)).not.toBe('');
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
    expect(dockerfile.match(/^FROM .*-slim/gm)).toHaveLength(2);
    expect(await read('.dockerignore')).toMatch(/^node_modules$/m);
    expect(await read('.npmrc')).toBe('onnxruntime-node-install=skip\n');
  });

  it('has no reference to source maps that are not there', async () => {
    const written = await emit();
    for (const { path } of written) expect(await read(path)).not.toContain('sourceMappingURL=');
  });

  it.each<[string, ServerManifest, readonly ArtifactFile[], string]>([
    ['no model', MANIFEST, [{ path: 'other.onnx', bytes: new Uint8Array() }], 'server-model-missing'],
    ['a name for no URL', plainManifest({ model: { name: 'a/b', version: 1 } }), [MODEL], 'server-model-name'],
    ['version 0', plainManifest({ model: { name: 'a', version: 0 } }), [MODEL], 'server-model-version'],
    ['version 1.5', plainManifest({ model: { name: 'a', version: 1.5 } }), [MODEL], 'server-model-version'],
  ])('refuses %s and writes nothing', async (_, manifest, files, code) => {
    await expect(emit(manifest, files)).rejects.toMatchObject({ code });
    expect(await readdir(folder.path)).toEqual([]);
  });
});

const HAS_CURL = spawnSync('curl', ['--version']).status === 0;

describe.skipIf(!HAS_CURL)(`the commands of the README${HAS_CURL ? '' : ' (skipped: no curl)'}`, () => {
  it('ask the server', async () => {
    const server = await serveModel(denseModel('batch'), { manifest: MANIFEST });
    try {
      const readme = await readFile(join(server.directory, 'README.md'), 'utf8');
      const commands = /```sh\n(echo [^`]*)```/.exec(readme)?.[1] ?? '';
      expect(commands).toContain('curl');
      const script = commands.replaceAll('http://127.0.0.1:8501', server.url);
      const { stdout } = await promisify(execFile)('sh', ['-ec', script], { cwd: server.directory });
      expect(JSON.parse(stdout)).toEqual({ predictions: [denseRow([0, 0, 0])] });
    } finally {
      await server.dispose();
    }
  });
});

describe('exampleRequestCommand', () => {
  const cases: readonly [string, readonly ServerPort[], Partial<ServerManifest>, unknown][] = [
    ['one input', [X], {}, { instances: [[0, 0, 0]] }],
    ['a fixed batch of one', [{ ...X, shape: [1, 2] }], {}, { instances: [[0, 0]] }],
    ['a fixed batch of two', [{ ...X, shape: [2, 1] }], {}, { inputs: [[0], [0]] }],
    ['a scalar', [{ ...X, shape: [] }], {}, { inputs: 0 }],
    [
      'an open shape',
      [{ ...X, shape: [null, 'n', 2] }],
      { exampleShapes: { x: [1, 3, 2] } },
      { instances: [Array(3).fill([0, 0])] },
    ],
    [
      'several types',
      [
        { name: "a'b", type: 'string', shape: [null] },
        { name: 'c', type: 'bool', shape: [null, 2] },
      ],
      {},
      { instances: [{ "a'b": 'text', c: [true, true] }] },
    ],
    ['a large input', [{ ...X, shape: ['n', 4, 10] }], {}, { instances: [Array(4).fill(Array(10).fill(0))] }],
    [
      'several inputs, one of them large',
      [
        { ...X, shape: ['n', 40] },
        { name: 't', type: 'string', shape: ['n'] },
      ],
      {},
      { instances: [{ x: Array(40).fill(0), t: 'text' }] },
    ],
  ];
  it.each(cases)('writes a request of %s', async (_, inputs, more, expected) => {
    const command = exampleRequestCommand(plainManifest({ inputs, ...more }));
    const { stdout } = await promisify(execFile)('sh', ['-ec', command]);
    expect(JSON.parse(stdout)).toEqual(expected);
  });
});
