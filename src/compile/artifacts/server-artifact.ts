import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Diagnostic, warning } from '../../diagnostics/diagnostic.ts';
import { fail, ModelpressError } from '../../diagnostics/modelpress-error.ts';
import { saveModelFile } from '../../files/save-model-file.ts';
import type { Model } from '../../ir/model.ts';
import type { Tensor } from '../../ir/tensor.ts';
import { measureInt8Coverage } from '../../measure/int8-coverage.ts';
import { type Manifest, manifestSchema } from '../../report/manifest-schema.ts';
import type { Report, Variant } from '../../report/report-schema.ts';
import { openOrtSession } from '../../runtime/onnxruntime-node.ts';
import type { Session } from '../../runtime/session.ts';
import { emitServer } from '../../targets/server/emit-server.ts';
import { runServerArtifact } from '../../targets/server/run-server-artifact.ts';
import { evaluate } from '../../validate/evaluate.ts';
import { maxRelativeError } from '../../validate/metrics/max-deviation.ts';
import { compareOutputs } from '../../validate/scoring/compare-outputs.ts';
import { outputContents } from '../../validate/scoring/output-content.ts';
import { accuracyOf, sourceAccuracy } from '../accuracy-of.ts';
import { runtimeVersions } from '../environment.ts';
import type { StageClock } from '../events.ts';
import { judgeBudgets } from '../judge-budgets.ts';
import { openResult } from '../large-model.ts';
import { filesOf } from '../model-identity.ts';
import type { ResolvedOptions } from '../optimize-options.ts';
import type { PreparedData } from '../prepare-data.ts';
import { resultWarnings } from '../result-warnings.ts';
import { artifactManifest } from './artifact-manifest.ts';
import { type Measurement, measureArtifacts } from './measure-artifacts.ts';

/** What the server artifact is made from. */
export interface ServerArtifactRequest {
  /** The folder to fill; made if it is not there. */
  readonly folder: string;
  readonly model: Model;
  readonly source: { readonly model: Model; readonly path: string; readonly session: Session };
  /** Whether the source is too large to be loaded as a whole; what is made of it is then run part by part too. */
  readonly large: boolean;
  readonly name: string;
  readonly data: PreparedData;
  readonly quantization: Report['quantization'];
  readonly inputRanges: Manifest['inputRanges'];
  readonly resolved: ResolvedOptions;
  /** What manifests and reports have in common. */
  readonly manifest: Pick<Report, 'tool' | 'source' | 'options' | 'seed' | 'pipeline' | 'datasets'>;
  readonly clock: StageClock;
  readonly onProgress: (stage: string) => (done: number, total: number) => void;
}

export interface EmittedArtifact {
  readonly variants: readonly Variant[];
  readonly gates: Report['gates'];
  readonly diagnostics: readonly Diagnostic[];
}

/** Difference between the server's answer and the model's that rounding in JSON explains, relative to the largest value. */
const SERVE_TOLERANCE = 1e-6;

/** Longest a server may take over the one request it is tried with: deep networks at batch 1 take seconds. */
const SERVE_TIMEOUT_MS = 120_000;

/**
 * Writes `server/`, having run each model file in it: `model.onnx` and `model.ort` over the validation data in ONNX
 * Runtime, the serving program over HTTP. Of a large model only `model.onnx` is made and run, part by part.
 *
 * @throws ModelpressError where one of them does not run: `runtime-load-failed`, `validate-run-failed`,
 * `server-answer-differs`, and those of `runServerArtifact`.
 */
