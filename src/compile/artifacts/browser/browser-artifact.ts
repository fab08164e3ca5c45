import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../../../data/dataset.ts';
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { fail } from '../../../diagnostics/modelpress-error.ts';
import type { Model } from '../../../ir/model.ts';
import type { BrowserChoice } from '../../../report/browser-choice-schema.ts';
import type { Report } from '../../../report/report-schema.ts';
import type { Session } from '../../../runtime/session.ts';
import { judgeDrop } from '../../../validate/accuracy-gate.ts';
import { parseMaxDrop } from '../../../validate/max-drop.ts';
import type { StageClock } from '../../events.ts';
import { dropDetail } from '../../judge-budgets.ts';
import type { ResolvedOptions } from '../../optimize-options.ts';
import type { PreparedData } from '../../prepare-data.ts';
import { affordableRuns, validatedOnFewer, WASM_MACS_PER_SECOND, workOfRun } from '../../run-work.ts';
import type { ManifestRequest } from '../artifact-manifest.ts';
import type { EmittedArtifact } from '../server-artifact.ts';
import { browserManifest, emitFolder } from './browser-folder.ts';
import type { FormRequest } from './candidate-form.ts';
import { type CandidateSamples, evaluateCandidates } from './evaluate-candidates.ts';
import { SOURCE_FILE } from './measure-beside-source.ts';
import { measureCandidates } from './measure-candidates.ts';
import { proveArtifact } from './prove-artifact.ts';
import { RANKING_RULE, rankCandidates } from './rank-candidates.ts';
import { runtimeSizes } from './runtime-sizes.ts';
import { type TriedForms, tryForms } from './try-forms.ts';
import { type WeighedCandidate, weighCandidates } from './weigh-candidates.ts';

/** What the browser artifact is made from. */
export interface BrowserArtifactRequest extends ManifestRequest, FormRequest {
  /** The folder to fill; made if it is not there. */
  readonly folder: string;
  readonly source: { readonly model: Model; readonly path: string; readonly session: Session };
  readonly data: PreparedData;
  readonly resolved: ResolvedOptions;
  readonly clock: StageClock;
  readonly onProgress: (stage: string) => (done: number, total: number) => void;
}

/** Work of validating forms, in multiply-accumulates: more where there are labels, whose metrics need many samples, than for agreement alone. */
const LABELLED_WORK = 40 * WASM_MACS_PER_SECOND;
const AGREEMENT_WORK = 10 * WASM_MACS_PER_SECOND;

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
  // Compressing the runtimes takes seconds, in threads that are idle until latency is measured.
  const sizing = runtimeSizes(['onnxruntime-web', 'litert', 'tfjs']);
  const validation = await samplesFor(request);
  const work = workOfRun(request.float)((await validation.sample(0)).feed);
  const forms = await clock.run(
    'emit browser',
    async () => tryForms(request, validation, work, await sizing),
    ({ opened }) => `${opened.length} forms`,
  );
  const { feeds } = forms;
  diagnostics.push(...forms.diagnostics);
  try {
    if (forms.opened.length === 0) nothingRuns(request, diagnostics);
    const samples = await samplesToRun(forms, validation, work, resolved);
    if (samples.limit < Math.min(validation.size, resolved.validationSamples ?? validation.size))
      diagnostics.push(validatedOnFewer('browser', samples.limit));
    const evaluated = await clock.run(
      'validate browser',
      () => {
        const onProgress = request.onProgress('validate browser');
        return evaluateCandidates(source.session, forms.opened, samples, resolved, onProgress);
      },
      ({ evaluation: { samples, primary } }) => `${samples} samples, ${primary.metric} against ${primary.against}`,
    );
    diagnostics.push(...evaluated.diagnostics, ...evaluated.evaluation.diagnostics);
    if (evaluated.running.length === 0) nothingRuns(request, diagnostics);
    const measured = await clock.run(
      'measure browser',
      () => measureCandidates(request, evaluated, feeds, work),
      ({ opened, measurement }) => `${opened.length} forms in ${measurement.measuredIn}`,
    );
    const { measuredIn, inBrowser } = measured.measurement;
    const findings = { ...measured, runtimeSizes: await sizing };
    const { weighed, diagnostics: found } = weighCandidates(findings, resolved);
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

/** How many samples to validate on; those that the forms were tried with cost nothing more. */
async function samplesToRun(
  { opened, feeds }: TriedForms,
  dataset: Dataset,
  work: number,
  { validationSamples = dataset.size }: ResolvedOptions,
): Promise<CandidateSamples> {
  const { label } = await dataset.sample(0);
  const budget = label === undefined ? AGREEMENT_WORK : LABELLED_WORK;
  const affordable = affordableRuns(budget, opened.length * work, feeds.length);
  return { dataset, limit: Math.min(validationSamples, dataset.size, affordable), feeds };
}

function gatesOf({ result }: WeighedCandidate, { maxDrop }: ResolvedOptions): Report['gates'] {
  if (maxDrop === undefined) return [];
  const judged = judgeDrop(result, parseMaxDrop(maxDrop));
  return [{ name: `browser: max-drop ${judged.maxDrop}`, verdict: judged.verdict, detail: dropDetail(judged, result) }];
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
