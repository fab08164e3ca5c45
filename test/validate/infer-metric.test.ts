import { describe, expect, test } from 'vitest';
import type { Label } from '../../src/data/dataset.ts';
import { int64Tensor, type Tensor, tensorFromNumbers } from '../../src/ir/tensor.ts';
import { inferMetric, planMetrics } from '../../src/validate/infer-metric.ts';
import { outputContents } from '../../src/validate/scoring/output-content.ts';

const zeros = (...dims: number[]): Tensor =>
  tensorFromNumbers('float32', dims, new Array(dims.reduce((a, b) => a * b, 1)).fill(0));
const contents = (outputs: Readonly<Record<string, Tensor>>) => outputContents(new Map(Object.entries(outputs)));

const CLASS: Label = { kind: 'class', index: 1 };
const VALUES: Label = { kind: 'values', values: [1] };
const OUTPUTS: Label = { kind: 'outputs', outputs: new Map([['y', zeros(1, 3)]]) };

describe('metric inferred from labels and outputs', () => {
  test.each([
    ['few classes', CLASS, { y: zeros(1, 3) }, 'top1', 'labels', ['macro-f1']],
    ['two classes', CLASS, { y: zeros(1, 2) }, 'top1', 'labels', ['macro-f1', 'roc-auc']],
    ['ten classes', CLASS, { y: zeros(1, 10) }, 'top1', 'labels', ['top5', 'macro-f1']],
    ['many classes', CLASS, { y: zeros(1, 1000) }, 'top1', 'labels', ['top5', 'macro-f1']],
    ['a sigmoid', CLASS, { y: zeros(1, 1) }, 'top1', 'labels', ['macro-f1', 'roc-auc']],
    ['only a label', CLASS, { y: int64Tensor([1]) }, 'top1', 'labels', ['macro-f1']],
    ['values', VALUES, { y: zeros(1, 1) }, 'mae', 'labels', ['mse', 'rmse', 'r2', 'max-error']],
    ['expected outputs', OUTPUTS, { y: zeros(1, 3) }, 'cosine', 'labels', []],
    ['no labels', undefined, { y: zeros(1, 3) }, 'cosine', 'reference', []],
    ['no labels, outputs that are indices', undefined, { y: int64Tensor([1, 2]) }, 'equal', 'reference', []],
  ] as const)('%s', (_, label, outputs, metric, against, also) => {
    const choice = inferMetric(label, contents(outputs));
    expect(choice).toMatchObject({ primary: { metric, against }, also });
  });
});

describe('metrics asked for', () => {
  const outputs = contents({ y: zeros(1, 3) });

  test('the first decides, only those named are taken', () => {
    const plan = planMetrics(['f1', 'top1', 'F1'], CLASS, outputs, {});
    expect(plan.primary).toMatchObject({ metric: 'macro-f1', against: 'labels' });
    expect(plan.classification.map(({ name }) => name)).toEqual(['macro-f1', 'top1']);
  });

  test('agreement goes with any labels, and is then taken against the reference', () => {
    expect(planMetrics(['cosine'], CLASS, outputs, {}).primary.against).toBe('reference');
    expect(planMetrics(['cosine'], undefined, outputs, {}).primary.against).toBe('reference');
    expect(planMetrics(['cosine'], OUTPUTS, outputs, {}).primary.against).toBe('labels');
  });

  test.each([
    ['top1', undefined, 'validate-metric-needs-labels'],
    ['top1', VALUES, 'validate-metric-needs-labels'],
    ['mae', CLASS, 'validate-metric-needs-labels'],
    ['mae', OUTPUTS, 'validate-metric-needs-labels'],
    ['tpo1', CLASS, 'validate-unknown-metric'],
  ] as const)('%s with %j: %s', (name, label, code) => {
    expect(() => planMetrics([name], label, outputs, {})).toThrow(expect.objectContaining({ code }));
  });
});
