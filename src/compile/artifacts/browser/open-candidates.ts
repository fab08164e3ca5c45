import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Feed } from '../../../data/dataset.ts';
import { type Diagnostic, note, warning } from '../../../diagnostics/diagnostic.ts';
import { fail, ModelpressError } from '../../../diagnostics/modelpress-error.ts';
import type { OutputValue, Session } from '../../../runtime/session.ts';
import { answerDifference } from '../compare-answers.ts';
import { type CandidateForm, labelOf } from './candidate-form.ts';
import { trialOrder } from './trial-order.ts';

/** Answers to several feeds, in their order. */
export type Answers = readonly ReadonlyMap<string, OutputValue>[];

/** A form of the model that lies in the artifact's folder and runs in its runtime. */
export interface OpenedCandidate {
  readonly form: CandidateForm;
  /** The file to open and what belongs to it, relative to the folder. */
  readonly files: readonly string[];
  readonly session: Session;
  /** What it answers to each feed. */
  readonly expected: Answers;
}

/**
 * Saves forms into a folder and opens each in its runtime, under Node. One that does not load or run there, or does not
 * agree with the source as it should, is removed and told of with the reason: an operator or opset that the wasm build
 * lacks, or a model beyond its memory. Once there are as many as there may be, the less important forms are not tried, and
 * that is told too.
 *
 * @param answers of the source to the same feeds.
 * @param most forms that may be open. Default all.
 * @returns those that run, in the order of `forms`.
 */
export async function openCandidates(
  folder: string,
  forms: readonly CandidateForm[],
  feeds: readonly Feed[],
  answers: Answers,
  most = forms.length,
): Promise<{ readonly opened: readonly OpenedCandidate[]; readonly diagnostics: readonly Diagnostic[] }> {
  const opened: OpenedCandidate[] = [];
  const diagnostics: Diagnostic[] = [];
  const cut: CandidateForm[] = [];
  for (const form of trialOrder(forms)) {
    if (opened.length >= most) {
      cut.push(form);
      continue;
    }
    const files = await form.save(folder);
    let session: Session | undefined;
    try {
      session = await form.open(folder, files);
      const expected: ReadonlyMap<string, OutputValue>[] = [];
      for (const feed of feeds) expected.push(await session.run(feed));
      checkAgreement(form, answers, expected);
      opened.push({ form, files, session, expected });
    } catch (error) {
      if (!(error instanceof ModelpressError)) throw error;
      await session?.close();
      for (const file of files) await rm(join(folder, file));
      diagnostics.push(candidateRefused(form, error.message));
    }
  }
  if (cut.length > 0) diagnostics.push(formsCut(cut));
  return { opened: opened.sort((a, b) => forms.indexOf(a.form) - forms.indexOf(b.form)), diagnostics };
}

function formsCut(forms: readonly CandidateForm[]): Diagnostic {
  return note({
    code: 'browser-forms-cut',
    message: `the browser artifact does without ${forms.map(labelOf).join(', ')}: a run of the model takes so long in wasm that only the most important forms were tried`,
    hint: 'The forms that are there were measured as always.',
  });
}

/** Why a form of the model is not among those that the artifact offers. */
export function candidateRefused(form: Pick<CandidateForm, 'precision' | 'runtime'>, reason: string): Diagnostic {
  return warning({
    code: 'browser-candidate-refused',
    at: labelOf(form),
    message: `the model in ${labelOf(form)} is left out of the browser artifact: ${reason}`,
    hint: 'The other forms are offered; see browser/manifest.json.',
  });
}

function checkAgreement({ agreesTo, file }: CandidateForm, answers: Answers, found: Answers): void {
  if (agreesTo === undefined) return;
  for (const [i, answer] of answers.entries()) {
    const difference = answerDifference(answer, found[i]!, agreesTo);
    if (difference === undefined) continue;
    fail({
      code: 'browser-form-differs',
      at: file,
      message: `output '${difference.output}' is not as the source gives it: ${difference.detail}`,
    });
  }
}
