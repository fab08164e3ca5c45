import { PASSES } from '../../../passes/index.ts';
import type { Dataset } from '../../data/dataset.ts';
import { type Diagnostic, note } from '../../diagnostics/diagnostic.ts';
import { cloneModel } from '../../ir/clone.ts';
import type { Model } from '../../ir/model.ts';
import { isOp, type Node } from '../../ir/node.ts';
import type { Value } from '../../ir/value.ts';
import { nodesWithin } from '../../ir/walk.ts';
import { isRecurrent } from '../../ops/quantization-role.ts';
import { weightLayoutOf } from '../../ops/weight-layout.ts';
import type { ValueRange } from '../../pass/define-pass.ts';
import type { PipelineStep } from '../../pass/pipeline.ts';
import { type PassRecord, type PipelineOptions, type PipelineResult, runPipeline } from '../../pass/run-pipeline.ts';
import { calibrate, DEFAULT_OBSERVER } from '../../quantize/calibrate.ts';
import { spareValues } from '../../quantize/plan-int8.ts';
import { type Int8Choice, tuneInt8 } from '../../tune/tune-int8.ts';
import type { ResolvedOptions } from '../optimize-options.ts';
import { preparationForInt8 } from '../presets.ts';
import { int8Steps } from './int8-steps.ts';
import { nothingToQuantize } from './nothing-to-quantize.ts';
import type { QuantizedModel, QuantizeModelOptions } from './quantize-model.ts';
import { summarizePlan } from './summarize-plan.ts';
import { tuningDiagnostics } from './tuning-diagnostics.ts';

/** Under what names the summary counts what the passes for layers without static kernels did. */
const OTHERWISE: Readonly<Record<string, string>> = {
  'LSTMs quantized': 'LSTM (dynamic)',
  'matrix products quantized': 'MatMul (dynamic)',
  'weights stored in 8 bits': 'weights only',
};

/** A prepared model after the passes. */
interface Build extends PipelineResult {
  readonly model: Model;
  readonly steps: readonly PipelineStep[];
  /** Whether a node of the prepared model is no longer there. */
  readonly replaced: (node: Node) => boolean;
}

/**
 * Quantizes a model, which it may change, with ranges from `dataset`; what has no static kernels, because it stands in a
 * loop or feeds back into itself, dynamically, or in its weights alone.
 *
 * @throws ModelpressError those of `calibrate`.
 */
