import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emitArtifacts } from '../../../src/compile/artifacts/emit-artifacts.ts';
import type { EmittedArtifact } from '../../../src/compile/artifacts/server-artifact.ts';
import { describeSource } from '../../../src/compile/describe-source.ts';
import { toolVersion } from '../../../src/compile/environment.ts';
import { type EventListener, StageClock } from '../../../src/compile/events.ts';
import { optimize } from '../../../src/compile/optimize.ts';
import { type OptimizeOptions, resolveOptions } from '../../../src/compile/optimize-options.ts';
import { describeDataset, prepareData } from '../../../src/compile/prepare-data.ts';
import { transformModel } from '../../../src/compile/transform-model.ts';
import { openModelFile } from '../../../src/files/open-model-file.ts';
import { saveModelFile } from '../../../src/files/save-model-file.ts';
import { tensorFromNumbers } from '../../../src/ir/tensor.ts';
import { parseModel } from '../../../src/ir/text/parse.ts';
import { encodeTensor } from '../../../src/onnx/tensor-file.ts';
import { openLiteRtSession } from '../../../src/runtime/litert.ts';
import { openOrtSession } from '../../../src/runtime/onnxruntime-node.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';

const folder = temporaryFolder();
const HEADER = '<ir_version: 8, opset_import: ["" : 17]>';
const LAYER = `${HEADER} g (float[N,2] x) => (float[N,2] y) <float[2,2] w = {0.5, -1, 2, 0.25}> {
  p = MatMul (x, w) y = Relu (p)
}`;

async function saved(name: string, text: string): Promise<string> {
  const path = join(folder, `${name}.onnx`);
  await saveModelFile(parseModel(text), path);
  return path;
}

/** The artifacts for the server and the device, in an output folder that may be prepared. */
async function emitted(path: string, output: string, listener: EventListener = () => {}): Promise<EmittedArtifact> {
  const options: OptimizeOptions = { target: ['server', 'device'], measure: false, output };
  const resolved = resolveOptions(options);
  const source = await openModelFile(path);
  const session = await openOrtSession(path);
  try {
    const data = await prepareData(session, resolved);
    const clock = new StageClock(listener);
    const made = await transformModel(source, path, data, resolved, {
      clock,
      workFile: join(folder, 'check.onnx'),
      partSource: undefined,
    });
    return await emitArtifacts(resolved.target, {
      output,
      made,
      source: { model: source, path, session },
      large: false,
      name: 'tried',
      data,
      quantization: null,
      inputRanges: {},
      resolved,
      manifest: {
        tool: { name: 'modelpress', version: toolVersion() },
        source: describeSource('tried', path, source, made.cleaned, session),
        options: { ...resolved },
        seed: 0,
        pipeline: '',
        datasets: { calibration: null, validation: describeDataset(data.validation) },
      },
      clock,
      onProgress: () => () => {},
    });
  } finally {
    await session.close();
  }
}

function outputFolder(name: string): string {
  const output = join(folder, name);
  mkdirSync(output);
  return output;
}

describe('artifacts of several targets', () => {
  it('are made though the server cannot be, and the run has not passed then', async () => {
    const output = outputFolder('no-server');
    // A file where the folder should be.
    writeFileSync(join(output, 'server'), '');
    const { variants, gates, diagnostics } = await emitted(await saved('layer', LAYER), output);
    expect(variants.map(({ name }) => name)).toEqual(['device']);
    expect(gates).toMatchObject([{ name: 'server', verdict: 'fail' }]);
    const failures = diagnostics.filter(({ code }) => code.endsWith('-not-made'));
    expect(failures).toMatchObject([{ code: 'server-not-made', severity: 'warning', notes: ['because of internal'] }]);
    expect(existsSync(join(output, 'device/model.tflite'))).toBe(true);
    expect(existsSync(join(output, 'server'))).toBe(false);
  });

  it('are made though the device fails in a way that nobody foresaw', async () => {
    const output = outputFolder('no-device');
    writeFileSync(join(output, 'device'), '');
    const { variants, gates, diagnostics } = await emitted(await saved('layer', LAYER), output);
    expect(variants.map(({ target }) => target)).toEqual(['source', 'server', 'server']);
    expect(gates).toEqual([]);
    expect(diagnostics.map(({ code }) => code).filter((code) => code.endsWith('-not-made'))).toEqual([
      'device-not-made',
    ]);
  });

  it('are not gone on with when the listener stops the run', async () => {
    const output = outputFolder('stopped');
    const listener: EventListener = (event) => {
      if (event.kind === 'stage-start' && event.stage === 'lower to tflite') throw new Error('that is enough');
    };
    await expect(emitted(await saved('layer', LAYER), output, listener)).rejects.toThrow('that is enough');
  });

  it('fail with the reason of the first where none can be made', async () => {
    const output = outputFolder('none');
    for (const target of ['server', 'device']) writeFileSync(join(output, target), '');
    await expect(emitted(await saved('layer', LAYER), output)).rejects.toThrow(/EEXIST/);
  });
});

const DEVICE: OptimizeOptions = { target: ['device'], measure: false };

/** A folder of ONNX test data, one sample of each of these batch sizes. */
function testData(name: string, ...batches: number[]): string {
  for (const [i, batch] of batches.entries()) {
    const set = join(folder, name, `test_data_set_${i}`);
    mkdirSync(set, { recursive: true });
    const values = Array.from({ length: batch * 2 }, (_, at) => Math.sin(at + 10 * i));
    writeFileSync(join(set, 'input_0.pb'), encodeTensor(tensorFromNumbers('float32', [batch, 2], values), 'x'));
  }
  return join(folder, name);
}

describe('a device artifact of a model with an open batch', () => {
  it('takes one row, and is calibrated and validated with the rows of batches', async () => {
    const data = testData('batches', 5, 1);
    const output = join(folder, 'rows');
    const options: OptimizeOptions = { ...DEVICE, quantize: 'int8', calibrate: data, validate: data, output };
    const { report, passed } = await optimize(await saved('layer', LAYER), options);
    expect(passed).toBe(true);
    expect(report.diagnostics.map(({ code }) => code)).not.toContain('device-samples-unfit');
    const device = report.variants.find(({ name }) => name === 'device');
    expect(device?.accuracy?.samples).toBe(6);
    const session = await openLiteRtSession(readFileSync(join(output, 'device/model.tflite')));
    expect(session.inputs.map(({ dims }) => dims)).toEqual([[1, 2]]);
    await session.close();
  });

  it('is that of the sample where rows depend on each other, and says which samples it was not tried with', async () => {
    const path = await saved('columns', `${HEADER} g (float[N,2] x) => (float[N,2] y) { y = Softmax <axis = 0> (x) }`);
    const output = join(folder, 'columns');
    const options: OptimizeOptions = { ...DEVICE, calibrate: testData('columns-data', 3), output };
    const { report } = await optimize(path, options);
    const unfit = report.diagnostics.filter(({ code }) => code === 'device-samples-unfit');
    expect(unfit).toMatchObject([{ severity: 'warning', at: 'device' }]);
    expect(report.variants.find(({ name }) => name === 'device')?.accuracy?.samples).toBe(1);
  });
});
