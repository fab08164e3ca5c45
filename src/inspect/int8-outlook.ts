import { PASSES } from '../../passes/index.ts';
import { cleanFor, FREEZE, preparationForInt8 } from '../compile/presets.ts';
import { summarizePlan } from '../compile/quantize/summarize-plan.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { cloneModel } from '../ir/clone.ts';
import type { Model } from '../ir/model.ts';
import { costOf } from '../ops/cost/cost-of.ts';
import type { DimBindings } from '../ops/cost/sizes.ts';
import { runPipeline } from '../pass/run-pipeline.ts';
import { isQuantized } from '../quantize/is-quantized.ts';
import { planInt8 } from '../quantize/plan-int8.ts';
import type { Int8Outlook } from './inspection.ts';

export interface Int8OutlookResult {
  readonly outlook: Int8Outlook;
  /** What cleaning the model found. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What static int8 quantization would do with a model: cleans and prepares a copy as the main job does, and plans. */
export function int8Outlook(source: Model, bindings: DimBindings): Int8OutlookResult {
  const { model } = cloneModel(source);
  const options = { passes: PASSES, onFailure: 'undo' } as const;
  const { diagnostics } = runPipeline(model, [...FREEZE, ...cleanFor('onnxruntime', { int8: true })], options);
  const empty = { quantized: {}, macShare: null, kept: [] };
  if (isQuantized(model.graph)) return { outlook: { ...empty, skipped: 'it is quantized already' }, diagnostics };
  runPipeline(model, preparationForInt8(model), options);
  const plan = planInt8(model.graph);
  const { macs, macsByNode } = costOf(model, bindings);
  let integer = 0;
  for (const node of plan.nodes.keys()) integer += macsByNode.get(node) ?? 0;
  return {
    outlook: {
      ...summarizePlan(model, []),
      macShare: macs === 0 ? null : integer / macs,
      skipped: plan.nodes.size === 0 ? 'it has no operator that the runtime runs on 8-bit integers' : null,
    },
    diagnostics,
  };
}
