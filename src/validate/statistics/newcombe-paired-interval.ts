import type { Interval } from './interval.ts';
import type { PairedTable } from './paired-table.ts';
import { wilsonInterval } from './wilson-interval.ts';

/**
 * Interval of the difference between two proportions of the same samples, first minus second: method 10 of Newcombe
 * 1998, Improved confidence intervals for the difference between binomial proportions based on paired data, Statistics
 * in Medicine 17:2635-2650. It joins the two Wilson intervals by the correlation of the pairs, stays within [-1, 1],
 * and keeps its width when the two models never differ.
 */
export function newcombePairedInterval(table: PairedTable, confidence = 0.95): Interval {
  const { both, onlyFirst, onlySecond, neither } = table;
  const total = both + onlyFirst + onlySecond + neither;
  const first = (both + onlyFirst) / total;
  const second = (both + onlySecond) / total;
  const firstInterval = wilsonInterval(both + onlyFirst, total, confidence);
  const secondInterval = wilsonInterval(both + onlySecond, total, confidence);
  const correlation = correctedPhi(table, total);
  const reach = (a: number, b: number): number => Math.sqrt(Math.max(0, a * a - 2 * correlation * a * b + b * b));
  return {
    low: first - second - reach(first - firstInterval.low, secondInterval.high - second),
    high: first - second + reach(firstInterval.high - first, second - secondInterval.low),
    confidence,
    method: 'newcombe-paired',
  };
}

/** Correlation of the pairs, its numerator brought nearer to 0 by half the sample size when positive; 0 when a margin is empty. */
function correctedPhi({ both, onlyFirst, onlySecond, neither }: PairedTable, total: number): number {
  const margins =
    Math.sqrt(both + onlyFirst) *
    Math.sqrt(onlySecond + neither) *
    Math.sqrt(both + onlySecond) *
    Math.sqrt(onlyFirst + neither);
  if (margins === 0) return 0;
  const cross = both * neither - onlyFirst * onlySecond;
  return (cross > 0 ? Math.max(0, cross - total / 2) : cross) / margins;
}
