import { PASSES } from '../../passes/index.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import { readOptions } from '../pass/pass-option.ts';
import { type PipelineStep, parsePipeline } from '../pass/pipeline.ts';
import { findPass } from '../pass/run-pipeline.ts';
import { parsePruneStructure } from '../prune/prune-structure.ts';
import { parseMaxDrop } from '../validate/max-drop.ts';
import { findMetric } from '../validate/metrics/metric-table.ts';
import { type OptimizeOptions, type ResolvedOptions, resolveOptions } from './optimize-options.ts';
import { INT8_OPSET } from './presets.ts';

/**
 * `resolveOptions`, and all that a later stage would refuse only after minutes of work: budgets, metrics, structures,
 * pipelines, passes and their options.
 *
 * @throws ModelpressError `option-invalid`, `validate-max-drop-malformed`, `validate-unknown-metric`,
 * `prune-bad-structure`, `opset-too-old-for-int8`, `pipeline-syntax`, `pass-unknown`, `pass-unknown-option`, `pass-bad-option`.
 */
export function checkOptions(options: OptimizeOptions): ResolvedOptions {
  const resolved = resolveOptions(options);
  if (resolved.maxDrop !== undefined) parseMaxDrop(resolved.maxDrop);
  if (resolved.metric !== undefined) findMetric(resolved.metric);
  parsePruneStructure(resolved.pruneStructure);
  for (const [pass, raw] of Object.entries(resolved.passOptions))
    readOptions(pass, findPass(PASSES, pass).options, raw);
  if (resolved.pipeline !== undefined) checkSteps(parsePipeline(resolved.pipeline));
  if (resolved.opset !== undefined && resolved.opset < INT8_OPSET && resolved.quantize.startsWith('int8')) {
    fail({
      code: 'opset-too-old-for-int8',
      message: `int8 needs opset ${INT8_OPSET}, from which weights can have a scale per channel; --opset asks for ${resolved.opset}`,
      at: 'opset',
      hint: `Ask for opset ${INT8_OPSET} or newer, or leave out --quantize.`,
    });
  }
  return resolved;
}

/** Recurses over nested fixpoints, whose depth `parsePipeline` bounds. */
function checkSteps(steps: readonly PipelineStep[]): void {
  for (const step of steps) {
    if (step.kind === 'fixpoint') checkSteps(step.steps);
    else readOptions(step.name, findPass(PASSES, step.name).options, step.options);
  }
}
