import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { tensorFromElements, tensorFromNumbers } from '../../../src/ir/tensor.ts';
import { parseModel } from '../../../src/ir/text/parse.ts';
import { writeModel } from '../../../src/onnx/write-model.ts';
import { withChromium } from '../../../src/runtime/chromium.ts';
import type { BrowserCandidate } from '../../../src/targets/browser/browser-manifest.ts';
import { emitBrowser } from '../../../src/targets/browser/emit-browser.ts';
import { serveFolder } from '../../../src/targets/browser/serve-folder.ts';
import { lowerToTflite } from '../../../src/targets/device/lower-to-tflite.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { CHROMIUM_NOTE, CHROMIUM_TEST_MS, HAS_CHROMIUM } from './chromium-note.ts';
import { litertCandidate, onnxCandidate } from './tiny-artifact.ts';

const folder = temporaryFolder();

/** Every kind of element that LiteRT computes with here, and an open number of rows. */
const MODEL = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
g (float[rows, 3] x, int64[2] n, bool[3] m) => (float[rows, 3] y, int64[2] twice, bool[3] not) {
  negative = Neg (x)
  y = Where (m, x, negative)
  twice = Add (n, n)
  not = Not (m)
}`);

const FEED = new Map([
  ['x', tensorFromNumbers('float32', [1, 3], [1, 2, 3])],
  ['n', tensorFromNumbers('int64', [2], [5, -6])],
  ['m', tensorFromElements('bool', [3], Uint8Array.of(1, 0, 1))],
]);

const ports = (values: Readonly<Record<string, readonly [string, (number | string)[]]>>) =>
  Object.entries(values).map(([name, [type, shape]]) => ({ name, type, shape }));

async function emit(directory: string, candidates: readonly BrowserCandidate[]): Promise<void> {
  mkdirSync(directory);
  const lowering = lowerToTflite(MODEL);
  if (lowering.kind === 'refused') throw new Error(lowering.report.refused[0]?.message);
  const contents: Readonly<Record<string, Uint8Array>> = {
    'model.tflite': lowering.bytes,
    'model.broken.tflite': lowering.bytes.map((byte, i) => (i < 64 ? byte : ~byte)),
    'model.onnx': writeModel(MODEL),
  };
  await emitBrowser({
    directory,
    files: candidates.map(({ file: path }) => ({ path, bytes: contents[path]! })),
    manifest: {
      model: { name: 'types', version: 1 },
      inputs: ports({ x: ['float32', ['rows', 3]], n: ['int64', [2]], m: ['bool', [3]] }),
      outputs: ports({ y: ['float32', ['rows', 3]], twice: ['int64', [2]], not: ['bool', [3]] }),
      browser: { candidates, choice: 'It is asked for.' },
    },
    sample: FEED,
  });
}

/** Serves an artifact to a page in which `answer(options, rows)` loads the model and says what it gives. */
async function visit(directory: string, work: (page: Page) => Promise<void>): Promise<void> {
  const server = await serveFolder(directory);
  const script = `globalThis.answer = async (options, rows) => {
    const { load } = await import('/modelpress.js');
    const model = await load({ ...options, cache: false });
    try {
      const x = { data: Array.from({ length: 3 * rows }, (_, i) => i + 1), dims: [rows, 3] };
      const { y, twice, not } = await model.predict({ x, n: [5n, -6n], m: [true, false, true] });
      return {
        file: model.file, failures: model.failures.map(({ file }) => file), dims: y.dims, types: [y.type, twice.type, not.type],
        y: [...y.data], twice: [...twice.data].map(Number), not: [...not.data],
      };
    } catch (error) {
      return { file: model.file, code: error.code, message: error.message };
    } finally {
      model.dispose();
    }
  };`;
  try {
    await withChromium((chromium) =>
      chromium.visit(`${server.url}/README.md`, CHROMIUM_TEST_MS, async (page) => {
        await page.evaluate(script);
        await work(page);
      }),
    );
  } finally {
    await server.close();
  }
}

describe.skipIf(!HAS_CHROMIUM)(`a .tflite file in Chromium${CHROMIUM_NOTE}`, { timeout: CHROMIUM_TEST_MS }, () => {
  it('takes and gives every type, on one thread and on several, and leaves other shapes to another file', async () => {
    const directory = join(folder, 'types');
    await emit(directory, [litertCandidate('model.tflite'), onnxCandidate('model.onnx')]);
    const expected = { file: 'model.tflite', failures: [], types: ['float32', 'int64', 'bool'], twice: [10, -12] };
    await visit(directory, async (page) => {
      for (const threads of [1, 2]) {
        const one = await page.evaluate(`answer({ threads: ${threads} }, 1)`);
        expect(one).toEqual({ ...expected, dims: [1, 3], y: [1, -2, 3], not: [0, 1, 0] });
      }
      const two = await page.evaluate('answer({}, 2)');
      expect(two).toEqual({ ...expected, dims: [2, 3], y: [1, -2, 3, 4, -5, 6], not: [0, 1, 0] });
      const alone = await page.evaluate(`answer({ file: 'model.tflite' }, 2)`);
      expect(alone).toMatchObject({ file: 'model.tflite', code: 'feed-shape' });
      expect(alone).toHaveProperty('message', "model.tflite takes input 'x' as [1, 3], and nothing else");
    });
  });

  it('is passed over where it does not load', async () => {
    const directory = join(folder, 'broken');
    await emit(directory, [litertCandidate('model.broken.tflite'), onnxCandidate('model.onnx')]);
    await visit(directory, async (page) => {
      const found = await page.evaluate('answer({}, 1)');
      expect(found).toMatchObject({ file: 'model.onnx', failures: ['model.broken.tflite'], y: [1, -2, 3] });
    });
  });
});
