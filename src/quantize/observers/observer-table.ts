import type { ValueRange } from '../../pass/define-pass.ts';
import { entropyRange } from './entropy-range.ts';
import { finiteExtent } from './finite-extent.ts';
import { GrowingHistogram, type HistogramCounts } from './growing-histogram.ts';
import { minMaxObserver } from './min-max-observer.ts';
import { mseRange } from './mse-range.ts';
import type { Observer } from './observer.ts';
import { percentileRange } from './percentile-range.ts';

/** Settings of the observers that have any. */
export interface ObserverSettings {
  /** Share of the values that the percentile observer keeps, in percent. Default `DEFAULT_PERCENTILE`. */
  readonly percentile?: number;
  /** Values of one sample that histograms count, at most. Default `DEFAULT_COUNTED`. */
  readonly countedValues?: number;
}

/** Values of one sample that histograms count unless told otherwise. */
export const DEFAULT_COUNTED = 2 ** 14;

/** Values that the percentile observer keeps unless told, in percent: one in ten thousand is clipped. */
export const DEFAULT_PERCENTILE = 99.99;

interface ObserverKind {
  readonly summary: string;
  /** A fresh observer. @param label the tensor's name, for messages. */
  create(label: string, settings: ObserverSettings): Observer;
}

/** Every way to choose a range from calibration data. */
export const OBSERVERS = {
  'min-max': { summary: 'Keep the smallest and the largest value', create: (label) => minMaxObserver(label) },
  percentile: {
    summary: 'Keep a given share of the values, clip the tails',
    create: (label, { percentile = DEFAULT_PERCENTILE, countedValues }) =>
      histogramObserver(label, countedValues, (counts) => percentileRange(counts, percentile)),
  },
  entropy: {
    summary: 'Keep the range whose quantized distribution diverges least from the values',
    create: (label, { countedValues }) => histogramObserver(label, countedValues, entropyRange),
  },
  mse: {
    summary: 'Keep the range with the least mean squared error',
    create: (label, { countedValues }) => histogramObserver(label, countedValues, mseRange),
  },
} as const satisfies Record<string, ObserverKind>;

export type ObserverName = keyof typeof OBSERVERS;

function histogramObserver(
  label: string,
  countedValues = DEFAULT_COUNTED,
  choose: (histogram: HistogramCounts) => ValueRange,
): Observer {
  const histogram = new GrowingHistogram(label, countedValues);
  return {
    sampledValues: countedValues,
    observe: (values) => histogram.add(values),
    observeSummary: ({ count, extremes, sample }) =>
      histogram.addCounted(finiteExtent(label, extremes), sample ?? extremes.subarray(0, 2), count),
    range: () => (histogram.max === histogram.min ? { min: histogram.min, max: histogram.max } : choose(histogram)),
  };
}
