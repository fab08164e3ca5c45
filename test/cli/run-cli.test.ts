import { describe, expect, it } from 'vitest';
import { PASSES } from '../../passes/index.ts';
import { OPTIMIZE_FLAGS } from '../../src/cli/optimize-flags.ts';
import { toolVersion } from '../../src/compile/environment.ts';
import { optimizeOptionsSchema } from '../../src/compile/optimize-options.ts';
import { CONVNET } from './fixture-paths.ts';
import { errorCodes, runCommand } from './run-command.ts';

describe('the program', () => {
  it('prints its version', async () => {
    expect(await runCommand('--version')).toEqual({ code: 0, stdout: `${toolVersion()}\n`, stderr: '' });
  });

  it('shows the commands and every flag of the main one in its help', async () => {
    const { code, stdout } = await runCommand('--help');
    expect(code).toBe(0);
    for (const name of ['optimize', 'inspect', 'validate', 'bench', 'passes'])
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    for (const { flags } of OPTIMIZE_FLAGS) expect(stdout).toContain(flags);
  });

  it('has a flag for every option of the main job but those of single passes', () => {
    const options = Object.keys(optimizeOptionsSchema.shape).filter((key) => key !== 'passOptions');
    expect(OPTIMIZE_FLAGS.map(({ key }) => key).sort()).toEqual(options.sort());
  });

  it.each([
    ['no model', [], 'cli-missing-argument'],
    ['an unknown flag', [CONVNET, '--quantise', 'int8'], 'cli-unknown-option'],
    ['a flag without its value', [CONVNET, '--quantize'], 'cli-option-missing-argument'],
    ['a value that is no choice', [CONVNET, '--quantize', 'int7'], 'cli-invalid-argument'],
    ['a value that is no number', [CONVNET, '--prune', 'half'], 'cli-invalid-argument'],
    ['two models', [CONVNET, CONVNET], 'cli-excess-arguments'],
    ['a malformed size', ['inspect', CONVNET, '--bind', 'N'], 'cli-invalid-argument'],
    ['no reference', ['validate', CONVNET, '--data', 'x'], 'cli-missing-mandatory-option-value'],
  ])('refuses %s with one error and status 2', async (_, argv, code) => {
    const result = await runCommand(...argv);
    expect(errorCodes(result)).toEqual([code]);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(/^ {2}next: /m);
  });

  it('suggests the flag that was meant', async () => {
    expect((await runCommand(CONVNET, '--quantise', 'int8')).stderr).toContain('Did you mean --quantize?');
  });

  it('prints an error as JSON too where --json is given', async () => {
    const { code, stdout } = await runCommand('inspect', 'missing.onnx', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'onnx-file-missing', at: 'missing.onnx' } });
  });

  it('lists every pass with its options, as text and as JSON', async () => {
    const text = await runCommand('passes');
    for (const { name } of PASSES) expect(text.stdout).toMatch(new RegExp(`^${name} `, 'm'));
    expect(text.stdout).toContain('--prune-magnitude.min-elements <number>');
    const rows = JSON.parse((await runCommand('passes', '--json')).stdout) as { name: string }[];
    expect(rows.map(({ name }) => name)).toEqual(PASSES.map(({ name }) => name));
  });
});
