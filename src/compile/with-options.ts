import type { PipelineStep } from '../pass/pipeline.ts';
import type { ResolvedOptions } from './optimize-options.ts';

/** Lays the options that were given for a pass over the ones that a step has. */
export function withOptions(one: PipelineStep, passOptions: ResolvedOptions['passOptions']): PipelineStep {
  if (one.kind === 'fixpoint') return { ...one, steps: one.steps.map((inner) => withOptions(inner, passOptions)) };
  return { ...one, options: { ...one.options, ...passOptions[one.name] } };
}
