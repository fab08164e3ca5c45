import type { Dataset, Feed } from '../../../data/dataset.ts';
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { Model } from '../../../ir/model.ts';
import type { OutputValue, Session } from '../../../runtime/session.ts';
import type { BrowserRuntime } from '../../../targets/browser/runtime-files.ts';
import { affordableRuns, WASM_MACS_PER_SECOND } from '../../run-work.ts';
import type { FormRequest } from './candidate-form.ts';
import { litertForms } from './litert-forms.ts';
import { givenForm, onnxForms } from './onnx-forms.ts';
import { type OpenedCandidate, openCandidates } from './open-candidates.ts';
import { tfjsForms } from './tfjs-forms.ts';
import { worthTrying } from './worth-trying.ts';

/** Where the forms come from, one source per runtime. The first form of all is float32 in onnxruntime-web. */
const SOURCES = [onnxForms, litertForms, tfjsForms];

/** Different inputs that forms are tried with, and that latency is measured on in turn. */
const FEEDS = 4;

/**
 * Work of trying forms in Node, in multiply-accumulates: a large picture takes wasm seconds, and there are many forms. It
 * decides how many of these inputs, and then how many forms; this many are tried whatever they cost.
 */
const TRIAL_WORK = 20 * WASM_MACS_PER_SECOND;
const FEWEST_FORMS = 4;

/** The forms that run, and the inputs that they were tried with. */
export interface TriedForms {
  readonly feeds: readonly Feed[];
  readonly opened: readonly OpenedCandidate[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What is to be tried, and where. */
export interface TrialRequest extends FormRequest {
  readonly folder: string;
  readonly source: { readonly model: Model; readonly session: Session };
}

/**
 * Makes the forms of a model and opens those that are worth it in their runtimes; where no ONNX form runs, with the model
 * as it was given.
 *
 * @param work of a run, in multiply-accumulates.
 * @param sizes what a first visit downloads of each runtime, in bytes.
 */
export async function tryForms(
  request: TrialRequest,
  validation: Dataset,
  work: number,
  sizes: ReadonlyMap<BrowserRuntime, number>,
): Promise<TriedForms> {
  const made = [];
  for (const source of SOURCES) made.push(await source(request));
  const { worth, diagnostics: left } = worthTrying(
    made.flatMap((one) => one.forms),
    sizes,
  );
  const feeds: Feed[] = [];
  const answers: ReadonlyMap<string, OutputValue>[] = [];
  const count = affordableRuns(TRIAL_WORK, worth.length * work, 1, Math.min(FEEDS, validation.size));
  while (feeds.length < count) {
    const { feed } = await validation.sample(feeds.length);
    answers.push(await request.source.session.run(feed));
    feeds.push(feed);
  }
  const most = affordableRuns(TRIAL_WORK, work, FEWEST_FORMS);
  const { opened, diagnostics } = await openCandidates(request.folder, worth, feeds, answers, most);
  const told = [...made.flatMap((one) => one.diagnostics), ...left, ...diagnostics];
  if (opened.some(({ form }) => form.runtime === 'onnxruntime-web')) return { feeds, opened, diagnostics: told };
  const given = await openCandidates(request.folder, [givenForm(request.source.model)], feeds, answers);
  return { feeds, opened: [...given.opened, ...opened], diagnostics: [...told, ...given.diagnostics] };
}
