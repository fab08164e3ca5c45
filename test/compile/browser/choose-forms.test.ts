import { expect, it } from 'vitest';
import { chooseForms, type TriedForm } from '../../../src/compile/browser/choose-forms.ts';
import { trialOrder } from '../../../src/compile/browser/trial-order.ts';
import type { BrowserRuntime } from '../../../src/targets/browser/runtime-files.ts';

function tried(file: string, runtime: BrowserRuntime, figures: Partial<Omit<TriedForm, 'opened'>> = {}): TriedForm {
  const form = { file, runtime, precision: file, config: {}, shapes: {}, sameAnswer: 0 };
  const never = () => Promise.reject(new Error('not opened here'));
  const session = { runtime, inputs: [], outputs: [], run: never, close: async () => {} };
  const opened = { form: { ...form, save: never, open: never }, files: [file], session, expected: [] };
  return { opened, bytes: 100, sqnr: 100, runMs: 1, ...figures };
}

const [ORT, TFJS] = ['onnxruntime-web', 'tfjs'] as const;

it.each([
  ['smaller, closer and faster', { bytes: 90, sqnr: 101, runMs: 0.9 }, [0, 2]],
  ['no smaller', { bytes: 100, sqnr: 101, runMs: 0.9 }, [0, 1, 2]],
  ['no closer', { bytes: 90, sqnr: 100, runMs: 0.9 }, [0, 1, 2]],
  ['no faster', { bytes: 90, sqnr: 101, runMs: 1 }, [0, 1, 2]],
  ['of unknown accuracy', { bytes: 90, sqnr: null, runMs: 0.9 }, [0, 1, 2]],
])('a form is left out where another in its runtime is %s', (_, figures, expected) => {
  const forms = [tried('a', ORT), tried('b', TFJS), tried('c', TFJS, figures)];
  const { chosen, diagnostics } = chooseForms(forms, 5);
  expect(chosen).toEqual(expected);
  expect(diagnostics.map(({ code }) => code)).toEqual(expected.length < 3 ? ['browser-form-outdone'] : []);
});

it('a form stays where another runtime has the better one, and the first stays in any case', () => {
  const better = { bytes: 90, sqnr: 101, runMs: 0.9 };
  expect(chooseForms([tried('a', ORT), tried('b', TFJS), tried('c', ORT, better)], 5).chosen).toEqual([0, 1, 2]);
});

it('of slow forms as many are measured as there is time for, the fastest beside the first, and the rest is told', () => {
  const seconds = [9, 2, 8, 1].map((runMs) => ({ runMs: runMs * 1000 }));
  const forms = seconds.map((figures, i) => tried(`f${i}`, ORT, figures));
  const { chosen, diagnostics } = chooseForms(forms, 2);
  expect(chosen).toEqual([0, 1, 3]);
  expect(diagnostics).toMatchObject([{ code: 'browser-forms-cut' }]);
  expect(diagnostics[0]?.message).toContain('f2 in onnxruntime-web');
  expect(chooseForms(forms, 1000).chosen).toEqual([0]);
});

it('time goes first to float32 in each runtime, then to what was asked for', () => {
  const forms = ['a0', 'a1', 'a2', 'b0', 'c0', 'c1'].map(
    (file) => tried(file, file.startsWith('a') ? ORT : file.startsWith('b') ? 'litert' : TFJS).opened.form,
  );
  expect(trialOrder(forms).map(({ file }) => file)).toEqual(['a0', 'b0', 'c0', 'a2', 'c1', 'a1']);
});
