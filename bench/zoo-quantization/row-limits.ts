import { formatShare } from '../../src/report/format-figures.ts';
import { brokenSizeAndCoverage } from '../zoo/size-and-coverage-limits.ts';
import type { QuantizationRow } from './quantization-row.ts';

/** Largest loss of accuracy of a classifier, as a share of the samples. */
const MAX_DROP = 0.01;

/** How a row misses what modelpress sets itself as a limit at default settings; empty where it does not. */
export function brokenLimits(row: QuantizationRow): readonly string[] {
  const broken: string[] = [];
  for (const { name, drop } of row.targets) {
    if (row.unit !== 'fraction' || drop.value === null || drop.value <= MAX_DROP) continue;
    const [low, high] = [drop.low ?? drop.value, drop.high ?? drop.value].map((end) => formatShare(end, 1));
    const figure = `${formatShare(drop.value, 1)} [${low}, ${high}]`;
    broken.push(`${name}: ${row.metric} drops by ${figure} on ${row.validationSamples} samples`);
  }
  const server = row.targets.find(({ name }) => name === 'server');
  if (row.skipped !== null || server === undefined) return broken;
  return [...broken, ...brokenSizeAndCoverage(row.source, server).map((text) => `server: ${text}`)];
}
