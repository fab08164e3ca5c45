import { type Diagnostic, warning } from '../diagnostics/diagnostic.ts';
import { formatDrop, formatEstimate, formatRatio } from '../report/format-figures.ts';
import type { Variant } from '../report/report-schema.ts';
import type { Measurement } from './artifacts/measure-artifacts.ts';
import type { TargetName } from './optimize-options.ts';

/** Below 10 dB the error is a third of the signal: whatever the model was made for, this is another one. */
const LEAST_SQNR_DB = 10;

/** A loss in points of a share that nobody would ship without having been told. */
const LARGE_DROP = 0.02;

/** What is worth a word about a result though no budget was set: that it is slower, or no longer the model it was. */
export function resultWarnings(
  accuracy: NonNullable<Variant['accuracy']>,
  measurement: Measurement,
  quantized: boolean,
): Diagnostic[] {
  return [...slower(measurement, quantized), ...lessAccurate(accuracy)];
}

function slower({ latency }: Measurement, quantized: boolean): Diagnostic[] {
  if (latency === null || latency.speedup.high >= 1) return [];
  const found = warning({
    code: 'result-slower',
    message: `the result is slower than the source on this machine: ${formatEstimate(latency.speedup, formatRatio)}`,
    hint: quantized
      ? 'Small models gain nothing from int8; ship this one for its size, or leave --quantize out.'
      : 'A few hundredths may be the machine: measure again while it does nothing else, for longer with --latency-budget.',
  });
  return [found];
}

/**
 * Says when an artifact is no longer the model that it was made from.
 *
 * @param target the artifact, where it is not the one that the whole result is judged by.
 */
export function lessAccurate(accuracy: Variant['accuracy'], target?: TargetName): Diagnostic[] {
  if (accuracy === null) return [];
  const { against, drop, metric, unit, sqnr } = accuracy;
  const what = target === undefined ? 'the result' : `the ${target} artifact`;
  const at = target === undefined ? {} : { at: target };
  const hint = 'Calibrate on more representative data, keep layers in float with --quantize-exclude, or prune less.';
  if (against === 'labels' && unit === 'fraction' && (drop?.value ?? 0) > LARGE_DROP) {
    const lost = formatDrop(drop?.value ?? 0, unit);
    return [
      warning({
        code: 'result-less-accurate',
        message: `${what} loses ${lost} of ${metric} against the source`,
        ...at,
        hint,
      }),
    ];
  }
  if (against === 'reference' && sqnr !== null && sqnr < LEAST_SQNR_DB) {
    return [
      warning({
        code: 'result-less-accurate',
        message: `${what}'s outputs are far from the source's: a signal-to-noise ratio of ${sqnr.toFixed(1)} dB`,
        ...at,
        hint,
      }),
    ];
  }
  return [];
}
