import { existsSync, readFileSync } from 'node:fs';
import { fail } from '../../diagnostics/modelpress-error.ts';
import type { ArtifactFile } from '../artifact-files.ts';
import type { BrowserRuntime } from './runtime-files.ts';

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

/** Where the terms of the Apache License end and what a project fills in begins. */
const END_OF_TERMS = 'END OF TERMS AND CONDITIONS';

const LITERT = `LiteRT.js (npm package @litertjs/core), Copyright Google LLC, licensed under the Apache License, Version 2.0.

The files litert*.mjs were changed: a last line was added that makes them ECMAScript modules.

`;

const TFJS = `TensorFlow.js (npm packages @tensorflow/tfjs-core, tfjs-converter, tfjs-backend-wasm), Copyright Google LLC, licensed
under the Apache License, Version 2.0.

`;

/** The licence under which each runtime is handed on. */
const LICENSES: Readonly<Record<BrowserRuntime, () => string>> = {
  'onnxruntime-web': () => MIT,
  litert: () => `${LITERT}${apacheTerms()}`,
  tfjs: () => `${TFJS}${apacheTerms()}`,
};

/** The licence of a runtime as a file beside it. */
export function runtimeLicense(runtime: BrowserRuntime): ArtifactFile {
  return { path: `runtime/LICENSE.${runtime}.txt`, bytes: Buffer.from(LICENSES[runtime]()) };
}

/**
 * The terms of the Apache License, which stand in this project's own LICENSE above both the sources and the build: in the
 * first file of that name from a folder upwards that has them.
 *
 * @throws ModelpressError `install-incomplete` when there is none.
 */
export function apacheTerms(from: URL = new URL('.', import.meta.url)): string {
  for (let folder = from; ; folder = new URL('..', folder)) {
    const path = new URL('LICENSE', folder);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const end = text.indexOf(END_OF_TERMS);
    if (end >= 0) return `${text.slice(0, end)}${END_OF_TERMS}\n`;
    if (new URL('..', folder).href === folder.href) {
      return fail({
        code: 'install-incomplete',
        message: 'the LICENSE of modelpress is missing, whose terms go with the browser runtimes',
        at: from.pathname,
        hint: 'Install modelpress again, or put its LICENSE back beside its package.json.',
      });
    }
  }
}
