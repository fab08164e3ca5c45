import { PASSES } from '../../passes/index.ts';
import { readOptions } from '../pass/pass-option.ts';
import { type PipelineStep, parsePipeline } from '../pass/pipeline.ts';
import { findPass } from '../pass/run-pipeline.ts';
import { parsePruneStructure } from '../prune/prune-structure.ts';
import { parseMaxDrop } from '../validate/max-drop.ts';
import { findMetric } from '../validate/metrics/metric-table.ts';
import { type OptimizeOptions, type ResolvedOptions, resolveOptions } from './optimize-options.ts';

/**
 * `resolveOptions`, and all that a later stage would refuse only after minutes of work: budgets, metrics, structures,
 * pipelines, passes and their options.
 *
 * @throws ModelpressError `option-invalid`, `validate-max-drop-malformed`, `validate-unknown-metric`,
 * `prune-bad-structure`, `pipeline-syntax`, `pass-unknown`, `pass-unknown-option`, `pass-bad-option`.
 */
export function checkOptions(options: OptimizeOptions): ResolvedOptions {
  const resolved = resolveOptions(options);
  if (resolved.maxDrop !== undefined) parseMaxDrop(resolved.maxDrop);
  if (resolved.metric !== undefined) findMetric(resolved.metric);
  parsePruneStructure(resolved.pruneStructure);
  for (const [pass, raw] of Object.entries(resolved.passOptions))
    readOptions(pass, findPass(PASSES, pass).options, raw);
  if (resolved.pipeline !== undefined) checkSteps(parsePipeline(resolved.pipeline));
  return resolved;
}

/** Recurses over nested fixpoints, whose depth `parsePipeline` bounds. */
function checkSteps(steps: readonly PipelineStep[]): void {
  for (const step of steps) {
    if (step.kind === 'fixpoint') checkSteps(step.steps);
    else readOptions(step.name, findPass(PASSES, step.name).options, step.options);
  }
}
