import { describe, expect, it } from 'vitest';
import { rangeHeadroom } from '../../../src/quantize/observers/range-headroom.ts';

const PEAKS = [3, 5, 4, 8, 6, 5, 7, 4];

describe('rangeHeadroom', () => {
  it('makes room for few values whose peaks differ, within what a sample in a hundred reaches', () => {
    const headroom = rangeHeadroom(PEAKS, 10);
    const mean = PEAKS.reduce((a, b) => a + b, 0) / PEAKS.length;
    const scale =
      (Math.sqrt(6 * PEAKS.reduce((sum, x) => sum + (x - mean) ** 2, 0)) / Math.PI) * (1 / Math.sqrt(PEAKS.length - 1));
    expect(headroom).toBeGreaterThan(1.2);
    expect(headroom * 8).toBeCloseTo(mean + scale * (Math.log(100) - 0.5772156649), 6);
  });

  it('makes less room the more values there are that it makes coarser', () => {
    const rooms = [100, 3_000, 10_000, 1_000_000].map((values) => rangeHeadroom(PEAKS, values));
    expect(rooms).toEqual([...rooms].sort((a, b) => b - a));
    expect(rooms[1]).toBeGreaterThan(rooms[2]!);
    expect(rooms.at(-1)).toBe(1);
  });

  it.each([
    ['every sample reaches the same peak', [6, 6, 6, 6, 6]],
    ['there are few samples', [1, 9, 2]],
    ['none reaches to that side', [0, 0, 0, 0, 0]],
  ])('makes none where %s', (_, peaks) => {
    expect(rangeHeadroom(peaks, 10)).toBe(1);
  });

  it('makes a range twice as long at most', () => {
    expect(rangeHeadroom([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1000], 1)).toBeLessThanOrEqual(2);
  });
});
