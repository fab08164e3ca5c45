import { join } from 'node:path';
import { TARGET_NAMES } from '../../src/compile/optimize-options.ts';
import type { Variant } from '../../src/report/report-schema.ts';
import { runOptimize } from '../processes/run-optimize.ts';
import type { QuantizationRow } from './quantization-row.ts';
import { targetResult } from './target-result.ts';

/** The artifacts for everything but servers, and the targets that a model has none for. */
export type OtherTargets = Pick<QuantizationRow, 'targets' | 'failedTargets'>;

/**
 * Has the command line make, run and validate the artifacts of every other target, each in a process of its own: not
 * every runtime takes every model.
 *
 * @param flags what to quantize, calibrate and validate with.
 */
export async function measureOtherTargets(
  model: string,
  flags: readonly string[],
  sourceSize: NonNullable<Variant['size']>,
  options: { readonly work: string; readonly timeLimitMs: number },
): Promise<OtherTargets> {
  const targets: OtherTargets['targets'] = [];
  const failedTargets: OtherTargets['failedTargets'] = [];
  for (const target of TARGET_NAMES) {
    if (target === 'server') continue;
    const output = join(options.work, target);
    const own = ['--target', target, '--no-measure', '-o', output];
    const { report, error } = await runOptimize(model, [...flags, ...own], options);
    const made = report?.variants.filter((variant) => variant.target === target && variant.accuracy !== null) ?? [];
    targets.push(...made.map((variant) => targetResult(variant, sourceSize)));
    if (made.length > 0) continue;
    const reason = report?.diagnostics.find(({ severity }) => severity !== 'note')?.message;
    failedTargets.push({ target, error: reason ?? (error.split('\n')[0] || 'no artifact was validated') });
  }
  return { targets, failedTargets };
}
