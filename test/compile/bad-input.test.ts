import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { saveModelFile } from '../../src/files/save-model-file.ts';
import { ATTENTION, CONVNET, PUMP_VALIDATION, TABULAR, VALIDATION } from '../cli/fixture-paths.ts';
import { errorCodes, runCommand } from '../cli/run-command.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'modelpress-bad-'));
  // Runs work below it too, so that what they leave there is seen.
  vi.stubEnv('TMPDIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Writes a file into the folder of the test. */
function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** One bad input: what is wrong, the command line to it (the output folder is added), and the error's code. */
interface BadInput {
  readonly what: string;
  readonly argv: () => readonly string[] | Promise<readonly string[]>;
  readonly code: string;
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const MODELS: readonly BadInput[] = [
  {
    what: 'a truncated model',
    argv: () => [file('cut.onnx', readFileSync(CONVNET).subarray(0, 100_000))],
    code: 'onnx-truncated',
  },
  {
    what: 'a model cut off within its first kilobyte',
    argv: () => [file('cut.onnx', readFileSync(CONVNET).subarray(0, 700))],
    code: 'onnx-truncated',
  },
  { what: 'text', argv: () => [file('notes.onnx', 'These are my notes.\n')], code: 'onnx-not-a-model' },
  {
    what: 'a PNG image',
    argv: () => [file('image.onnx', latin1('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'))],
    code: 'onnx-not-a-model',
  },
  { what: 'a zip archive', argv: () => [VALIDATION], code: 'onnx-not-a-model' },
  {
    what: 'a TensorFlow Lite model',
    argv: () => [file('model.onnx', latin1('\x1c\0\0\0TFL3\x14\0\x20\0'))],
    code: 'onnx-not-a-model',
  },
  { what: 'an empty file', argv: () => [file('empty.onnx', '')], code: 'onnx-empty' },
  { what: 'a folder in place of a model', argv: () => [folder], code: 'onnx-not-a-file' },
  { what: 'a missing model', argv: () => [join(folder, 'missing.onnx')], code: 'onnx-file-missing' },
  {
    what: 'a model whose external data is gone',
    async argv() {
      const path = join(folder, 'external.onnx');
      await saveModelFile(await openModelFile(ATTENTION), path, { external: { threshold: 0 } });
      rmSync(`${path}.data`);
      return [path];
    },
    code: 'onnx-external-data-missing',
  },
];

const HEADER = Array.from({ length: 16 }, (_, i) => `feature${i}`).join(',');
const ROW = Array.from({ length: 16 }, (_, i) => i / 16);

const DATA: readonly BadInput[] = [
  { what: 'data of another shape', argv: () => [CONVNET, '--validate', PUMP_VALIDATION], code: 'data-shape-mismatch' },
  {
    what: 'a sample with too few numbers',
    argv: () => [TABULAR, '--validate', file('short.csv', `${HEADER},label\n${ROW.slice(1)},0\n`)],
    code: 'data-csv',
  },
  {
    what: 'NaN in the validation data',
    argv: () => [
      TABULAR,
      '--validate',
      file('nan.csv', `${HEADER},label\n${ROW},0\n${[Number.NaN, ...ROW.slice(1)]},1\n`),
    ],
    code: 'data-non-finite',
  },
  {
    what: 'NaN in the calibration data',
    argv: () => [
      TABULAR,
      '--quantize',
      'int8',
      '--calibrate',
      file('nan.csv', `${HEADER},label\n${[Number.NaN, ...ROW.slice(1)]},1\n`),
    ],
    code: 'data-non-finite',
  },
  { what: 'missing data', argv: () => [TABULAR, '--calibrate', join(folder, 'none.npz')], code: 'data-not-found' },
  { what: 'data of no known kind', argv: () => [TABULAR, '--validate', CONVNET], code: 'data-unrecognised' },
  {
    what: 'an archive that is none',
    argv: () => [CONVNET, '--validate', file('fake.npz', 'not an archive')],
    code: 'data-npz-invalid',
  },
];

const OPTIONS: readonly BadInput[] = [
  { what: 'an unknown metric', argv: () => [TABULAR, '--metric', 'topp1'], code: 'validate-unknown-metric' },
  { what: 'a malformed budget', argv: () => [TABULAR, '--max-drop', 'a bit'], code: 'validate-max-drop-malformed' },
  { what: 'an unknown flag', argv: () => [TABULAR, '--quantise', 'int8'], code: 'cli-unknown-option' },
  { what: 'an unknown pass', argv: () => [TABULAR, '--pipeline', 'infer-shapes,fold-all'], code: 'pass-unknown' },
  { what: 'a malformed pipeline', argv: () => [TABULAR, '--pipeline', 'fixpoint{x}'], code: 'pipeline-syntax' },
  {
    what: 'an unknown option of a pass',
    argv: () => [TABULAR, '--pipeline', 'fold-constants(depth=3)'],
    code: 'pass-unknown-option',
  },
  {
    what: 'a bad value of an option of a pass',
    argv: () => [TABULAR, '--fold-constants.max-growth', 'little'],
    code: 'pass-bad-option',
  },
  { what: 'an unknown structure', argv: () => [TABULAR, '--prune-structure', '4:2'], code: 'prune-bad-structure' },
  { what: 'a share beyond all', argv: () => [TABULAR, '--prune', '1.5'], code: 'option-invalid' },
  { what: 'an unknown target', argv: () => [TABULAR, '--target', 'server,toaster'], code: 'option-invalid' },
  { what: 'a config file that is missing', argv: () => [TABULAR, '--config', 'none.json'], code: 'config-unreadable' },
  {
    what: 'a config file that is not JSON',
    argv: () => [TABULAR, '--config', file('config.json', 'quantize: int8')],
    code: 'config-not-json',
  },
  {
    what: 'an unknown key in a config file',
    argv: () => [TABULAR, '--config', file('config.json', '{"quantise":"int8"}')],
    code: 'option-invalid',
  },
];

describe.each([
  ['models', MODELS],
  ['data', DATA],
  ['options', OPTIONS],
])('bad %s: one clear error, status 2, and nothing left behind', (_, cases) => {
  it.each(cases)('$what', async ({ argv, code }) => {
    const given = await argv();
    const before = leftIn(folder);
    const result = await runCommand(...given, '-o', join(folder, 'out'), '--no-measure');
    expect(errorCodes(result)).toEqual([code]);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    // What happened, to which object, and what to do next.
    expect(result.stderr).toMatch(/error\[[\w-]+\].*: .+\n(?: {2}.*\n)* {2}next: .+\n$/);
    expect(result.stderr).not.toMatch(/at .*\.ts:\d+/);
    expect(leftIn(folder)).toEqual(before);
  });
});

describe('bad output folders: one clear error, status 2, and nothing changed', () => {
  it('below a file', async () => {
    const output = join(file('file', 'in the way'), 'out');
    const result = await runCommand(TABULAR, '-o', output, '--target', 'server', '--no-measure');
    expect(errorCodes(result)).toEqual(['files-unwritable']);
    expect(result.code).toBe(2);
    expect(leftIn(folder)).toEqual(['file']);
  });

  it('with files of somebody else', async () => {
    const output = join(folder, 'taken');
    mkdirSync(output);
    file('taken/thesis.txt', 'years of work');
    const result = await runCommand(TABULAR, '-o', output, '--target', 'server', '--no-measure');
    expect(errorCodes(result)).toEqual(['files-folder-taken']);
    expect(result.code).toBe(2);
    expect(leftIn(folder)).toEqual(['taken', 'taken/thesis.txt']);
  });

  it('that are a file', async () => {
    const result = await runCommand(TABULAR, '-o', file('file', 'in the way'), '--no-measure');
    expect(errorCodes(result)).toEqual(['files-folder-taken']);
    expect(leftIn(folder)).toEqual(['file']);
  });
});

/** Everything below a folder, hidden temporaries included. */
function leftIn(path: string): string[] {
  return readdirSync(path, { recursive: true }).map(String).sort();
}
