import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset, Feed } from '../../data/dataset.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { fail } from '../../diagnostics/modelpress-error.ts';
import type { Model } from '../../ir/model.ts';
import type { BrowserChoice } from '../../report/browser-choice-schema.ts';
import type { Report } from '../../report/report-schema.ts';
import type { OutputValue, Session } from '../../runtime/session.ts';
import { judgeDrop } from '../../validate/accuracy-gate.ts';
import { parseMaxDrop } from '../../validate/max-drop.ts';
import type { StageClock } from '../events.ts';
import type { ResolvedOptions } from '../optimize-options.ts';
import type { PreparedData } from '../prepare-data.ts';
import type { EmittedArtifact } from '../server-artifact.ts';
import { type BrowserManifestRequest, browserManifest, emitFolder } from './browser-folder.ts';
import type { FormRequest } from './candidate-form.ts';
import { evaluateCandidates } from './evaluate-candidates.ts';
import { litertForms } from './litert-forms.ts';
import { SOURCE_FILE } from './measure-beside-source.ts';
import { measureCandidates } from './measure-candidates.ts';
import { givenForm, onnxForms } from './onnx-forms.ts';
import { type Answers, openCandidates } from './open-candidates.ts';
import { proveArtifact } from './prove-artifact.ts';
import { RANKING_RULE, rankCandidates } from './rank-candidates.ts';
import { runtimeSizes } from './runtime-sizes.ts';
import { tfjsForms } from './tfjs-forms.ts';
import { type WeighedCandidate, weighCandidates } from './weigh-candidates.ts';

/** What the browser artifact is made from. */
export interface BrowserArtifactRequest extends BrowserManifestRequest, FormRequest {
  /** The folder to fill; made if it is not there. */
  readonly folder: string;
  readonly source: { readonly model: Model; readonly path: string; readonly session: Session };
  readonly data: PreparedData;
  readonly resolved: ResolvedOptions;
  readonly clock: StageClock;
  readonly onProgress: (stage: string) => (done: number, total: number) => void;
}

/** Where the forms come from, one source per runtime. The first form of all is float32 in onnxruntime-web. */
const SOURCES = [onnxForms, litertForms, tfjsForms];

/** Different inputs that latency is measured on in turn. */
const FEEDS = 4;

/** A run of the source, in milliseconds, from which one input has to do: wasm takes many times as long, and forms are many. */
const SLOW_MS = 50;

/**
 * Writes `browser/`: tries the forms of the model that a browser may get in each of its runtimes, measures each one's
 * accuracy, download and latency, makes the best the default, and runs the finished folder in Chromium through its own
 * loader. Where there is no Chromium, the runtimes' wasm in Node stands for it, and that is said.
 *
 * @throws ModelpressError `browser-nothing-runs` where no form of the model runs,
 * `browser-answer-differs` where the finished folder does not answer as the model does, and those of `runBrowserArtifact`.
 */
