import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import type { Model } from '../../src/ir/model.ts';
import type { Value } from '../../src/ir/value.ts';
import type { AnyPass, ValueRange } from '../../src/pass/define-pass.ts';
import type { RawOptionValues } from '../../src/pass/pass-option.ts';
import { step } from '../../src/pass/pipeline.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';

/** Runs one pass on a model, verified, and gives what it counted and reported. */
export function runPass(
  pass: AnyPass,
  model: Model,
  options: RawOptionValues = {},
  ranges: ReadonlyMap<Value, ValueRange> = new Map(),
): { readonly counts: Readonly<Record<string, number>>; readonly diagnostics: readonly Diagnostic[] } {
  const { records, diagnostics } = runPipeline(model, [step(pass.name, options)], { passes: [pass], ranges });
  return { counts: records[0]!.counts, diagnostics };
}
