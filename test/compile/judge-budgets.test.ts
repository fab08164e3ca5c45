import { expect, it } from 'vitest';
import { dropDetail } from '../../src/compile/judge-budgets.ts';
import type { PairedComparison } from '../../src/validate/statistics/compare-paired.ts';

const comparison = { unit: 'fraction' } as PairedComparison;
const gate = { verdict: 'fail', passed: false, metric: 'top1', maxDrop: '1%', allowed: 0.01, diagnostics: [] } as const;

it.each([
  [0.70444, 'top1 drops by 70.44 pt, allowed is 1.00 pt'],
  [null, 'top1 drops by an unknown amount, allowed is 1.00 pt'],
])('tells a drop of %s in points', (value, text) => {
  expect(dropDetail({ ...gate, drop: { value, interval: null } }, { comparison })).toBe(text);
});
