import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type BrowserArtifactRequest,
  buildBrowserArtifact,
} from '../../../../src/compile/artifacts/browser/browser-artifact.ts';
import { parseModel } from '../../../../src/ir/text/parse.ts';
import { manifestSchema } from '../../../../src/report/manifest-schema.ts';
import { variantSchema } from '../../../../src/report/report-schema.ts';
import { CALIBRATION, CONVNET, TABULAR, VALIDATION } from '../../../cli/fixture-paths.ts';
import { temporaryFolder } from '../../../cli/temporary-folder.ts';
import { CHROMIUM_NOTE, CHROMIUM_TEST_MS, HAS_CHROMIUM } from '../../../targets/browser/chromium-note.ts';
import { HAS_ZOO, ZOO_NOTE, zooModel } from '../../../zoo.ts';
import { browserRequest } from './browser-request.ts';

const folder = temporaryFolder();
const chromePath = process.env.CHROME_PATH;
let request: BrowserArtifactRequest | undefined;

afterEach(async () => {
  if (chromePath === undefined) delete process.env.CHROME_PATH;
  else process.env.CHROME_PATH = chromePath;
  await request?.source.session.close();
  request = undefined;
});

const DATA = { calibrate: CALIBRATION, validate: VALIDATION, latencyBudget: 100, validationSamples: 60 };

function manifestIn(path: string) {
  return manifestSchema.parse(JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')));
}

describe.skipIf(!HAS_CHROMIUM)(
  `building the browser artifact with Chromium${CHROMIUM_NOTE}`,
  { timeout: CHROMIUM_TEST_MS },
  () => {
    it('offers the forms of a quantized model, ranked by what was measured in the browser', async () => {
      const directory = join(folder, 'int8');
      request = await browserRequest(CONVNET, directory, { quantize: 'int8', ...DATA });
      const { variants, gates, diagnostics } = await buildBrowserArtifact(request);
      const { browser, entry, files, results, runtimes } = manifestIn(directory);
      expect(Object.keys(runtimes).sort()).toEqual(['litert', 'onnxruntime-node', 'onnxruntime-web', 'tfjs']);
      expect(browser?.measuredIn).toMatch(/^Chromium \d/);
      expect(browser?.provenIn).toBe(browser?.measuredIn);
      expect(browser?.candidates[0]?.file).toBe(entry);
      const offered = browser!.candidates.map(({ file, runtime }) => `${file} in ${runtime}`);
      expect(offered).toContain('model.onnx in onnxruntime-web');
      expect(offered).toContain('model.int8.tflite in litert');
      expect(offered).toContain('model.uint8-weights.json in tfjs');
      const accurate = browser!.candidates.filter((one) => one.accurate).map(({ seconds }) => seconds);
      expect(accurate).toEqual([...accurate].sort((a, b) => a! - b!));
      for (const one of browser!.candidates) {
        expect(one.latency).toBeGreaterThan(0);
        expect(one.download.runtime).toBeGreaterThan(one.runtime === 'tfjs' ? 200_000 : 2_000_000);
      }
      expect(variants.map((variant) => variantSchema.parse(variant))).toEqual(results);
      for (const { latency, accuracy } of variants) {
        expect(latency?.speedup.value).toBeGreaterThan(0);
        expect(accuracy).toMatchObject({ against: 'labels', samples: 60, failures: 0 });
      }
      expect(gates).toEqual([]);
      expect(diagnostics.filter(({ severity }) => severity !== 'note')).toEqual([]);
      const listed = files.map(({ path }) => path);
      expect(listed).not.toContain('model.source.onnx');
      expect(
        readdirSync(directory)
          .filter((name) => name.startsWith('model.'))
          .sort(),
      ).toEqual(browser!.candidates.flatMap((one) => one.files).sort());
    });
  },
);

describe('building the browser artifact without Chromium', { timeout: CHROMIUM_TEST_MS }, () => {
  it('measures in Node, and says so', async () => {
    process.env.CHROME_PATH = '/nowhere/chromium';
    const directory = join(folder, 'node');
    request = await browserRequest(CONVNET, directory, { quantize: 'none', ...DATA, maxDrop: '1%' });
    const { gates, diagnostics } = await buildBrowserArtifact(request);
    const { browser } = manifestIn(directory);
    expect(browser).toMatchObject({ measuredIn: `Node ${process.versions.node}`, provenIn: null });
    expect(browser?.candidates.map(({ file }) => file)).toContain('model.onnx');
    expect(diagnostics.map(({ code }) => code)).toContain('browser-not-run');
    expect(gates).toMatchObject([{ name: 'browser: max-drop 1%', verdict: 'inconclusive' }]);
    expect(existsSync(join(directory, 'runtime/ort-wasm-simd-threaded.wasm'))).toBe(true);
  });
});

describe('a model whose optimized forms the wasm build refuses', { timeout: CHROMIUM_TEST_MS }, () => {
  it('is offered as it was given, and what was refused is said', async () => {
    process.env.CHROME_PATH = '/nowhere/chromium';
    const directory = join(folder, 'given');
    const real = await browserRequest(TABULAR, directory, { quantize: 'none', latencyBudget: 50 });
    const unknown =
      '<ir_version: 8, opset_import: ["" : 17, "custom" : 1]> g (float[1] x) => (y) { y = custom.Nothing (x) }';
    request = { ...real, float: parseModel(unknown) };
    const { diagnostics } = await buildBrowserArtifact(request);
    const { candidates } = manifestIn(directory).browser!;
    expect(candidates.find(({ file }) => file === 'model.onnx')?.precision).toBe('as given');
    expect(diagnostics.map(({ code }) => code)).toContain('browser-candidate-refused');
  });
});

describe.skipIf(!HAS_ZOO)(`a model with false claims in its branches${ZOO_NOTE}`, { timeout: CHROMIUM_TEST_MS }, () => {
  it('is offered in its optimized form', async () => {
    process.env.CHROME_PATH = '/nowhere/chromium';
    const directory = join(folder, 'claims');
    request = await browserRequest(zooModel('silero-vad'), directory, { quantize: 'none', latencyBudget: 50 });
    await buildBrowserArtifact(request);
    const { candidates } = manifestIn(directory).browser!;
    expect(candidates.find(({ file }) => file === 'model.onnx')?.precision).toBe('float32');
  });
});
