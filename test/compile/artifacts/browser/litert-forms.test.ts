import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { BrowserArtifactRequest } from '../../../../src/compile/artifacts/browser/browser-artifact.ts';
import { litertForms } from '../../../../src/compile/artifacts/browser/litert-forms.ts';
import { openCandidates } from '../../../../src/compile/artifacts/browser/open-candidates.ts';
import { saveModelFile } from '../../../../src/files/save-model-file.ts';
import { parseModel } from '../../../../src/ir/text/parse.ts';
import { CALIBRATION, CONVNET } from '../../../cli/fixture-paths.ts';
import { temporaryFolder } from '../../../cli/temporary-folder.ts';
import { browserRequest } from './browser-request.ts';

const folder = temporaryFolder();
let request: BrowserArtifactRequest | undefined;

afterEach(async () => {
  await request?.source.session.close();
  request = undefined;
});

describe('the forms for LiteRT', () => {
  it('are float32, which agrees with the source, and int8 with the inputs and outputs of the source', async () => {
    const directory = join(folder, 'int8');
    mkdirSync(directory);
    request = await browserRequest(CONVNET, directory, { quantize: 'int8', calibrate: CALIBRATION });
    const { forms, diagnostics } = await litertForms(request);
    expect(diagnostics).toEqual([]);
    expect(forms.map(({ file, runtime, precision }) => [file, runtime, precision])).toEqual([
      ['model.tflite', 'litert', 'float32'],
      ['model.int8.tflite', 'litert', 'int8'],
    ]);
    const { feed } = await request.data.validation.sample(0);
    const { session: source } = request.source;
    for (const { shapes } of forms) {
      expect(shapes).toEqual(Object.fromEntries(source.inputs.map(({ name }) => [name, feed.get(name)?.dims])));
    }
    const { opened, diagnostics: refused } = await openCandidates(directory, forms, [feed], [await source.run(feed)]);
    expect(refused).toEqual([]);
    for (const { session } of opened) {
      const types = (ports: typeof source.inputs) => ports.map(({ name, dtype }) => [name, dtype]);
      expect(types(session.inputs)).toEqual(types(source.inputs));
      expect(types(session.outputs)).toEqual(types(source.outputs));
      await session.close();
    }
    const [float, int8] = opened.map(({ expected }) => expected[0]);
    expect(int8).not.toEqual(float);
  });

  it('are none, with a note, where TensorFlow Lite cannot express the model', async () => {
    const path = join(folder, 'dynamic.onnx');
    const model = parseModel(
      '<ir_version: 8, opset_import: ["" : 17]> g (float[4] x) => (int64[1, n] y) { y = NonZero (x) }',
    );
    await saveModelFile(model, path);
    request = await browserRequest(path, folder, { quantize: 'none' });
    const { forms, diagnostics } = await litertForms(request);
    expect(forms).toEqual([]);
    expect(diagnostics).toMatchObject([{ code: 'browser-no-tflite', severity: 'note' }]);
    expect(diagnostics[0]?.notes?.[0]).toMatch(/^device-/);
  });
});
