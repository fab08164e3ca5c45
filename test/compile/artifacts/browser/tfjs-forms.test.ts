import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { BrowserArtifactRequest } from '../../../../src/compile/artifacts/browser/browser-artifact.ts';
import { openCandidates } from '../../../../src/compile/artifacts/browser/open-candidates.ts';
import { tfjsForms } from '../../../../src/compile/artifacts/browser/tfjs-forms.ts';
import { saveModelFile } from '../../../../src/files/save-model-file.ts';
import type { Tensor } from '../../../../src/ir/tensor.ts';
import { parseModel } from '../../../../src/ir/text/parse.ts';
import { CALIBRATION, CONVNET } from '../../../cli/fixture-paths.ts';
import { temporaryFolder } from '../../../cli/temporary-folder.ts';
import { relativeDifference } from '../../../passes/compare-runs.ts';
import { browserRequest } from './browser-request.ts';

const folder = temporaryFolder();
let request: BrowserArtifactRequest | undefined;

afterEach(async () => {
  await request?.source.session.close();
  request = undefined;
});

/** The file names that the service worker knows as a model's. */
const MODEL_FILE = /^model\.[\w.-]+$/;

describe('the forms for TensorFlow.js', () => {
  it('are float32, which agrees with the source, and the same with weights in fewer bits', async () => {
    const directory = join(folder, 'int8');
    mkdirSync(directory);
    request = await browserRequest(CONVNET, directory, { quantize: 'int8', calibrate: CALIBRATION });
    const { forms, diagnostics } = await tfjsForms(request);
    expect(diagnostics).toEqual([]);
    expect(forms.map(({ file, runtime, precision }) => [file, runtime, precision])).toEqual([
      ['model.json', 'tfjs', 'float32'],
      ['model.float16-weights.json', 'tfjs', 'float16 weights'],
      ['model.uint8-weights.json', 'tfjs', 'uint8 weights'],
    ]);
    const { feed } = await request.data.validation.sample(0);
    const { session: source } = request.source;
    for (const { shapes } of forms) {
      expect(shapes).toEqual(Object.fromEntries(source.inputs.map(({ name }) => [name, feed.get(name)?.dims])));
    }
    const answer = await source.run(feed);
    const { opened, diagnostics: refused } = await openCandidates(directory, forms, [feed], [answer]);
    expect(refused).toEqual([]);
    const [port] = source.outputs;
    const errors: number[] = [];
    for (const { session, files, expected } of opened) {
      const types = (ports: typeof source.inputs) => ports.map(({ name, dtype }) => [name, dtype]);
      expect(types(session.inputs)).toEqual(types(source.inputs));
      expect(types(session.outputs)).toEqual(types(source.outputs));
      expect(files.filter((name) => !MODEL_FILE.test(name))).toEqual([]);
      errors.push(relativeDifference(answer.get(port!.name) as Tensor, expected[0]!.get(port!.name) as Tensor));
      await session.close();
    }
    expect(readdirSync(directory).sort()).toEqual(opened.flatMap(({ files }) => files).sort());
    const [float, float16, uint8] = errors as [number, number, number];
    expect(float).toBeLessThan(1e-5);
    expect(float16).toBeGreaterThan(float);
    expect(uint8).toBeGreaterThan(float16);
    expect(uint8).toBeLessThan(0.2);
  });

  it('lose nothing where no loss is asked for, and no bits where float16 is', async () => {
    request = await browserRequest(CONVNET, folder, { quantize: 'none' });
    const files = async (quantize: 'none' | 'float16') => {
      const { forms } = await tfjsForms({ ...request!, resolved: { ...request!.resolved, quantize } });
      return forms.map(({ file }) => file);
    };
    expect(await files('none')).toEqual(['model.json']);
    expect(await files('float16')).toEqual(['model.json', 'model.float16-weights.json']);
  });

  it('are one where all weights are too small to store otherwise', async () => {
    const path = join(folder, 'small.onnx');
    const model = parseModel(
      '<ir_version: 8, opset_import: ["" : 17]> g (float[1, 4] x) => (float[1, 4] y) { y = Relu (x) }',
    );
    await saveModelFile(model, path);
    request = await browserRequest(path, folder, { quantize: 'none' });
    const resolved = { ...request.resolved, quantize: 'int8' as const };
    const { forms } = await tfjsForms({ ...request, resolved });
    expect(forms.map(({ file, shapes }) => [file, shapes])).toEqual([['model.json', {}]]);
  });

  it('are none, with one note, where TensorFlow.js cannot express the model', async () => {
    const path = join(folder, 'dynamic.onnx');
    const model = parseModel(
      '<ir_version: 8, opset_import: ["" : 17]> g (float[4] x) => (int64[1, n] y) { y = NonZero (x) }',
    );
    await saveModelFile(model, path);
    request = await browserRequest(path, folder, { quantize: 'none' });
    const { forms, diagnostics } = await tfjsForms(request);
    expect(forms).toEqual([]);
    expect(diagnostics).toMatchObject([{ code: 'browser-no-tfjs', severity: 'note' }]);
    expect(diagnostics[0]?.notes?.[0]).toMatch(/^[\w-]+: /);
  });
});
