import { copyFile, mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Feed } from '../data/dataset.ts';
import { type Diagnostic, note } from '../diagnostics/diagnostic.ts';
import { fail, ModelpressError } from '../diagnostics/modelpress-error.ts';
import type { Model } from '../ir/model.ts';
import type { BrowserChoice } from '../report/browser-choice-schema.ts';
import { MANIFEST_VERSION, type Manifest, manifestSchema } from '../report/manifest-schema.ts';
import type { Report, Variant } from '../report/report-schema.ts';
import { findChromium } from '../runtime/chromium.ts';
import { ORT_WEB_VERSION, openOrtWebSession } from '../runtime/onnxruntime-web.ts';
import type { Session } from '../runtime/session.ts';
import type { BrowserManifest } from '../targets/browser/browser-manifest.ts';
import { emitBrowser } from '../targets/browser/emit-browser.ts';
import { runBrowserArtifact } from '../targets/browser/run-browser-artifact.ts';
import { judgeDrop } from '../validate/accuracy-gate.ts';
import { evaluate } from '../validate/evaluate.ts';
import { parseMaxDrop } from '../validate/max-drop.ts';
import { browserCandidates, FLOAT_FILE } from './browser-candidates.ts';
import { answerDifference } from './compare-answers.ts';
import { describePort } from './describe-source.ts';
import { runtimeVersions } from './environment.ts';
import type { StageClock } from './events.ts';
import { type BrowserMeasurement, measureInBrowser } from './measure-in-browser.ts';
import { filesOf } from './model-identity.ts';
import { type OpenedCandidate, openBrowserCandidates } from './open-browser-candidates.ts';
import type { ResolvedOptions } from './optimize-options.ts';
import type { PreparedData } from './prepare-data.ts';
import { RANKING_RULE, rankBrowserCandidates } from './rank-browser-candidates.ts';
import type { EmittedArtifact } from './server-artifact.ts';
import { SAME_ANSWER, type WeighedCandidate, weighBrowserCandidates } from './weigh-browser-candidates.ts';

/** What the browser artifact is made from. */
export interface BrowserArtifactRequest {
  /** The folder to fill; made if it is not there. */
  readonly folder: string;
  /** The cleaned and pruned model, before quantization. */
  readonly float: Model;
  /** What quantization made of it; undefined where nothing was quantized. */
  readonly quantized: Model | undefined;
  readonly source: { readonly model: Model; readonly path: string; readonly session: Session };
  readonly name: string;
  readonly data: PreparedData;
  readonly inputRanges: Manifest['inputRanges'];
  readonly resolved: ResolvedOptions;
  /** What manifests and reports have in common. */
  readonly manifest: Pick<Report, 'tool' | 'source' | 'options' | 'seed' | 'pipeline' | 'datasets'>;
  readonly clock: StageClock;
  readonly onProgress: (stage: string) => (done: number, total: number) => void;
}

/** The source as it was given, in the folder only while candidates are measured beside it. */
const SOURCE_FILE = 'model.source.onnx';

/** Different inputs that latency is measured on in turn. */
const FEEDS = 4;

/** Longest that the proof of the finished folder may take, in milliseconds. */
const PROOF_MS = 120_000;

/**
 * Writes `browser/`: tries the forms of the model that a browser may get in onnxruntime-web, measures each one's accuracy,
 * download and latency, makes the best the default, and runs the finished folder in Chromium through its own loader. Where
 * there is no Chromium, the same wasm in Node stands for it, and that is said.
 *
 * @throws ModelpressError `browser-nothing-runs` where no form of the model runs in onnxruntime-web,
 * `browser-answer-differs` where the finished folder does not answer as the model does, and those of `runBrowserArtifact`.
 */
