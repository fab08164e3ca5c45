import { expect, it } from 'vitest';
import { trialOrder } from '../../../../src/compile/artifacts/browser/trial-order.ts';
import { namedForm } from './candidate-forms.ts';

it('work goes first to float32 in each runtime, then to what was asked for, where integers are fast before the others', () => {
  const runtimes = { a: 'onnxruntime-web', b: 'tfjs', c: 'litert' } as const;
  const forms = ['a0', 'a1', 'a2', 'b0', 'c0', 'c1'].map((file) =>
    namedForm(file, runtimes[file[0] as 'a' | 'b' | 'c']),
  );
  expect(trialOrder(forms).map(({ file }) => file)).toEqual(['a0', 'b0', 'c0', 'c1', 'a2', 'a1']);
});
