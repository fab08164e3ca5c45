import { describe, expect, test } from 'vitest';
import { ModelpressError } from '../../../src/diagnostics/modelpress-error.ts';
import { findMetric, METRICS } from '../../../src/validate/metrics/metric-table.ts';

function thrownBy(run: () => unknown): ModelpressError {
  try {
    run();
  } catch (error) {
    if (error instanceof ModelpressError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('metrics by name', () => {
  test('names and aliases are unique and kebab-case', () => {
    const names = METRICS.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  test.each([
    ['top1', 'top1'],
    ['Accuracy', 'top1'],
    ['top-1', 'top1'],
    ['top5', 'top5'],
    ['top-3', 'top3'],
    [' f1 ', 'macro-f1'],
    ['auc', 'roc-auc'],
    ['R2', 'r2'],
    ['max-rel', 'max-relative-error'],
  ])('"%s" is %s', (typed, name) => {
    expect(findMetric(typed).name).toBe(name);
  });

  test.each([
    ['acuracy', 'did you mean accuracy?'],
    ['cosin', 'did you mean cosine?'],
    ['roc_auc', 'did you mean roc-auc?'],
    ['top0', 'did you mean top1?'],
  ])('"%s" is unknown: %s', (typed, hint) => {
    const error = thrownBy(() => findMetric(typed));
    expect(error.code).toBe('validate-unknown-metric');
    expect(error.hint).toContain(hint);
    for (const { name } of METRICS) expect(error.hint).toContain(name);
  });

  test('nothing near is guessed at', () => {
    expect(thrownBy(() => findMetric('perplexity-of-words')).hint).not.toContain('did you mean');
  });
});
