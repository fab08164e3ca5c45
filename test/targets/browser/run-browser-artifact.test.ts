import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toNumbers } from '../../../src/ir/tensor.ts';
import { runBrowserArtifact } from '../../../src/targets/browser/run-browser-artifact.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { denseModel, denseRow } from '../server/tiny-models.ts';
import { CHROMIUM_NOTE, CHROMIUM_TEST_MS, HAS_CHROMIUM } from './chromium-note.ts';
import { DENSE_FEED, emitDense } from './tiny-artifact.ts';

const folder = temporaryFolder();

describe.skipIf(!HAS_CHROMIUM)(`a browser artifact in Chromium${CHROMIUM_NOTE}`, { timeout: CHROMIUM_TEST_MS }, () => {
  it('loads through its own loader and answers', async () => {
    const directory = join(folder, 'answers');
    await emitDense(directory);
    const { browser, runs } = await runBrowserArtifact(directory, [DENSE_FEED], { minRounds: 3 });
    expect(browser).toMatch(/^Chromium \d+/);
    expect(runs).toHaveLength(1);
    const [run] = runs;
    if (!run?.ok) throw new Error(run?.message);
    expect(run.file).toBe('model.onnx');
    expect(run.failures).toEqual([]);
    expect(run.times).toHaveLength(3);
    const y = run.outputs[0]?.get('y');
    expect(y?.dims).toEqual([1, 2]);
    expect(toNumbers(y!)).toEqual(denseRow([1, 2, 3]));
  });

  it('falls back to the next file when one does not load, and says why', async () => {
    const directory = join(folder, 'falls-back');
    await emitDense(directory, { 'model.broken.onnx': Buffer.from('no model'), 'model.onnx': denseModel('batch', 2) });
    const { runs } = await runBrowserArtifact(directory, [DENSE_FEED]);
    const [run] = runs;
    if (!run?.ok) throw new Error(run?.message);
    expect(run.file).toBe('model.onnx');
    expect(run.failures).toMatchObject([{ file: 'model.broken.onnx', code: 'runtime-failed' }]);
    expect(toNumbers(run.outputs[0]!.get('y')!)).toEqual(denseRow([1, 2, 3], 2));
  });

  it('refuses a file that is not the one of the manifest', async () => {
    const directory = join(folder, 'differs');
    await emitDense(directory);
    const path = join(directory, 'model.onnx');
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    const { runs } = await runBrowserArtifact(directory, [DENSE_FEED]);
    expect(runs).toMatchObject([{ ok: false, code: 'file-differs' }]);
  });
});
