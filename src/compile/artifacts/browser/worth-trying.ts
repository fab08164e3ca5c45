import { type Diagnostic, note } from '../../../diagnostics/diagnostic.ts';
import type { BrowserRuntime } from '../../../targets/browser/runtime-files.ts';
import { type CandidateForm, labelOf } from './candidate-form.ts';

/** Share of a first visit's download, model and runtime, that a form has to save if it offers nothing else. */
const LEAST_SAVING = 0.1;

/**
 * The forms that are worth a trial: without those that compute as the first form of their runtime does and hardly make the
 * download smaller, because next to the runtime the model is small.
 *
 * @param runtimeSizes what a first visit downloads of each runtime, in bytes.
 */
export function worthTrying(
  forms: readonly CandidateForm[],
  runtimeSizes: ReadonlyMap<BrowserRuntime, number>,
): { readonly worth: readonly CandidateForm[]; readonly diagnostics: readonly Diagnostic[] } {
  const saving = ({ runtime, bytes }: CandidateForm): number => {
    const first = forms.find((form) => form.runtime === runtime)!;
    return (first.bytes - bytes) / (first.bytes + (runtimeSizes.get(runtime) ?? 0));
  };
  const isWorth = (form: CandidateForm): boolean => form.smallerOnly === undefined || saving(form) >= LEAST_SAVING;
  const left = forms.filter((form) => !isWorth(form));
  if (left.length === 0) return { worth: forms, diagnostics: [] };
  const told = note({
    code: 'browser-form-no-smaller',
    message:
      `the browser artifact does without ${left.map(labelOf).join(', ')}: ` +
      `the download of model and runtime would be less than ${100 * LEAST_SAVING}% smaller`,
  });
  return { worth: forms.filter(isWorth), diagnostics: [told] };
}
