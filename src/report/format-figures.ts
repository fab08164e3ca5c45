import type { ReportEstimate } from './report-schema.ts';

/** What stands where nothing was measured. */
export const NOT_MEASURED = '-';

/** Bytes with a decimal unit: `13.9 kB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return scaled(bytes, ['kB', 'MB', 'GB', 'TB']);
}

/** A count to three digits: `937`, `12.4 k`, `3.05 M`. */
export function formatCount(count: number): string {
  return count < 1000 ? String(count) : scaled(count, ['k', 'M', 'G', 'T']);
}

/** Milliseconds to three digits: `0.0213 ms`, `2.13 ms`, `1.21 s`. */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toPrecision(3)} s`;
  return `${milliseconds === 0 ? '0' : plain(milliseconds, 3)} ms`;
}

/** A share as a percentage: `98.70%`. */
export function formatShare(share: number, digits = 2): string {
  return `${(100 * share).toFixed(digits)}%`;
}

/** A value and its interval by one formatter: `2.13 ms [2.10, 2.20]`. */
export function formatEstimate(estimate: ReportEstimate, format: (value: number) => string): string {
  const { value, low, high } = estimate;
  if (value === null) return NOT_MEASURED;
  if (low === null || high === null) return format(value);
  const unit = /[^\d.eE+-]+$/.exec(format(value))?.[0] ?? '';
  const bare = (figure: number): string => {
    const text = format(figure);
    return text.endsWith(unit) ? text.slice(0, text.length - unit.length) : text;
  };
  return `${format(value)} [${bare(low)}, ${bare(high)}]`;
}

/** A figure of a metric: shares as percentages, others as numbers with their unit. */
export function formatMetric(value: number, unit: string): string {
  if (unit === 'fraction') return formatShare(value);
  return unit === 'dB' ? `${plain(value, 3)} dB` : plain(value, 4);
}

/** A difference of a metric: of shares in percentage points, which no one takes for a share of what it was. */
export function formatDrop(drop: number, unit: string): string {
  return unit === 'fraction' ? `${(100 * drop).toFixed(2)} pt` : formatMetric(drop, unit);
}

/** A ratio of speeds: `2.31x`. */
export function formatRatio(value: number): string {
  return `${value.toFixed(2)}x`;
}

/** A number to so many significant digits without an exponent where it can be avoided. */
function plain(value: number, digits: number): string {
  const text = value.toPrecision(digits);
  return text.includes('e') ? String(Number(text)) : text;
}

/** A number from 1,000 on in thousands, millions and so on, to three digits. */
function scaled(number: number, units: readonly string[]): string {
  let value = number / 1000;
  let unit = 0;
  // Past 999.5 a value would print as 1000 of its unit.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toPrecision(3)} ${units[unit]}`;
}
