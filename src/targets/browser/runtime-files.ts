import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { ArtifactFile } from '../artifact-files.ts';

/** The runtimes that a browser artifact can carry. */
export type BrowserRuntime = 'onnxruntime-web';

/** Of each runtime's package, a file by which its folder is found, and those that the loader asks for. */
const PACKAGES: Readonly<Record<BrowserRuntime, { readonly anchor: string; readonly files: readonly string[] }>> = {
  // The build without WebGPU and WebGL, half the size of the others; its wasm has one form for one and many threads.
  'onnxruntime-web': {
    anchor: 'onnxruntime-web/ort-wasm-simd-threaded.wasm',
    files: ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'],
  },
};

const MIT = `onnxruntime-web, Copyright (c) Microsoft Corporation

MIT License

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;

/** The files of a runtime that a page downloads when a model is loaded into it, under `runtime/`. */
export function runtimeFiles(runtime: BrowserRuntime): readonly ArtifactFile[] {
  return runtimePaths(runtime).map((path) => ({ path: `runtime/${basename(path)}`, copyFrom: path }));
}

/** Where these files lie on this machine. */
export function runtimePaths(runtime: BrowserRuntime): readonly string[] {
  const { anchor, files } = PACKAGES[runtime];
  const folder = dirname(createRequire(import.meta.url).resolve(anchor));
  return files.map((name) => join(folder, name));
}

/** The licence under which the runtime is handed on. */
export function runtimeLicense(runtime: BrowserRuntime): ArtifactFile {
  return { path: `runtime/LICENSE.${runtime}.txt`, bytes: Buffer.from(MIT) };
}
