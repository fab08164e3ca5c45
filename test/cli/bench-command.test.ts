import { describe, expect, it } from 'vitest';
import type { BenchResult } from '../../src/compile/bench-models.ts';
import { ATTENTION, CONVNET, TABULAR, VALIDATION } from './fixture-paths.ts';
import { errorCodes, runCommand } from './run-command.ts';

describe('optimize bench', () => {
  it('measures models in turn with the first', async () => {
    const argv = [CONVNET, ATTENTION, '--data', VALIDATION, '--latency-budget', '50', '--json'];
    const { code, stdout, stderr } = await runCommand('bench', ...argv);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { models, dataset, complete } = JSON.parse(stdout) as BenchResult;
    expect(complete).toBe(true);
    expect(dataset.origin).toBe('npz');
    expect(models.map(({ file }) => file)).toEqual([CONVNET, ATTENTION]);
    const [first, second] = models;
    expect(first?.latency).toMatchObject({ speedup: { value: 1, low: 1, high: 1 }, threads: 1 });
    expect(second?.latency?.runs).toBe(first?.latency?.runs);
    for (const { size, latency, memory } of models) {
      expect(size.brotli).toBeLessThan(size.raw);
      expect(latency?.p50.low).toBeLessThanOrEqual(latency?.p95.high ?? 0);
      expect(memory?.peak).toBeGreaterThanOrEqual(memory?.loaded ?? 0);
    }
  });

  it('measures one model on made-up inputs and prints a table', async () => {
    const { code, stdout } = await runCommand('bench', TABULAR, '--latency-budget', '20');
    expect(code).toBe(0);
    expect(stdout).toContain(TABULAR);
    expect(stdout).toMatch(/runs of each in turn on synthetic data \(seed 0\), 1 thread;/);
  });

  it.each([
    ['models with other interfaces', [CONVNET, TABULAR], 'bench-interface-differs'],
    ['a missing model', [CONVNET, 'missing.onnx'], 'onnx-file-missing'],
    ['no threads', [CONVNET, '--threads', '0'], 'option-invalid'],
  ])('refuses %s', async (_, argv, code) => {
    const result = await runCommand('bench', ...argv);
    expect(errorCodes(result)).toEqual([code]);
    expect(result).toMatchObject({ code: 2, stdout: '' });
  });
});
