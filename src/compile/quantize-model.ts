import { PASSES } from '../../passes/index.ts';
import type { Dataset } from '../data/dataset.ts';
import { type Diagnostic, note } from '../diagnostics/diagnostic.ts';
import { cloneModel } from '../ir/clone.ts';
import { type Model, opsetOf } from '../ir/model.ts';
import { describeNode } from '../ir/node.ts';
import { type PipelineStep, step } from '../pass/pipeline.ts';
import { type PassRecord, type PipelineOptions, runPipeline } from '../pass/run-pipeline.ts';
import { calibrate, DEFAULT_OBSERVER } from '../quantize/calibrate.ts';
import { FLOAT_REASONS } from '../quantize/float-reason.ts';
import { isQuantized } from '../quantize/is-quantized.ts';
import { planInt8 } from '../quantize/plan-int8.ts';
import type { QuantSchemeName } from '../quantize/quant-scheme.ts';
import type { Report } from '../report/report-schema.ts';
import type { ResolvedOptions } from './optimize-options.ts';
import { CANONICALIZE_FOR_INT8, INT8_OPSET, QUANTIZE_PRESETS } from './presets.ts';

type QuantizationSummary = NonNullable<Report['quantization']>;

export interface QuantizeModelOptions extends Pick<PipelineOptions, 'onStart' | 'onRecord'> {
  readonly scheme: QuantSchemeName;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface QuantizedModel {
  readonly model: Model;
  readonly summary: QuantizationSummary;
  readonly steps: readonly PipelineStep[];
  readonly records: readonly PassRecord[];
  readonly diagnostics: readonly Diagnostic[];
  /** Ranges of the model's float inputs on the calibration data, by name. */
  readonly inputRanges: Readonly<Record<string, { readonly min: number; readonly max: number }>>;
}

/** Reasons that say nothing a person could act on: such nodes have no weights and cost next to nothing. */
const MINOR = new Set([
  'no-int8-kernel',
  'no-int8-operand',
  'no-int8-consumer',
  'not-foldable',
  'bias-addition',
  'operand-not-float32',
]);

/** Under what name the summary counts weights that are stored in 8 bits and computed with in floating point. */
const WEIGHTS_ONLY = 'weights only';

/** Operators whose cost matters wherever they stay in floating point. */
const MAJOR = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'LSTM', 'GRU', 'RNN', 'Scan', 'Loop', 'If']);

/**
 * Quantizes a copy of a cleaned model in the mode that the options ask for: statically with ranges from `dataset`,
 * dynamically, weights only, or to float16. A model that is quantized already comes back as it is, with the reason.
 */
