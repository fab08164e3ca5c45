import { fail } from '../diagnostics/modelpress-error.ts';
import type { MetricUnit } from './metrics/metric.ts';

/** How much worse a metric may become, as it was written. */
export interface MaxDrop {
  readonly text: string;
  readonly amount: number;
  readonly kind: 'percent' | 'points' | 'absolute';
}

const FORM = /^((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(%|pts?|pp)?$/i;

/**
 * Reads a budget: `1%`, `1pt` (a percentage point; also `pts`, `pp`) or a plain number. What it comes to depends on the
 * metric; see `allowedDrop`.
 *
 * @throws ModelpressError `validate-max-drop-malformed`
 */
export function parseMaxDrop(budget: string | number): MaxDrop {
  const text = String(budget).trim();
  const [, digits, suffix] = FORM.exec(text) ?? [];
  const amount = Number(digits);
  const kind = suffix === undefined ? 'absolute' : suffix === '%' ? 'percent' : 'points';
  if (digits === undefined || !Number.isFinite(amount) || (kind !== 'absolute' && amount > 100)) {
    return fail({
      code: 'validate-max-drop-malformed',
      message: `a maximum drop is a number from 0, with % (up to 100%), with pt, or plain; got "${text}"`,
      at: 'max-drop',
      hint: 'for one percentage point of accuracy write 1%, 1pt or 0.01',
    });
  }
  return { text, amount, kind };
}

/**
 * What a budget allows in a metric's own unit. Of a metric that is a fraction, `1%`, `1pt` and `0.01` are the same: one
 * percentage point of the metric, not a hundredth of its value. Of a metric in another unit, a plain number is in that
 * unit and a percentage is of the reference's value; points have no meaning there.
 *
 * @throws ModelpressError `validate-max-drop-unfit`
 */
export function allowedDrop(
  maxDrop: MaxDrop,
  metric: { readonly metric: string; readonly unit: MetricUnit },
  referenceValue: number | null,
): number {
  const { amount, kind, text } = maxDrop;
  const refuse = (why: string, hint: string): never =>
    fail({
      code: 'validate-max-drop-unfit',
      message: `a maximum drop of "${text}" does not fit the metric ${metric.metric}: ${why}`,
      at: 'max-drop',
      hint,
    });
  if (metric.unit === 'fraction') {
    if (kind !== 'absolute') return amount / 100;
    if (amount < 1) return amount;
    return refuse('it would allow losing everything', `write "${text}%" for ${text} percentage points`);
  }
  switch (kind) {
    case 'absolute':
      return amount;
    case 'points':
      return refuse(`it is in ${metric.unit}, which has no percentage points`, 'write a number in its unit, or 5%');
    case 'percent':
      if (referenceValue === null) return refuse('the reference has no value to take it of', 'write a plain number');
      return (amount / 100) * Math.abs(referenceValue);
  }
}