export async function emitServerArtifact(request: ServerArtifactRequest): Promise<EmittedArtifact> {
  const { folder, model, source, large, data, resolved, clock, quantization } = request;
  const diagnostics: Diagnostic[] = [];
  await mkdir(folder, { recursive: true });
  const onnxPath = join(folder, 'model.onnx');
  const ortPath = join(folder, 'model.ort');
  const modelFiles = await clock.run('emit server', async () => {
    // Weights of a large model in a file of their own are read piece by piece, and mapped by the runtime.
    const files = await saveModelFile(model, onnxPath, { debugInfo: resolved.keepNames, external: large });
    return { onnx: files, ort: !large && (await saveOrtFormat(onnxPath, ortPath, diagnostics)) };
  });
  const paths = [
    { name: 'server', path: onnxPath, parts: modelFiles.onnx },
    ...(modelFiles.ort ? [{ name: 'server (.ort)', path: ortPath, parts: [ortPath] }] : []),
  ];

  const evaluation = await clock.run(
    'validate',
    async () => {
      const contenders = [];
      try {
        for (const { name, path } of paths) contenders.push({ name, session: await openResult(path, large) });
        return await evaluate({ name: 'source', session: source.session }, contenders, data.validation, {
          seed: resolved.seed,
          onProgress: request.onProgress('validate'),
          ...(resolved.metric !== undefined && { metrics: [resolved.metric] }),
          ...(resolved.validationSamples !== undefined && { limit: resolved.validationSamples }),
        });
      } finally {
        for (const { session } of contenders) await session.close();
      }
    },
    ({ samples, primary }) => `${samples} samples, ${primary.metric} against ${primary.against}`,
  );
  diagnostics.push(...evaluation.diagnostics);
  const [candidate] = evaluation.candidates;
  if (candidate === undefined) throw new RangeError('an evaluation without candidates');

  const files = [{ path: source.path, parts: filesOf(source.model, source.path) }, ...paths];
  const measured = await clock.run('measure', () =>
    measureArtifacts(files, source.session, data.validation, { ...resolved, measure: resolved.measure && !large }),
  );
  diagnostics.push(...measured.diagnostics);
  const coverage =
    !large && quantization?.mode.startsWith('int8') && quantization.skipped === null
      ? await clock.run('prove int8', () => measureInt8Coverage(onnxPath, request.model))
      : null;

  const precision = precisionOf(quantization);
  const variant = (
    measurement: Measurement,
    own: Pick<Variant, 'name' | 'target' | 'file' | 'precision' | 'accuracy' | 'coverage'>,
  ): Variant => ({
    ...own,
    runtime: 'onnxruntime-node',
    size: measurement.size,
    latency: measurement.latency,
    memory: measurement.memory,
  });
  const [sourceMeasured, ...ownMeasured] = measured.measurements;
  const variants = [
    variant(sourceMeasured!, {
      name: 'source',
      target: 'source',
      file: request.manifest.source.file,
      precision: 'as given',
      accuracy: sourceAccuracy(candidate),
      coverage: null,
    }),
    ...paths.map(({ name, path }, i) =>
      variant(ownMeasured[i]!, {
        name,
        target: 'server',
        file: `server/${basename(path)}`,
        precision,
        accuracy: accuracyOf(evaluation.candidates[i]!),
        coverage,
      }),
    ),
  ];
  const { gates, diagnostics: judged } = judgeBudgets(candidate, sourceMeasured!, ownMeasured[0]!, resolved);
  diagnostics.push(...judged);

  const isQuantized = quantization !== null && quantization.skipped === null;
  diagnostics.push(...resultWarnings(accuracyOf(candidate), ownMeasured[0]!, isQuantized));
  const { feed } = await data.validation.sample(0);
  const manifest = manifestOf(request, variants, feed);
  const extra = modelFiles.onnx.slice(1);
  await emitServer({
    directory: folder,
    files: [onnxPath, ...extra, ...(modelFiles.ort ? [ortPath] : [])].map((path) => ({
      path: basename(path),
      copyFrom: path,
    })),
    manifest,
  });
  if (!large) {
    await clock.run(
      'serve',
      () => serveOnce(folder, onnxPath, feed),
      (detail) => detail,
    );
  }
  return { variants, gates: [...gates], diagnostics };
}

/**
 * Saves the runtime's own format. At level `extended`: what `all` writes is tied to this machine's processor.
 * A model that cannot be saved so is not worth failing for; it is said.
 */
async function saveOrtFormat(onnxPath: string, ortPath: string, diagnostics: Diagnostic[]): Promise<boolean> {
  try {
    const session = await openOrtSession(onnxPath, { optimization: 'extended', optimizedModelPath: ortPath });
    await session.close();
    const check = await openOrtSession(ortPath);
    await check.close();
    return true;
  } catch (error) {
    if (!(error instanceof ModelpressError)) throw error;
    diagnostics.push(
      warning({
        code: 'server-no-ort-format',
        // The folder that is worked in is gone when this is read.
        message: `model.ort was not made: ${error.message.replaceAll(ortPath, 'model.ort')}`,
        hint: 'model.onnx serves as well; it loads a little slower.',
      }),
    );
    return false;
  }
}

function precisionOf(quantization: Report['quantization']): string {
  if (quantization === null || quantization.skipped !== null) return 'as given';
  return quantization.scheme === null ? quantization.mode : `${quantization.mode} (${quantization.scheme})`;
}

function manifestOf(
  request: ServerArtifactRequest,
  results: readonly Variant[],
  feed: ReadonlyMap<string, Tensor>,
): Manifest {
  return manifestSchema.parse({
    ...artifactManifest(request, 'server', feed),
    entry: 'model.onnx',
    runtimes: runtimeVersions(),
    results: [...results],
  });
}

/** Runs the finished folder as its users will, and compares what it answers with what the model gives. */
async function serveOnce(folder: string, onnxPath: string, feed: ReadonlyMap<string, Tensor>): Promise<string> {
  const served = await runServerArtifact(folder, feed, { timeoutMs: SERVE_TIMEOUT_MS });
  if (served.exitCode !== 0) {
    fail({
      code: 'server-stopped-badly',
      message: `the serving program ended with code ${served.exitCode} when it was asked to stop`,
      at: folder,
      hint: 'Run `node server.mjs` in the folder to see why.',
    });
  }
  const session = await openOrtSession(onnxPath);
  try {
    const expected = outputContents(await session.run(feed));
    const answered = outputContents(served.outputs);
    for (const output of answered.keys()) {
      const own = expected.get(output);
      if (own === undefined) continue;
      const { outcome, failure } = compareOutputs(own, answered.get(output));
      const [error, magnitude] = maxRelativeError.record(outcome) as [number, number];
      if (failure === undefined && error <= SERVE_TOLERANCE * magnitude) continue;
      fail({
        code: 'server-answer-differs',
        message: `the server's output '${output}' is not the model's: ${failure?.detail ?? `it differs by ${error}`}`,
        at: output,
        hint: 'This is a fault in modelpress. Report it with the model.',
      });
    }
  } finally {
    await session.close();
  }
  return `ready in ${Math.round(served.readyMs)} ms, answered in ${Math.round(served.requestMs)} ms`;
}