export async function quantizeStatically(
  model: Model,
  dataset: Dataset,
  resolved: ResolvedOptions,
  options: QuantizeModelOptions,
): Promise<QuantizedModel> {
  const { scheme, large, onStart, onRecord, onProgress, onTrial } = options;
  const shared = { passes: PASSES, seed: resolved.seed, onFailure: 'undo' as const };
  const listened = { ...shared, ...(onStart && { onStart }), ...(onRecord && { onRecord }) };
  const prepare = preparationForInt8(model);
  const prepared = runPipeline(model, prepare, listened);
  const exclude = resolved.quantizeExclude;
  const observer = resolved.observer === 'auto' ? DEFAULT_OBSERVER : resolved.observer;
  const settings = {
    observer,
    plan: { exclude },
    maxSamples: resolved.calibrationSamples,
    ...(onProgress && { onProgress }),
  };
  const ranges = await calibrate(model, dataset, settings);
  const buildAs = (choice?: Int8Choice): Build => build(model, int8Steps(resolved, scheme, choice), ranges, shared);
  const full = buildAs();
  // What noise does to the answers on made-up inputs says little of real ones.
  const worthTuning = dataset.origin !== 'synthetic' && full.records.some(({ changed }) => changed);
  const tuned =
    resolved.tune && !large && worthTuning
      ? await tuneInt8({
          prepared: model,
          dataset,
          exclude,
          minSqnrDb: resolved.minSqnr,
          full,
          build: buildAs,
          beforeSearch: async () => {
            const spare = await calibrate(model, dataset, { ...settings, values: spareValues });
            for (const [value, range] of spare) ranges.set(value, range);
          },
          ...(onTrial && { onProgress: onTrial }),
        })
      : undefined;
  const built = tuned?.build ?? full;
  for (const record of built.records) onRecord?.(record);
  const { floats = [], dynamic = [] } = tuned?.choice ?? {};
  const { quantized, kept } = summarizePlan(model, [...exclude, ...floats, ...dynamic], {
    quantizedOtherwise: built.replaced,
    ...(tuned && { sensitive: tuned.sensitive }),
  });
  Object.assign(quantized, countsOf(built.records));
  const nothing = Object.keys(quantized).length === 0;
  return {
    model: built.model,
    summary: {
      mode: resolved.quantize,
      scheme: `${scheme}${resolved.perChannel ? ' per channel' : ' per tensor'}`,
      observer,
      quantized,
      kept,
      ...(tuned && !nothing && { tuning: tuned.tuning }),
      skipped: nothing ? nothingToQuantize(model, kept) : null,
    },
    steps: [...prepare, ...built.steps],
    records: [...prepared.records, ...built.records],
    // What stays in floating point is told once, in the summary; contradictions in the file, when it is cleaned.
    diagnostics: [
      ...[...prepared.diagnostics, ...built.diagnostics].filter(
        ({ code }) => !code.startsWith('quantize-float-') && code !== 'shape-contradicts-declared',
      ),
      ...storedOnly(built.model),
      ...(tuned && !nothing ? tuningDiagnostics(tuned.tuning, model.graph.name) : []),
    ],
    inputRanges: rangesOfInputs(model, ranges),
  };
}

/** Runs steps on a copy of a prepared model. */
function build(
  prepared: Model,
  steps: readonly PipelineStep[],
  ranges: ReadonlyMap<Value, ValueRange>,
  options: PipelineOptions,
): Build {
  const { model, values } = cloneModel(prepared);
  const copies = new Map([...values].map(([own, copy]) => [own.producer, copy.producer]));
  const own = new Map([...ranges].map(([value, range]) => [values.get(value)!, range]));
  const result = runPipeline(model, steps, { ...options, ranges: own });
  return { ...result, model, steps, replaced: (node) => copies.get(node)?.graph === undefined };
}

function countsOf(records: readonly PassRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const record of records) {
    for (const [what, count] of Object.entries(record.counts)) {
      const name = OTHERWISE[what];
      if (name !== undefined) counts[name] = (counts[name] ?? 0) + count;
    }
  }
  return counts;
}

function rangesOfInputs(model: Model, ranges: ReadonlyMap<Value, ValueRange>): QuantizedModel['inputRanges'] {
  return Object.fromEntries(
    model.graph.inputs.flatMap((value) => {
      const range = ranges.get(value);
      return range === undefined ? [] : [[value.name, { min: range.min, max: range.max }]];
    }),
  );
}

/** Says which layers have 8 bits to store and none to compute with, which a person may not want. */
function storedOnly({ graph }: Model): Diagnostic[] {
  const counts = new Map<string, number>();
  for (const node of nodesWithin(graph)) {
    const operand = isRecurrent(node) ? 1 : node.graph === graph ? undefined : weightLayoutOf(node)?.operand;
    const weight = operand === undefined ? undefined : node.inputs[operand]?.producer;
    if (isOp(weight, 'DequantizeLinear')) counts.set(node.op, (counts.get(node.op) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  return [
    note({
      code: 'quantize-weights-only',
      message: `${[...counts].map(([op, count]) => `${count} ${op}`).join(', ')}: weights are stored in 8 bits and dequantized in every run, for which the runtime has no integer kernels; that makes the file smaller and not faster`,
      at: graph.name,
      hint: '--prefer speed leaves them in float32.',
    }),
  ];
}
