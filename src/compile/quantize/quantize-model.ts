import { PASSES } from '../../../passes/index.ts';
import type { Dataset } from '../../data/dataset.ts';
import { type Diagnostic, note } from '../../diagnostics/diagnostic.ts';
import { cloneModel } from '../../ir/clone.ts';
import type { Model } from '../../ir/model.ts';
import type { PipelineStep } from '../../pass/pipeline.ts';
import { type PassRecord, type PipelineOptions, runPipeline } from '../../pass/run-pipeline.ts';
import { isQuantized } from '../../quantize/is-quantized.ts';
import type { QuantSchemeName } from '../../quantize/quant-scheme.ts';
import type { Report } from '../../report/report-schema.ts';
import type { ResolvedOptions } from '../optimize-options.ts';
import { QUANTIZE_PRESETS } from '../presets.ts';
import { withOptions } from '../with-options.ts';
import { quantizeStatically } from './quantize-statically.ts';

type QuantizationSummary = NonNullable<Report['quantization']>;

export interface QuantizeModelOptions extends Pick<PipelineOptions, 'onStart' | 'onRecord'> {
  readonly scheme: QuantSchemeName;
  /** Whether the model is too large to be loaded as a whole, so that nothing can be tried with it. */
  readonly large?: boolean;
  /** Called after each sample calibrated on, and after each model tried to keep the budget. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly onTrial?: (done: number, total: number) => void;
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
  const { quantize: mode } = resolved;
  const empty = { mode, scheme: null, observer: null, quantized: {}, kept: [] };
  if (isQuantized(model.graph)) {
    const skipped = 'the model is quantized already and is not quantized twice';
    const diagnostics = [note({ code: 'quantize-already', message: skipped, at: model.graph.name })];
    return { model, summary: { ...empty, skipped }, steps: [], records: [], diagnostics, inputRanges: {} };
  }
  if (mode === 'int8') {
    const result = await quantizeStatically(model, dataset, resolved, options);
    if (result.summary.skipped === null) return result;
    // What was prepared for integers, with a higher opset perhaps, has no reason to stay.
    return { ...result, model: cloneModel(source).model, steps: [], records: [], diagnostics: [] };
  }
  const { onStart, onRecord } = options;
  const steps = QUANTIZE_PRESETS[mode as keyof typeof QUANTIZE_PRESETS].map((one) =>
    withOptions(one, resolved.passOptions),
  );
  const result = runPipeline(model, steps, {
    passes: PASSES,
    seed: resolved.seed,
    onFailure: 'undo',
    ...(onStart && { onStart }),
    ...(onRecord && { onRecord }),
  });
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

function countsOf(records: readonly PassRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const record of records)
    for (const [what, count] of Object.entries(record.counts)) counts[what] = (counts[what] ?? 0) + count;
  return counts;
}