export async function buildBrowserArtifact(request: BrowserArtifactRequest): Promise<EmittedArtifact> {
  const { folder, source, data, resolved, clock } = request;
  await mkdir(folder, { recursive: true });
  const feeds: Feed[] = [];
  for (let i = 0; i < Math.min(FEEDS, data.validation.size); i++) feeds.push((await data.validation.sample(i)).feed);
  const { opened, diagnostics: refused } = await clock.run('emit browser', () => openForms(request, feeds));
  const diagnostics: Diagnostic[] = [...refused];
  try {
    if (opened.length === 0) nothingRuns(request, diagnostics);
    const evaluation = await clock.run(
      'validate browser',
      () =>
        evaluate(
          { name: 'source', session: source.session },
          opened.map(({ precision, session }) => ({ name: `browser (${precision})`, session })),
          data.validation,
          {
            seed: resolved.seed,
            onProgress: request.onProgress('validate browser'),
            ...(resolved.metric !== undefined && { metrics: [resolved.metric] }),
            ...(resolved.validationSamples !== undefined && { limit: resolved.validationSamples }),
          },
        ),
      ({ samples, primary }) => `${samples} samples, ${primary.metric} against ${primary.against}`,
    );
    diagnostics.push(...evaluation.diagnostics);
    const measured = await clock.run(
      'measure browser',
      () => measureBesideSource(request, opened, feeds),
      ({ measuredIn }) => `onnxruntime-web in ${measuredIn}`,
    );
    const findings = {
      opened,
      results: evaluation.candidates,
      measurement: measured,
      times: measured.results,
      sourceTimes: measured.results[opened.length],
    };
    const { weighed, diagnostics: found } = await weighBrowserCandidates(folder, findings, resolved);
    diagnostics.push(...found);
    if (weighed.length === 0) nothingRuns(request, diagnostics);

    const { candidates, choice } = rankBrowserCandidates(weighed.map((one) => one.measured));
    const ranked = candidates.map(({ file }) => weighed.find(({ opened: { file: own } }) => own === file)!);
    const variants = ranked.map(({ variant }) => variant);
    const browser: BrowserChoice = {
      candidates: [...candidates],
      choice,
      rule: RANKING_RULE,
      measuredIn: resolved.measure ? measured.measuredIn : null,
      provenIn: measured.inBrowser ? measured.measuredIn : null,
    };
    const shipped = new Set(candidates.flatMap(({ files }) => files));
    for (const file of [SOURCE_FILE, ...opened.flatMap(({ files }) => files)]) {
      if (!shipped.has(file)) await rm(join(folder, file), { force: true });
    }
    const manifest = manifestOf(request, feeds[0]!, browser, variants);
    await emit(request, manifest, [...shipped], feeds[0]!);
    await clock.run(
      'prove browser',
      () => prove(folder, ranked[0]!, feeds[0]!, diagnostics),
      (detail) => detail,
    );
    return { variants, gates: gatesOf(ranked[0]!, resolved), diagnostics };
  } finally {
    for (const { session } of opened) await session.close();
  }
}

/**
 * The forms of the model that run in onnxruntime-web; where none does, the model as it was given: the wasm build refuses
 * some graphs that other builds take.
 */
async function openForms(
  { folder, float, quantized, source, resolved }: BrowserArtifactRequest,
  feeds: readonly Feed[],
): ReturnType<typeof openBrowserCandidates> {
  const forms = await openBrowserCandidates(folder, browserCandidates(float, quantized, resolved), feeds, resolved);
  if (forms.opened.length > 0) return forms;
  const given = { file: FLOAT_FILE, precision: 'as given', model: source.model, config: {} };
  const { opened, diagnostics } = await openBrowserCandidates(folder, [given], feeds, resolved);
  return { opened, diagnostics: [...forms.diagnostics, ...diagnostics] };
}

/** Measures the candidates and, last, the source as it was given, where it runs in onnxruntime-web from one file. */
async function measureBesideSource(
  request: BrowserArtifactRequest,
  opened: readonly OpenedCandidate[],
  feeds: readonly Feed[],
): Promise<BrowserMeasurement> {
  const { folder, source, resolved } = request;
  const given = await openSource(source);
  try {
    const subjects = [...opened, ...(given === undefined ? [] : [{ file: SOURCE_FILE, session: given }])];
    if (given !== undefined) await copyFile(source.path, join(folder, SOURCE_FILE));
    const candidates = [
      ...opened.map(({ file, precision, files, config }) => ({ file, precision, files, config })),
      ...(given === undefined ? [] : [{ file: SOURCE_FILE, precision: 'as given', files: [SOURCE_FILE], config: {} }]),
    ].map((one) => ({ ...one, runtime: 'onnxruntime-web' as const }));
    const manifest = { ...portsOf(request), browser: { candidates, choice: 'They are being measured.' } };
    const files = candidates.flatMap((one) => one.files);
    await emit(request, manifest, files, feeds[0]!);
    const { threads, latencyBudget: budgetMs, measure } = resolved;
    return await measureInBrowser(folder, subjects, feeds, { threads, budgetMs, measure });
  } finally {
    await given?.close();
  }
}

