import { PASSES } from '../../passes/index.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import { type Model, opsetOf } from '../ir/model.ts';
import { type PipelineStep, parsePipeline } from '../pass/pipeline.ts';
import { type PassRecord, runPipeline } from '../pass/run-pipeline.ts';
import type { Report } from '../report/report-schema.ts';
import type { Session } from '../runtime/session.ts';
import type { CleanedGraph } from './check/clean-graph.ts';
import { cleanKeepingFusions } from './check/keep-fusions.ts';
import type { StageClock } from './events.ts';
import { type ResolvedOptions, runtimeOf } from './optimize-options.ts';
import { type PreparedData, syntheticCalibrationWarning } from './prepare-data.ts';
import { atOpset, cleanFor, FREEZE, INLINE, SLIM } from './presets.ts';
import { pruneModel } from './prune-model.ts';
import { type QuantizedModel, quantizeModel } from './quantize/quantize-model.ts';
import { withOptions } from './with-options.ts';

/** What becomes of a model before artifacts are made of it. */
export interface TransformedModel {
  /** With the optimized graph, and nothing else done to it. */
  readonly cleaned: Model;
  /** Pruned, if that was asked for; not quantized. */
  readonly float: Model;
  /** All that was asked for, with short names. */
  readonly model: Model;
  readonly fusions: Report['fusions'];
  readonly pruning: Report['pruning'];
  readonly quantization: Report['quantization'];
  readonly inputRanges: QuantizedModel['inputRanges'];
  readonly steps: readonly PipelineStep[];
  readonly records: readonly PassRecord[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface TransformContext {
  readonly clock: StageClock;
  /** Where graphs that are compared with the source may be written. */
  readonly workFile: string;
  /** The source as a session that runs it part by part, where it is too large to be loaded as a whole. */
  readonly partSource: Session | undefined;
}

/** Optimizes the graph of a model, prunes and quantizes it as the options ask, each a stage of the clock. */
export async function transformModel(
  source: Model,
  path: string,
  data: PreparedData,
  options: ResolvedOptions,
  { clock, workFile, partSource }: TransformContext,
): Promise<TransformedModel> {
  const done = new Done();
  const cleaning = cleaningSteps(options);
  const cleaned = await clock.run(
    'optimize',
    () =>
      cleanKeepingFusions(source, cleaning, data.validation, {
        check: options.check,
        guard: runtimeOf(options) !== 'generic',
        seed: options.seed,
        sourceFile: path,
        workFile,
        partSource,
        debugInfo: options.keepNames,
        ...clock.passes,
        ...(options.stopAfter !== undefined && { stopAfter: options.stopAfter }),
      }),
    ({ model }) => `${source.graph.nodeCount} -> ${model.graph.nodeCount} nodes`,
  );
  done.add(cleaned);
  checkOpset(cleaned, options);
  const pruned = prunes(options)
    ? await clock.run(
        'prune',
        () => pruneModel(cleaned.model, options, clock.passes),
        ({ summary }) => `${summary.zeros} of ${summary.weights} weights are zero`,
      )
    : undefined;
  if (pruned !== undefined) done.add(pruned);
  const float = pruned?.model ?? cleaned.model;

  const scheme = options.processor === 'x64' ? 'u8s8' : 's8s8';
  const quantized =
    options.quantize === 'none'
      ? undefined
      : await clock.run(
          'quantize',
          () =>
            quantizeModel(float, data.calibration, options, {
              scheme,
              ...clock.passes,
              large: partSource !== undefined,
              onProgress: clock.progress('quantize'),
              onTrial: clock.progress('tune'),
            }),
          ({ summary }) => summary.skipped ?? `${sumOf(summary.quantized)} operators`,
        );
  if (quantized !== undefined) done.add(quantized);
  const calibrated = options.quantize === 'int8' && quantized?.summary.skipped === null;
  if (calibrated && data.calibration.origin === 'synthetic') done.diagnostics.push(syntheticCalibrationWarning());

  const model = quantized?.model ?? float;
  if (!options.keepNames) {
    const slimmed = runPipeline(model, SLIM, { passes: PASSES, onFailure: 'undo', ...clock.passes });
    done.add({ ...slimmed, steps: SLIM });
  }
  return {
    cleaned: cleaned.model,
    float,
    model,
    fusions: cleaned.fusions,
    pruning: pruned?.summary ?? null,
    quantization: quantized?.summary ?? null,
    inputRanges: quantized?.inputRanges ?? {},
    steps: done.steps,
    records: done.records,
    diagnostics: done.diagnostics,
  };
}

/** What the parts of the work have done, one after the other. */
class Done {
  readonly steps: PipelineStep[] = [];
  readonly records: PassRecord[] = [];
  readonly diagnostics: Diagnostic[] = [];

  add(part: Pick<TransformedModel, 'steps' | 'records' | 'diagnostics'>): void {
    this.steps.push(...part.steps);
    this.records.push(...part.records);
    this.diagnostics.push(...part.diagnostics);
  }
}

/** The passes that the graph is optimized by: the options' own, or the default ones. */
function cleaningSteps(options: ResolvedOptions): readonly PipelineStep[] {
  const changesWeights = options.quantize !== 'none' || prunes(options);
  const usual = cleanFor(runtimeOf(options), { int8: options.quantize === 'int8' });
  const own = options.pipeline === undefined ? usual : parsePipeline(options.pipeline);
  const clean = options.opset === undefined ? own : atOpset(options.opset, own);
  const first = options.pipeline === undefined && changesWeights ? FREEZE : [];
  const steps = [...(options.inlineFunctions ? INLINE : []), ...first, ...clean];
  return steps.map((one) => withOptions(one, options.passOptions));
}

/** Makes sure that a model has come to the opset that was asked for, if it has operators of ai.onnx at all. */
function checkOpset({ model, diagnostics }: CleanedGraph, { opset, stopAfter }: ResolvedOptions): void {
  if (opset === undefined || stopAfter !== undefined || opsetOf(model) === opset || !model.opsetImports.has('')) return;
  const refusal = diagnostics.find(({ code }) => code === 'convert-opset-refused');
  fail({
    code: 'opset-not-reached',
    message:
      refusal?.message ?? `the model did not compute the same in opset ${opset}, and stayed in ${opsetOf(model)}`,
    at: refusal?.at ?? 'opset',
    hint: 'Ask for an opset nearer to that of the model, or export it again.',
  });
}

function prunes(options: ResolvedOptions): boolean {
  return options.prune !== undefined || options.pruneStructure !== 'unstructured';
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