export async function quantizeModel(
  source: Model,
  dataset: Dataset,
  resolved: ResolvedOptions,
  options: QuantizeModelOptions,
): Promise<QuantizedModel> {
  const { model } = cloneModel(source);
  const { quantize: mode, observer } = resolved;
  const empty = { mode, scheme: null, observer: null, quantized: {}, kept: [] };
  if (isQuantized(model.graph)) {
    const skipped = 'the model is quantized already and is not quantized twice';
    const diagnostics = [note({ code: 'quantize-already', message: skipped, at: model.graph.name })];
    return { model, summary: { ...empty, skipped }, steps: [], records: [], diagnostics, inputRanges: {} };
  }
  const { onStart, onRecord, onProgress, scheme } = options;
  const shared = {
    passes: PASSES,
    seed: resolved.seed,
    onFailure: 'undo' as const,
    ...(onStart && { onStart }),
    ...(onRecord && { onRecord }),
  };
  if (mode !== 'int8') {
    const steps = QUANTIZE_PRESETS[mode as keyof typeof QUANTIZE_PRESETS].map((one) =>
      withOptions(one, resolved.passOptions),
    );
    const result = runPipeline(model, steps, shared);
    const changed = result.records.some((record) => record.changed);
    const skipped = changed ? null : 'nothing in the model can be stored in this form';
    return {
      model,
      ...result,
      steps,
      summary: { ...empty, skipped, quantized: countsOf(result.records) },
      inputRanges: {},
    };
  }
  const prepare = preparationForInt8(model);
  const prepared = runPipeline(model, prepare, shared);
  const exclude = resolved.quantizeExclude;
  const ranges = await calibrate(model, dataset, {
    observer: observer === 'auto' ? DEFAULT_OBSERVER : observer,
    plan: { exclude },
    maxSamples: resolved.calibrationSamples,
    ...(onProgress && { onProgress }),
  });
  const { quantized, kept } = summarizePlan(model, exclude);
  const inputRanges = Object.fromEntries(
    model.graph.inputs.flatMap((value) => {
      const range = ranges.get(value);
      return range === undefined ? [] : [[value.name, { min: range.min, max: range.max }]];
    }),
  );
  const steps = [
    withOptions(step('quantize-int8', { scheme, perChannel: resolved.perChannel, exclude }), resolved.passOptions),
    // What has no static kernel: recurrent layers, embeddings, graphs inside loops and branches.
    withOptions(step('quantize-weights', { exclude }), resolved.passOptions),
    step('eliminate-dead-code'),
    step('dedupe-constants'),
  ];
  const result = runPipeline(model, steps, { ...shared, ranges });
  const stored = countsOf(result.records)['weights stored in 8 bits'] ?? 0;
  if (stored > 0) quantized[WEIGHTS_ONLY] = stored;
  const nothing = Object.keys(quantized).length === 0;
  return {
    model,
    summary: {
      mode,
      scheme: `${scheme}${resolved.perChannel ? ' per channel' : ' per tensor'}`,
      observer: observer === 'auto' ? DEFAULT_OBSERVER : observer,
      quantized,
      kept,
      skipped: nothing ? 'it has no operator that the runtime runs on 8-bit integers, and no large weights' : null,
    },
    steps: [...prepare, ...steps],
    records: [...prepared.records, ...result.records],
    // What stays in floating point is told once, in the summary; contradictions in the file, when it is cleaned.
    diagnostics: [...prepared.diagnostics, ...result.diagnostics].filter(
      ({ code }) => !code.startsWith('quantize-float-') && code !== 'shape-contradicts-declared',
    ),
    inputRanges,
  };
}

/** The steps that make more of a cleaned model fit integer kernels; a model that is new enough keeps its opset. */
export function preparationForInt8(model: Model): readonly PipelineStep[] {
  if (opsetOf(model) < INT8_OPSET) return CANONICALIZE_FOR_INT8;
  return CANONICALIZE_FOR_INT8.filter((one) => one.kind !== 'pass' || one.name !== 'convert-opset');
}

/** Lays the options that were given for a pass over the ones that a step has. */
export function withOptions(one: PipelineStep, passOptions: ResolvedOptions['passOptions']): PipelineStep {
  if (one.kind === 'fixpoint') return { ...one, steps: one.steps.map((inner) => withOptions(inner, passOptions)) };
  return { ...one, options: { ...one.options, ...passOptions[one.name] } };
}

/** What of a prepared model's main graph runs in 8 bits, by operator, and the nodes that stay float with the reason. */
export function summarizePlan(
  model: Model,
  exclude: readonly string[],
): Pick<QuantizationSummary, 'quantized' | 'kept'> {
  const plan = planInt8(model.graph, { exclude });
  const quantized: Record<string, number> = {};
  for (const node of plan.nodes.keys()) quantized[node.op] = (quantized[node.op] ?? 0) + 1;
  const kept: QuantizationSummary['kept'] = [];
  for (const [node, reason] of plan.floatNodes) {
    if (MINOR.has(reason) && !MAJOR.has(node.op)) continue;
    kept.push({
      node: node.name || describeNode(node),
      op: node.op,
      code: `quantize-float-${reason}`,
      reason: FLOAT_REASONS[reason],
    });
  }
  return { quantized, kept };
}

function countsOf(records: readonly PassRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const record of records)
    for (const [what, count] of Object.entries(record.counts)) counts[what] = (counts[what] ?? 0) + count;
  return counts;
}
