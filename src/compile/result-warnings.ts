import { type Diagnostic, warning } from '../diagnostics/diagnostic.ts';
import { formatEstimate, formatMetric, formatRatio } from '../report/format-figures.ts';
import type { Variant } from '../report/report-schema.ts';
import type { Measurement } from './measure-artifacts.ts';

/** Below 10 dB the error is a third of the signal: whatever the model was made for, this is another one. */
const LEAST_SQNR_DB = 10;

/** A loss in points of a share that nobody would ship without having been told. */
const LARGE_DROP = 0.02;

/** What is worth a word about a result though no budget was set: that it is slower, or no longer the model it was. */
export function resultWarnings(accuracy: NonNullable<Variant['accuracy']>, measurement: Measurement): Diagnostic[] {
  return [slower(measurement), lessAccurate(accuracy)].filter((found) => found !== undefined);
}

function slower({ latency }: Measurement): Diagnostic | undefined {
  if (latency === null || latency.speedup.high >= 1) return undefined;
  return warning({
    code: 'result-slower',
    message: `the result is slower than the source on this machine: ${formatEstimate(latency.speedup, formatRatio)}`,
    hint: 'Small models gain nothing from int8; ship this one for its size, or leave --quantize out.',
  });
}

function lessAccurate({ against, drop, metric, unit, sqnr }: NonNullable<Variant['accuracy']>): Diagnostic | undefined {
  const hint = 'Calibrate on more representative data, keep layers in float with --quantize-exclude, or prune less.';
  if (against === 'labels' && unit === 'fraction' && (drop?.value ?? 0) > LARGE_DROP) {
    const lost = formatMetric(drop?.value ?? 0, unit);
    return warning({
      code: 'result-less-accurate',
      message: `the result loses ${lost} of ${metric} against the source`,
      hint,
    });
  }
  if (against === 'reference' && sqnr !== null && sqnr < LEAST_SQNR_DB) {
    return warning({
      code: 'result-less-accurate',
      message: `the result's outputs are far from the source's: a signal-to-noise ratio of ${sqnr.toFixed(1)} dB`,
      hint,
    });
  }
  return undefined;
}
