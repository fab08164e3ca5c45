import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { describe, expect, it } from 'vitest';
import { int64Tensor, tensorFromNumbers } from '../../../src/ir/tensor.ts';
import { parseModel } from '../../../src/ir/text/parse.ts';
import { withChromium } from '../../../src/runtime/chromium.ts';
import { serveFolder } from '../../../src/targets/browser/serve-folder.ts';
import { buildTfjsModel } from '../../../src/targets/tfjs/build-tfjs-model.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { CHROMIUM_NOTE, CHROMIUM_TEST_MS, HAS_CHROMIUM } from '../browser/chromium-note.ts';
import { emitTfjs } from './emit-tfjs.ts';

const folder = temporaryFolder();

/** Takes rows of a product by their number, and says which sums are positive and the place of the largest. */
const MODEL = `<ir_version: 8, opset_import: ["" : 17]>
  g (float[2,3] x, int64[2] rows) => (float[2,2] y, bool[2] up, int64[2] best)
  <float[3,2] w = {1, 2, 3, 4, 5, -6}, int64[1] axis = {1}, float zero = {0}> {
    p = MatMul(x, w)  y = Gather <axis = 0>(p, rows)
    s = ReduceSum <keepdims = 0>(p, axis)  up = Greater(s, zero)  best = ArgMax <axis = 1, keepdims = 0>(p)
  }`;

describe.skipIf(!HAS_CHROMIUM)(
  `a TensorFlow.js model in an application that Vite builds${CHROMIUM_NOTE}`,
  { timeout: CHROMIUM_TEST_MS },
  () => {
    it('loads, on one thread and on several, and answers in the types of its source', async () => {
      const model = buildTfjsModel(parseModel(MODEL));
      if (model.kind === 'refused') throw new Error(model.refused[0]?.message);
      const source = join(folder, 'source');
      mkdirSync(join(folder, 'emitted'));
      mkdirSync(source);
      const x = tensorFromNumbers('float32', [2, 3], [1, 2, 3, -1, -2, -3]);
      const sample = new Map([
        ['x', x],
        ['rows', int64Tensor([1, -2])],
      ]);
      await emitTfjs(join(folder, 'emitted'), 'rows', model, sample);
      cpSync(join(folder, 'emitted'), join(source, 'model'), { recursive: true });
      writeFileSync(
        join(source, 'index.html'),
        '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>',
      );
      writeFileSync(
        join(source, 'main.js'),
        `import { load } from './model/modelpress.js';
globalThis.answer = async (threads) => {
  const model = await load({ threads });
  const outputs = await model.predict({ x: [1, 2, 3, -1, -2, -3], rows: [1, -2] });
  const refusal = await model.predict({ x: [0, 0, 0, 0, 0, 0], rows: [2n ** 40n, 0n] }).catch((error) => error.message);
  model.dispose();
  return [Object.values(outputs).map(({ type, dims, data }) => [type, dims, Array.from(data, Number)]), refusal];
};`,
      );
      await build({ root: source, logLevel: 'error', build: { outDir: join(folder, 'built'), emptyOutDir: true } });
      const server = await serveFolder(join(folder, 'built'));
      try {
        const visit = async (page: Page) => {
          for (const threads of [1, 2]) {
            const [outputs, refusal] = (await page.evaluate(`answer(${threads})`)) as [unknown, string];
            expect(outputs).toEqual([
              ['float32', [2, 2], [-22, 8, 22, -8]],
              ['bool', [2], [1, 0]],
              ['int64', [2], [0, 1]],
            ]);
            expect(refusal).toMatch(/'rows'.*does not fit the 32 bits/);
          }
        };
        await withChromium((chromium) => chromium.visit(`${server.url}/`, 60_000, visit));
      } finally {
        await server.close();
      }
    });
  },
);
