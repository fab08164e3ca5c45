import type { Report, ReportEstimate } from '../report/report-schema.ts';
import type { CandidateResult } from '../validate/evaluation.ts';
import type { Estimated } from '../validate/statistics/interval.ts';

type Accuracy = NonNullable<Report['variants'][number]['accuracy']>;

/** A candidate's result as a report holds it. */
export function accuracyOf({ comparison, agreement, failures, metrics, classes }: CandidateResult): Accuracy {
  const worst = (metric: string): number | null => {
    const values = agreement
      .flatMap(({ metrics }) => metrics.filter((one) => one.metric === metric))
      .map(({ value }) => value);
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : Math.min(...known);
  };
  return {
    metric: comparison.metric,
    unit: comparison.unit,
    higherIsBetter: comparison.higherIsBetter,
    against: comparison.against,
    samples: comparison.samples,
    value: reportEstimate(comparison.candidate),
    drop: reportEstimate(comparison.drop),
    mcnemarP: comparison.mcnemar?.pValue ?? null,
    sqnr: worst('sqnr'),
    cosine: worst('cosine'),
    failures: failures.samples,
    metrics: metrics.map(({ metric, unit, output, ...estimated }) => ({
      metric,
      unit,
      ...(output !== undefined && { output }),
      value: reportEstimate(estimated),
    })),
    ...(classes !== undefined && {
      classes: { perClass: classes.perClass.map((row) => ({ ...row })), confusion: classes.confusion },
    }),
  };
}

/** The source's own result, from the comparison of any candidate with it; `null` where it agrees by definition. */
export function sourceAccuracy({ comparison }: CandidateResult): Accuracy | null {
  if (comparison.against === 'reference') return null;
  return {
    metric: comparison.metric,
    unit: comparison.unit,
    higherIsBetter: comparison.higherIsBetter,
    against: comparison.against,
    samples: comparison.samples,
    value: reportEstimate(comparison.reference),
    drop: null,
    mcnemarP: null,
    sqnr: null,
    cosine: null,
    failures: 0,
  };
}

function reportEstimate({ value, interval }: Estimated): ReportEstimate {
  return { value, low: interval?.low ?? null, high: interval?.high ?? null };
}
