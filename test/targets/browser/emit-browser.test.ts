import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { tensorFromElements, tensorFromNumbers } from '../../../src/ir/tensor.ts';
import type { ArtifactFile } from '../../../src/targets/artifact-files.ts';
import { emitBrowser } from '../../../src/targets/browser/emit-browser.ts';
import { sampleFiles } from '../../../src/targets/browser/sample-files.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { DENSE_FEED, denseManifest, emitDense } from './tiny-artifact.ts';

const folder = temporaryFolder();
const artifact = join(folder, 'artifact');
const MODULES = resolve('node_modules');

beforeAll(() => emitDense(artifact));

describe('a browser artifact', () => {
  it('lists every file with its size and sha256, and the same bytes come of the same model', async () => {
    const { files } = JSON.parse(readFileSync(join(artifact, 'manifest.json'), 'utf8')) as {
      files: { path: string; bytes: number; sha256: string }[];
    };
    const there = readdirSync(artifact, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'manifest.json')
      .map((entry) => join(entry.parentPath, entry.name).slice(artifact.length + 1));
    expect(files.map(({ path }) => path)).toEqual(there.sort());
    for (const { path, bytes, sha256 } of files) {
      const content = readFileSync(join(artifact, path));
      expect(content.byteLength).toBe(bytes);
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
    }
    await emitDense(join(folder, 'again'));
    expect(readFileSync(join(folder, 'again/manifest.json'))).toEqual(readFileSync(join(artifact, 'manifest.json')));
  });

  it('needs nothing from elsewhere, and has only the runtime files that its loader asks for', () => {
    expect(readdirSync(join(artifact, 'runtime')).sort()).toEqual([
      'LICENSE.onnxruntime-web.txt',
      'ort-wasm-simd-threaded.mjs',
      'ort-wasm-simd-threaded.wasm',
      'ort.wasm.min.mjs',
    ]);
    for (const name of readdirSync(artifact, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(?:js|html)$/.test(name)) continue;
      const text = readFileSync(join(artifact, name), 'utf8');
      expect(text, name).not.toMatch(/https?:\/\//);
      expect(text, name).not.toContain('sourceMappingURL');
    }
  });

  it('says in its README that the model is public and which headers threads need', () => {
    const text = readFileSync(join(artifact, 'README.md'), 'utf8');
    expect(text).toContain('A model in a browser is public.');
    expect(text).toContain('Cross-Origin-Opener-Policy: same-origin');
    expect(text).toContain('Cross-Origin-Embedder-Policy: require-corp');
  });

  it('has types that fit a correct use, refuse a wrong one, and are those of the loader', () => {
    const project = join(folder, 'typed');
    mkdirSync(project);
    symlinkSync(MODULES, join(project, 'node_modules'), 'dir');
    copyFileSync(join(artifact, 'modelpress.d.ts'), join(project, 'declared.d.ts'));
    for (const name of ['modelpress.js', 'files.js']) copyFileSync(join(artifact, name), join(project, name));
    mkdirSync(join(project, 'loader'));
    for (const name of readdirSync(join(artifact, 'loader'))) {
      copyFileSync(join(artifact, 'loader', name), join(project, 'loader', name));
    }
    writeFileSync(
      join(project, 'use.ts'),
      `import type * as declared from './declared.js';
import * as loader from './modelpress.js';
const own: Pick<typeof declared, 'keepOffline'> & { load(options?: declared.LoadOptions): Promise<Pick<declared.Model, 'name' | 'version' | 'file' | 'runtime' | 'precision' | 'inputs' | 'outputs' | 'failures' | 'dispose'>> } = loader;
const load = own.load as typeof declared.load;
const model = await load({ file: 'model.onnx', threads: 2, verify: true, cache: false });
const { y } = await model.predict({ x: new Float32Array(3) });
const first: number | undefined = y.data[0];
await model.predict({ x: { data: [1, 2, 3], dims: [1, 3] } });
// @ts-expect-error there is no such input
await model.predict({ z: [1, 2, 3] });
// @ts-expect-error another type of elements
await model.predict({ x: new Int32Array(3) });
// @ts-expect-error there is no such file
await load({ file: 'model.int8.onnx' });
console.log(first);
`,
    );
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          noEmit: true,
          allowJs: true,
          target: 'ES2023',
          lib: ['ES2023', 'DOM', 'DOM.Iterable'],
          module: 'ES2022',
          moduleResolution: 'bundler',
          types: [],
          skipLibCheck: true,
        },
        include: ['use.ts'],
      }),
    );
    const tsc = join(MODULES, 'typescript/bin/tsc');
    const run = () => execFileSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8', stdio: 'pipe' });
    expect(run()).toBe('');
    renameSync(join(project, 'declared.d.ts'), join(project, 'gone.d.ts'));
    expect(run).toThrow();
  });

  it('lays the inputs of its sample where any typed array can stand on them', () => {
    const [json, bin] = sampleFiles(
      new Map([
        ['flags', tensorFromElements('bool', [3], Uint8Array.of(1, 0, 1))],
        ['wide', tensorFromNumbers('int64', [1], [7])],
      ]),
    ) as [ArtifactFile & { bytes: Uint8Array }, ArtifactFile & { bytes: Uint8Array }];
    expect(JSON.parse(Buffer.from(json.bytes).toString())).toEqual({
      inputs: [
        { name: 'flags', type: 'bool', dims: [3], offset: 0, bytes: 3 },
        { name: 'wide', type: 'int64', dims: [1], offset: 8, bytes: 8 },
      ],
    });
    expect([...bin.bytes]).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]);
  });

  it.each<[string, readonly string[], readonly string[], string]>([
    ['no candidate', [], ['model.onnx'], 'browser-no-candidate'],
    ['a candidate without its file', ['model.onnx', 'model.int8.onnx'], ['model.onnx'], 'browser-file-missing'],
    ['a file that is not called a model', ['net.onnx'], ['net.onnx'], 'browser-file-name'],
    ['a file outside of the folder', ['../model.onnx'], ['../model.onnx'], 'browser-file-name'],
  ])('is refused with %s', async (_, candidates, files, code) => {
    const attempt = emitBrowser({
      directory: folder,
      files: files.map((path) => ({ path, bytes: new Uint8Array(1) })),
      manifest: denseManifest(candidates),
      sample: DENSE_FEED,
    });
    await expect(attempt).rejects.toMatchObject({ code });
  });
});
