import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ValidateResult } from '../../src/compile/validate-model.ts';
import { writeNpy } from '../../src/data/npy.ts';
import { readNpz } from '../../src/data/npz.ts';
import { tensorFromElements } from '../../src/ir/tensor.ts';
import { CALIBRATION, CONVNET, QUICK, TABULAR, VALIDATION } from './fixture-paths.ts';
import { errorCodes, runCommand } from './run-command.ts';
import { temporaryFolder } from './temporary-folder.ts';

interface Ran {
  readonly runtime: string;
  readonly samples: number;
  readonly outputs: Readonly<
    Record<string, { readonly type: string; readonly shape: number[]; readonly values: number[] }>
  >;
}

const folder = temporaryFolder();
const written = join(folder, 'optimized');
const tflite = join(written, 'device/model.tflite');
const sample = join(folder, 'sample.npy');

beforeAll(async () => {
  const flags = ['--quantize', 'int8', '--calibrate', CALIBRATION, '--target', 'device', '--no-measure', ...QUICK];
  flags.push('--device-ports', 'quantized');
  expect((await runCommand('optimize', CONVNET, ...flags, '-o', written, '--quiet')).code).toBe(0);
  const digit = readNpz(VALIDATION, readFileSync(VALIDATION)).arrays.get('input')!;
  const values = Float32Array.from(digit.read(0, 28 * 28) as ArrayLike<number>, (pixel) => pixel / 255);
  writeFileSync(sample, writeNpy(tensorFromElements('float32', [1, 1, 28, 28], values)));
}, 60_000);

async function ran(...argv: readonly string[]): Promise<Ran> {
  const { code, stdout, stderr } = await runCommand('run', ...argv, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Ran;
}

describe('optimize run', () => {
  it('gives the same class from the ONNX model and from the int8 .tflite made of it, each in its runtime', async () => {
    const source = await ran(CONVNET, '--input', sample);
    const device = await ran(tflite, '--input', sample);
    expect([source.runtime, device.runtime]).toEqual(['onnxruntime-node', 'litert']);
    const [name] = Object.keys(source.outputs);
    expect(Object.keys(device.outputs)).toEqual([name]);
    const [expected, found] = [source.outputs[name!]!, device.outputs[name!]!];
    expect(found).toMatchObject({ type: 'float32', shape: expected.shape });
    const best = (values: readonly number[]): number => values.indexOf(Math.max(...values));
    expect(best(found.values)).toBe(best(expected.values));
  });

  it('gives the integers themselves where they are asked for', async () => {
    const { outputs } = await ran(tflite, '--raw', '--seed', '3');
    const [answer] = Object.values(outputs);
    expect(answer?.type).toBe('int8');
    expect(answer?.values.every((value) => Number.isInteger(value) && Math.abs(value) <= 128)).toBe(true);
  });

  it('runs a whole dataset, and keeps the answers one below the other', async () => {
    const kept = join(folder, 'answers.npz');
    const { code } = await runCommand('run', CONVNET, '--input', VALIDATION, '--samples', '3', '-o', kept, '--quiet');
    expect(code).toBe(0);
    const [answers] = readNpz(kept, readFileSync(kept)).arrays.values();
    expect(answers?.dims).toEqual([3, 10]);
  });

  it('takes an array for each input by its name, in another runtime where one is named', async () => {
    const { inputs } = JSON.parse((await runCommand('inspect', CONVNET, '--json')).stdout) as {
      inputs: { name: string }[];
    };
    const named = await ran(CONVNET, '--input', `${inputs[0]!.name}=${sample}`, '--runtime', 'onnxruntime-web');
    expect(named).toMatchObject({ runtime: 'onnxruntime-web', samples: 1 });
  });

  it('says that made-up values mean nothing', async () => {
    const { stderr, stdout } = await runCommand('run', TABULAR);
    expect(stderr).toMatch(/^note\[run-made-up-input\]/m);
    expect(stdout).toContain('1 sample in onnxruntime-node');
  });

  it('refuses a .tflite file of any bytes within its time, and stays alive', async () => {
    const broken = join(folder, 'broken.tflite');
    writeFileSync(broken, readFileSync(tflite).subarray(0, 500));
    expect(errorCodes(await runCommand('run', broken))).toEqual(['runtime-load-failed']);
    writeFileSync(broken, 'no model at all');
    expect(errorCodes(await runCommand('run', broken))).toEqual(['runtime-load-failed']);
  });

  it.each([
    ['a missing model', ['missing.tflite'], 'tflite-file-missing'],
    ['a missing ONNX model', ['missing.onnx'], 'onnx-file-missing'],
    ['an input that there is none of', [CONVNET, '--input', `nose=${sample}`], 'run-input-unknown'],
    ['an input that is given twice', [CONVNET, '--input', `a=${sample}`, '--input', `a=${sample}`], 'run-input-twice'],
    ['single inputs from other files', [CONVNET, '--input', `x=${VALIDATION}`], 'data-unrecognised'],
    ['a runtime for other files', [CONVNET, '--runtime', 'litert'], 'run-runtime-mismatch'],
    ['no samples', [CONVNET, '--samples', '0'], 'option-invalid'],
  ])('refuses %s', async (_, argv, code) => {
    expect(errorCodes(await runCommand('run', ...argv))).toEqual([code]);
  });
});

describe('optimize validate with a .tflite candidate', () => {
  it('runs it in LiteRT beside the ONNX reference, with floats at its borders', async () => {
    const flags = ['--reference', CONVNET, '--data', VALIDATION, '--validation-samples', '40', '--json'];
    const { code, stdout, stderr } = await runCommand('validate', tflite, ...flags);
    expect(code, stderr).toBe(0);
    const { evaluation } = JSON.parse(stdout) as ValidateResult;
    expect(evaluation.samples).toBe(40);
    expect(evaluation.candidates[0]?.failures.samples).toBe(0);
    expect(Math.abs(evaluation.candidates[0]!.comparison.drop.value!)).toBeLessThanOrEqual(0.05);
  });
});
