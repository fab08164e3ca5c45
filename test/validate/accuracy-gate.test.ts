import { describe, expect, test } from 'vitest';
import { judgeDrop } from '../../src/validate/accuracy-gate.ts';
import type { Failures } from '../../src/validate/evaluation.ts';
import { parseMaxDrop } from '../../src/validate/max-drop.ts';
import { recordsOf } from '../../src/validate/metrics/records.ts';
import { top1 } from '../../src/validate/metrics/top-k.ts';
import { meanAbsoluteError } from '../../src/validate/metrics/value-errors.ts';
import { comparePaired, type PairedComparison } from '../../src/validate/statistics/compare-paired.ts';

const UNBROKEN: Failures = { samples: 0, first: [] };

/** Top-1 over `samples` of which the reference gets all right and the candidate all but `lost`. */
function accuracy(samples: number, lost: number): PairedComparison {
  const candidate = new Float64Array(samples).fill(1).fill(0, 0, lost);
  return comparePaired(top1, recordsOf(new Float64Array(samples).fill(1)), recordsOf(candidate), { seed: 0 });
}

const judge = (comparison: PairedComparison, budget: string, failures = UNBROKEN) =>
  judgeDrop({ name: 'int8', comparison, failures }, parseMaxDrop(budget));

describe('accuracy gate', () => {
  test.each([
    ['nothing lost of many', 10_000, 0, '1%', 'pass', true],
    ['a little lost of many', 10_000, 30, '1%', 'pass', true],
    ['nothing lost, few samples', 100, 0, '1%', 'inconclusive', true],
    ['exactly the budget', 1000, 10, '1%', 'inconclusive', true],
    ['exactly a budget that does not divide evenly', 1000, 7, '0.7%', 'inconclusive', true],
    ['more than the budget', 1000, 11, '1%', 'fail', false],
    ['anything lost of a budget of nothing', 10_000, 1, '0', 'fail', false],
  ] as const)('%s: %i samples, %i lost, %s is %s', (_, samples, lost, budget, verdict, passed) => {
    const result = judge(accuracy(samples, lost), budget);
    expect(result).toMatchObject({ verdict, passed, metric: 'top1', maxDrop: budget });
    expect(result.diagnostics.length).toBe(verdict === 'pass' ? 0 : 1);
  });

  test('an inconclusive verdict says how many samples would settle it, and that many do', () => {
    const [warning] = judge(accuracy(400, 2), '1%').diagnostics;
    expect(warning).toMatchObject({ code: 'validate-drop-inconclusive', severity: 'warning' });
    const needed = Number(/about (\d+) samples/.exec(warning!.hint!)![1]);
    expect(judge(accuracy(needed * 1.1, Math.round(needed * 1.1 * 0.005)), '1%').verdict).toBe('pass');
  });

  test('a failure names the loss, the budget and the interval', () => {
    const [warning] = judge(accuracy(1000, 25), '1%').diagnostics;
    expect(warning!.message).toMatch(/lost 2\.50 points of top1, more than the allowed 1\.00 points \(95% interval/);
  });

  test('a gain passes whatever the budget', () => {
    const right = new Float64Array(2000).fill(1);
    const gained = comparePaired(top1, recordsOf(right.map((_, i) => (i < 100 ? 0 : 1))), recordsOf(right), {
      seed: 0,
    });
    expect(judge(gained, '0')).toMatchObject({ verdict: 'pass', drop: { value: -0.05 } });
  });

  test('broken outputs fail also without a drop, and are listed', () => {
    const first = [{ sample: 3, output: 'y', kind: 'not-finite', detail: '1 NaN' }] as const;
    const result = judge(accuracy(10_000, 0), '1%', { samples: 1, first });
    expect(result.verdict).toBe('fail');
    expect(result.diagnostics[0]).toMatchObject({
      code: 'validate-broken-outputs',
      notes: ['sample 3, output y: 1 NaN'],
    });
  });

  test('a drop that is undefined fails', () => {
    const undefinedDrop = comparePaired(meanAbsoluteError, recordsOf([1, 1]), recordsOf([1, Number.NaN]), { seed: 0 });
    expect(judge(undefinedDrop, '5%')).toMatchObject({
      verdict: 'fail',
      diagnostics: [{ code: 'validate-drop-undefined' }],
    });
  });

  test('of an error, a percentage is of the reference: 10% more error fits 15%, not 5%', () => {
    const errors = Float64Array.from({ length: 200 }, (_, i) => 1 + (i % 7));
    const worse = comparePaired(meanAbsoluteError, recordsOf(errors), recordsOf(errors.map((e) => 1.1 * e)), {
      seed: 0,
    });
    expect(judge(worse, '15%').verdict).toBe('pass');
    expect(judge(worse, '5%').verdict).toBe('fail');
  });
});
