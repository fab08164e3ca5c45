import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { describe, expect, it } from 'vitest';
import { withChromium } from '../../../src/runtime/chromium.ts';
import { serveFolder } from '../../../src/targets/browser/serve-folder.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { denseModel } from '../server/tiny-models.ts';
import { CHROMIUM_NOTE, CHROMIUM_TEST_MS, HAS_CHROMIUM } from './chromium-note.ts';
import { denseTflite, emitDense } from './tiny-artifact.ts';

const folder = temporaryFolder();

describe.skipIf(!HAS_CHROMIUM)(
  `a browser artifact in an application that Vite builds${CHROMIUM_NOTE}`,
  { timeout: CHROMIUM_TEST_MS },
  () => {
    it('loads, on one thread and on several, and answers', async () => {
      const source = join(folder, 'source');
      mkdirSync(source);
      await emitDense(join(folder, 'emitted'), { 'model.tflite': denseTflite(), 'model.onnx': denseModel('batch') });
      cpSync(join(folder, 'emitted'), join(source, 'model'), { recursive: true });
      writeFileSync(
        join(source, 'index.html'),
        '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>',
      );
      writeFileSync(
        join(source, 'main.js'),
        `import { load } from './model/modelpress.js';
globalThis.answer = async (file, threads) => {
  const model = await load({ file, threads });
  const { y } = await model.predict({ x: [1, 2, 3] });
  model.dispose();
  return [...y.data];
};`,
      );
      await build({ root: source, logLevel: 'error', build: { outDir: join(folder, 'built'), emptyOutDir: true } });
      expect(readdirSync(join(folder, 'built'))).not.toContain('model');
      const server = await serveFolder(join(folder, 'built'));
      try {
        const { url } = server;
        const visit = async (page: Page) => {
          for (const file of ['model.tflite', 'model.onnx'])
            for (const threads of [1, 2])
              expect(await page.evaluate(`answer('${file}', ${threads})`)).toEqual([14.5, 2]);
        };
        await withChromium((chromium) => chromium.visit(`${url}/`, 60_000, visit));
      } finally {
        await server.close();
      }
    });
  },
);
