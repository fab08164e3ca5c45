import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ValidateResult } from '../../src/compile/validate-model.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { saveModelFile } from '../../src/files/save-model-file.ts';
import { tensorFromElements, toFloat32 } from '../../src/ir/tensor.ts';
import { ATTENTION, CONVNET, PUMP_VALIDATION, TABULAR, VALIDATION } from './fixture-paths.ts';
import { errorCodes, runCommand } from './run-command.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const worse = join(folder, 'worse.onnx');

/** A copy of a model whose matrices have lost the sign of every other weight. */
async function spoil(path: string, target: string): Promise<void> {
  const model = await openModelFile(path);
  const { graph } = model;
  for (const value of [...graph.constants()]) {
    const tensor = value.constant;
    if (tensor?.dtype !== 'float32' || tensor.dims.length < 2) continue;
    const values = toFloat32(tensor).map((weight, i) => (i % 2 === 0 ? weight : -weight));
    graph.replaceAllUses(value, graph.addConstant(tensorFromElements('float32', tensor.dims, values), value.name));
    graph.eraseValue(value);
  }
  await saveModelFile(model, target);
}

beforeAll(() => spoil(TABULAR, worse));

const ON_PUMPS = ['--reference', TABULAR, '--data', PUMP_VALIDATION, '--validation-samples', '200'];

describe('optimize validate', () => {
  it('passes a model that is its own reference', async () => {
    const { code, stdout } = await runCommand('validate', TABULAR, ...ON_PUMPS, '--max-drop', '5%', '--json');
    const { evaluation, gate, passed } = JSON.parse(stdout) as ValidateResult;
    expect({ code, passed, verdict: gate?.verdict }).toEqual({ code: 0, passed: true, verdict: 'pass' });
    expect(evaluation).toMatchObject({ samples: 200, primary: { metric: 'top1', against: 'labels' } });
    expect(evaluation.candidates[0]?.comparison.drop.value).toBe(0);
  });

  it('fails a worse model with status 1, and shows by how much', async () => {
    const { code, stdout, stderr } = await runCommand('validate', worse, ...ON_PUMPS, '--max-drop', '1%');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fail: top1 dropped by \d/m);
    expect(stderr).toMatch(/^warning\[validate-drop-beyond-budget\]/m);
  });

  it('passes a worse model where no budget is set, and gates on the metric that is named', async () => {
    expect((await runCommand('validate', worse, ...ON_PUMPS, '--quiet')).code).toBe(0);
    const cosine = ['--metric', 'cosine', '--max-drop', '0.001'];
    expect((await runCommand('validate', worse, ...ON_PUMPS, ...cosine)).stdout).toMatch(/^fail: cosine/m);
  });

  it.each([
    ['a missing candidate', ['missing.onnx', '--reference', CONVNET, '--data', VALIDATION], 'onnx-file-missing'],
    ['a missing reference', [CONVNET, '--reference', 'missing.onnx', '--data', VALIDATION], 'onnx-file-missing'],
    ['missing data', [CONVNET, '--reference', ATTENTION, '--data', 'missing.npz'], 'data-not-found'],
    ['data of another model', [CONVNET, '--reference', ATTENTION, '--data', PUMP_VALIDATION], 'data-shape-mismatch'],
    ['an unknown metric', [TABULAR, ...ON_PUMPS, '--metric', 'topp1'], 'validate-unknown-metric'],
    ['a malformed budget', [TABULAR, ...ON_PUMPS, '--max-drop', 'lots'], 'validate-max-drop-malformed'],
  ])('refuses %s', async (_, argv, code) => {
    const result = await runCommand('validate', ...argv);
    expect(errorCodes(result)).toEqual([code]);
    expect(result).toMatchObject({ code: 2, stdout: '' });
  });
});
