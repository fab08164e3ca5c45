import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDataset } from '../../src/data/open-dataset.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';
import { evaluate } from '../../src/validate/evaluate.ts';
import { HAS_ZOO, ZOO, ZOO_NOTE } from '../zoo.ts';

interface ZooModel {
  readonly name: string;
  readonly baseline: { readonly top1: number; readonly n: number };
}

/** Small labelled models with outputs of different forms: logits, probabilities beside a label, a map beside a label. */
const ROWS = [
  ['iris-pytorch-mlp', 'iris'],
  ['iris-sklearn-randomforest', 'iris'],
  ['wine-xgboost-tree', 'wine'],
  ['banknote-svc', 'banknote-test'],
  ['fsdd-conv-bigru', 'fsdd-test-features'],
] as const;

describe.skipIf(!HAS_ZOO)(`accuracy of zoo models${ZOO_NOTE}`, () => {
  test.each(ROWS)('%s on %s is what the index says', async (name, data) => {
    const index: readonly ZooModel[] = JSON.parse(readFileSync(join(ZOO, 'index.json'), 'utf8'));
    const { baseline } = index.find((model) => model.name === name)!;
    const session = await openOrtSession(join(ZOO, 'models', name, 'model.onnx'));
    try {
      const dataset = await openDataset(join(ZOO, 'data', data), session);
      const again = { name: 'again', session };
      const { samples, reference, candidates } = await evaluate({ name, session }, [again], dataset, {
        resamples: 100,
      });
      expect(samples).toBe(baseline.n);
      expect(reference.metrics[0]).toMatchObject({ metric: 'top1' });
      expect(reference.metrics[0]!.value).toBeCloseTo(baseline.top1, 4);
      expect(candidates[0]!.comparison.drop.value).toBe(0);
      expect(candidates[0]!.failures.samples).toBe(0);
    } finally {
      await session.close();
    }
  });
});
