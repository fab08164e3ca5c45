import type { CandidateForm } from '../../../../src/compile/artifacts/browser/candidate-form.ts';
import type { BrowserRuntime } from '../../../../src/targets/browser/runtime-files.ts';

/** A form that is only talked about, never saved or opened. */
export function namedForm(file: string, runtime: BrowserRuntime, own: Partial<CandidateForm> = {}): CandidateForm {
  const never = () => Promise.reject(new Error('not opened here'));
  const form = { file, runtime, precision: file, config: {}, shapes: {}, sameAnswer: 0, bytes: 0 };
  return { ...form, save: never, open: never, ...own };
}
