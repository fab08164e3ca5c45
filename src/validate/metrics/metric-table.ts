import { fail } from '../../diagnostics/modelpress-error.ts';
import { nearestName } from '../nearest-name.ts';
import { macroF1, macroPrecision, macroRecall } from './class-averages.ts';
import { cosine } from './cosine-similarity.ts';
import { equalElements, top1Agreement } from './match-share.ts';
import { maxAbsoluteError, maxRelativeError } from './max-deviation.ts';
import type { Metric } from './metric.ts';
import { rSquared } from './r-squared.ts';
import { rocAuc } from './roc-auc.ts';
import { sqnr } from './signal-to-noise.ts';
import { top1, topK } from './top-k.ts';
import { maxError, meanAbsoluteError, meanSquaredError, rootMeanSquaredError } from './value-errors.ts';

/** Every metric by family; `topK` gives the ones in between for any k. */
export const METRICS: readonly Metric[] = [
  top1,
  topK(5),
  macroPrecision,
  macroRecall,
  macroF1,
  rocAuc,
  meanSquaredError,
  rootMeanSquaredError,
  meanAbsoluteError,
  rSquared,
  maxError,
  cosine,
  sqnr,
  maxAbsoluteError,
  maxRelativeError,
  top1Agreement,
  equalElements,
];

const TOP_K = /^top-?([1-9]\d{0,4})$/;

/**
 * The metric of a name or alias, in either case; `top<k>` for any k.
 *
 * @throws ModelpressError `validate-unknown-metric`
 */
export function findMetric(name: string): Metric {
  const wanted = name.trim().toLowerCase();
  const found = METRICS.find((metric) => metric.name === wanted || metric.aliases?.includes(wanted));
  if (found !== undefined) return found;
  const k = TOP_K.exec(wanted)?.[1];
  if (k !== undefined) return topK(Number(k));
  const names = METRICS.map((metric) => metric.name);
  const near = nearestName(wanted, [...names, ...METRICS.flatMap((metric) => metric.aliases ?? [])]);
  return fail({
    code: 'validate-unknown-metric',
    message: `there is no metric "${name}"`,
    at: name,
    hint: `${near === undefined ? '' : `did you mean ${near}? `}known metrics: ${names.join(', ')}`,
  });
}