export async function buildBrowserArtifact(request: BrowserArtifactRequest): Promise<EmittedArtifact> {
  const { folder, source, resolved, clock } = request;
  await mkdir(folder, { recursive: true });
  const diagnostics: Diagnostic[] = [];
  const validation = await samplesFor(request);
  const { feeds, answers } = await answersOfSource(source.session, validation);
  const forms = await clock.run(
    'emit browser',
    () => openForms(request, feeds, answers),
    ({ opened }) => `${opened.length} forms`,
  );
  diagnostics.push(...forms.diagnostics);
  try {
    if (forms.opened.length === 0) nothingRuns(request, diagnostics);
    // Compressing the runtimes takes seconds, in threads that are idle until latency is measured.
    const sizing = runtimeSizes(forms.opened.map(({ form }) => form.runtime));
    const evaluated = await clock.run(
      'validate browser',
      () => {
        const onProgress = request.onProgress('validate browser');
        return evaluateCandidates(source.session, forms.opened, validation, resolved, onProgress);
      },
      ({ evaluation: { samples, primary } }) => `${samples} samples, ${primary.metric} against ${primary.against}`,
    );
    diagnostics.push(...evaluated.diagnostics, ...evaluated.evaluation.diagnostics);
    if (evaluated.running.length === 0) nothingRuns(request, diagnostics);
    const sizes = await sizing;
    const measured = await clock.run(
      'measure browser',
      () => measureCandidates(request, evaluated, feeds),
      ({ findings: { opened, measurement } }) => `${opened.length} forms in ${measurement.measuredIn}`,
    );
    diagnostics.push(...measured.diagnostics);
    const { measuredIn, inBrowser } = measured.findings.measurement;
    const { weighed, diagnostics: found } = weighCandidates({ ...measured.findings, runtimeSizes: sizes }, resolved);
    diagnostics.push(...found);
    if (weighed.length === 0) nothingRuns(request, diagnostics);

    const { candidates, choice } = rankCandidates(weighed.map((one) => one.measured));
    const ranked = candidates.map(({ file }) => weighed.find(({ measured: { file: own } }) => own === file)!);
    const variants = ranked.map(({ variant }) => variant);
    const browser: BrowserChoice = {
      candidates: [...candidates],
      choice,
      rule: RANKING_RULE,
      measuredIn: resolved.measure ? measuredIn : null,
      provenIn: inBrowser ? measuredIn : null,
    };
    const shipped = new Set(candidates.flatMap(({ files }) => files));
    const tried = [SOURCE_FILE, ...forms.opened.flatMap(({ files }) => files)];
    // Runtimes that no candidate is left for go too; the emitter writes the others again.
    for (const path of ['runtime', ...tried.filter((file) => !shipped.has(file))])
      await rm(join(folder, path), { force: true, recursive: true });
    const manifest = browserManifest(request, feeds[0]!, browser, variants);
    await emitFolder(folder, manifest, [...shipped], feeds[0]!);
    const proof = await clock.run(
      'prove browser',
      () => proveArtifact(folder, ranked[0]!.opened, feeds[0]!),
      ({ detail }) => detail,
    );
    diagnostics.push(...proof.diagnostics);
    return { variants, gates: gatesOf(ranked[0]!, resolved), diagnostics };
  } finally {
    for (const { session } of forms.opened) await session.close();
  }
}

/** The validation data, in rows where forms of one shape take its batches row by row. */
async function samplesFor({ tflite, data, resolved }: BrowserArtifactRequest): Promise<Dataset> {
  if ((await tflite.lowered()).kind === 'refused') return data.validation;
  const { fitting } = await tflite.fixed();
  const limit = resolved.validationSamples;
  return (await fitting(data.validation, { keepOthers: true, ...(limit !== undefined && { limit }) })).dataset;
}

/** Some inputs, and what the source answers to them. */
async function answersOfSource(
  source: Session,
  validation: Dataset,
): Promise<{ readonly feeds: readonly Feed[]; readonly answers: Answers }> {
  const feeds: Feed[] = [];
  const answers: ReadonlyMap<string, OutputValue>[] = [];
  const start = performance.now();
  while (feeds.length < Math.min(FEEDS, validation.size)) {
    if (feeds.length > 0 && performance.now() - start > SLOW_MS) break;
    const { feed } = await validation.sample(feeds.length);
    answers.push(await source.run(feed));
    feeds.push(feed);
  }
  return { feeds, answers };
}

/** The forms of the model that run in their runtimes; where no ONNX form does, with the model as it was given. */
async function openForms(
  request: BrowserArtifactRequest,
  feeds: readonly Feed[],
  answers: Answers,
): ReturnType<typeof openCandidates> {
  const made = [];
  for (const source of SOURCES) made.push(await source(request));
  const forms = made.flatMap((one) => one.forms);
  const { opened, diagnostics } = await openCandidates(request.folder, forms, feeds, answers);
  const told = [...made.flatMap((one) => one.diagnostics), ...diagnostics];
  if (opened.some(({ form }) => form.runtime === 'onnxruntime-web')) return { opened, diagnostics: told };
  const given = await openCandidates(request.folder, [givenForm(request.source.model)], feeds, answers);
  return { opened: [...given.opened, ...opened], diagnostics: [...told, ...given.diagnostics] };
}

function gatesOf({ result }: WeighedCandidate, { maxDrop }: ResolvedOptions): Report['gates'] {
  if (maxDrop === undefined) return [];
  const { verdict, metric, drop, allowed, maxDrop: text } = judgeDrop(result, parseMaxDrop(maxDrop));
  const detail = `${metric} drops by ${drop.value ?? 'an unknown amount'}, allowed is ${allowed}`;
  return [{ name: `browser: max-drop ${text}`, verdict, detail }];
}

function nothingRuns({ name }: BrowserArtifactRequest, diagnostics: readonly Diagnostic[]): never {
  return fail({
    code: 'browser-nothing-runs',
    at: name,
    message: `no form of '${name}' runs in a runtime of browsers, so there is no browser artifact`,
    hint: 'Leave the browser out with --target.',
    notes: diagnostics.map(({ message }) => message),
  });
}