async function openSource({ model, path }: BrowserArtifactRequest['source']): Promise<Session | undefined> {
  if (filesOf(model, path).length > 1) return undefined;
  try {
    return await openOrtWebSession(path);
  } catch (error) {
    if (error instanceof ModelpressError) return undefined;
    throw error;
  }
}

async function emit(
  { folder }: BrowserArtifactRequest,
  manifest: BrowserManifest,
  files: readonly string[],
  sample: Feed,
): Promise<void> {
  const copied = files.map((path) => ({ path, copyFrom: join(folder, path) }));
  await emitBrowser({ directory: folder, files: copied, manifest, sample });
}

function portsOf({ name, resolved, source }: BrowserArtifactRequest): Pick<Manifest, 'model' | 'inputs' | 'outputs'> {
  return {
    model: { name, version: resolved.modelVersion },
    inputs: source.session.inputs.map(describePort),
    outputs: source.session.outputs.map(describePort),
  };
}

function manifestOf(
  request: BrowserArtifactRequest,
  feed: Feed,
  browser: BrowserChoice,
  results: readonly Variant[],
): Manifest & BrowserManifest {
  const { manifest: shared } = request;
  const manifest = {
    manifestVersion: MANIFEST_VERSION,
    tool: shared.tool,
    target: 'browser',
    ...portsOf(request),
    entry: browser.candidates[0]!.file,
    // Filled in by the emitter from what it writes.
    files: [],
    source: { file: basename(shared.source.file), sha256: shared.source.sha256 },
    datasets: shared.datasets,
    inputRanges: request.inputRanges,
    exampleShapes: Object.fromEntries([...feed].map(([input, tensor]) => [input, [...tensor.dims]])),
    pipeline: shared.pipeline,
    options: shared.options,
    seed: shared.seed,
    runtimes: { ...runtimeVersions(), 'onnxruntime-web': ORT_WEB_VERSION },
    results: [...results],
    browser,
  };
  return { ...manifestSchema.parse(manifest), browser };
}

/** Runs the finished folder as its users will, and compares what the default answers with what the model gives. */
async function prove(
  folder: string,
  { opened: { file, expected } }: WeighedCandidate,
  feed: Feed,
  diagnostics: Diagnostic[],
): Promise<string> {
  if (findChromium() === undefined) {
    diagnostics.push(
      note({
        code: 'browser-not-run',
        message: 'there is no Chromium here: the browser artifact was run in the same wasm in Node, not in a browser',
        hint: 'Install Chromium, or name it with CHROME_PATH, and run again.',
      }),
    );
    return 'not run in a browser';
  }
  const { browser, runs } = await runBrowserArtifact(folder, [feed], { warmup: 0, timeoutMs: PROOF_MS });
  const [run] = runs;
  const fault =
    run?.ok !== true
      ? (run?.message ?? 'no answer')
      : run.file !== file
        ? `it loaded ${run.file}: ${run.failures.map(({ message }) => message).join('; ')}`
        : answerDifference(expected[0]!, run.outputs[0]!, SAME_ANSWER)?.detail;
  if (fault !== undefined || run?.ok !== true) {
    return fail({
      code: 'browser-answer-differs',
      at: file,
      message: `the browser artifact does not answer in ${browser} as ${file} does in Node: ${fault}`,
      hint: 'This is a fault in modelpress. Report it with the model.',
    });
  }
  return `${browser}: ready in ${Math.round(run.loadMs)} ms, answered as the model does`;
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
    message: `no form of '${name}' runs in onnxruntime-web, so there is no browser artifact`,
    hint: 'Leave the browser out with --target.',
    notes: diagnostics.map(({ message }) => message),
  });
}
