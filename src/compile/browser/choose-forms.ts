import { type Diagnostic, note } from '../../diagnostics/diagnostic.ts';
import { labelOf } from './candidate-form.ts';
import { formsCut, type OpenedCandidate } from './open-candidates.ts';

/** What is known of a form before it runs in a browser. */
export interface TriedForm {
  readonly opened: OpenedCandidate;
  /** Its files compressed with brotli, in bytes. */
  readonly bytes: number;
  /** Signal-to-quantization-noise ratio against the source, in decibels; null where it is not known. */
  readonly sqnr: number | null;
  /** Mean time of a run in Node, in milliseconds. */
  readonly runMs: number;
}

/** Longest that the runs of all forms may take in a browser, as they took in Node, in milliseconds. */
export const MEASURE_LIMIT_MS = 30_000;

/**
 * The forms that are worth a measurement in a browser: without those to which another form in the same runtime is
 * superior in all of size, accuracy and speed, and of a slow model as many as there is time for, the fastest. The float32
 * form in onnxruntime-web, which comes first, always stays.
 *
 * @param rounds how often each form will run at least.
 * @returns positions in `tried`, ascending.
 */
export function chooseForms(
  tried: readonly TriedForm[],
  rounds: number,
): { readonly chosen: readonly number[]; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const better = tried.map((one, i) => (i === 0 ? undefined : tried.find((other) => isSuperior(other, one))));
  for (const [i, other] of better.entries()) {
    if (other !== undefined) diagnostics.push(outdone(tried[i]!, other));
  }
  const fastest = tried
    .map((_, i) => i)
    .filter((i) => better[i] === undefined)
    .sort((a, b) => Number(b === 0) - Number(a === 0) || tried[a]!.runMs - tried[b]!.runMs);
  const chosen: number[] = [];
  const cut: number[] = [];
  let total = 0;
  for (const i of fastest) {
    total += rounds * tried[i]!.runMs;
    (chosen.length === 0 || total <= MEASURE_LIMIT_MS ? chosen : cut).push(i);
  }
  if (cut.length > 0) {
    const forms = cut.map((i) => tried[i]!.opened.form);
    diagnostics.push(formsCut(forms, `measuring them would take more than ${MEASURE_LIMIT_MS / 1000} s`));
  }
  return { chosen: chosen.sort((a, b) => a - b), diagnostics };
}

/** Whether `a` is better than `b` in everything, in the same runtime. */
function isSuperior(a: TriedForm, b: TriedForm): boolean {
  if (a.opened.form.runtime !== b.opened.form.runtime || a.sqnr === null || b.sqnr === null) return false;
  return a.bytes < b.bytes && a.sqnr > b.sqnr && a.runMs < b.runMs;
}

function outdone({ opened: { form } }: TriedForm, { opened: { form: other } }: TriedForm): Diagnostic {
  return note({
    code: 'browser-form-outdone',
    at: labelOf(form),
    message: `the browser artifact does without ${labelOf(form)}: ${other.file} is smaller, closer to the source and faster`,
  });
}
