import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatEstimate,
  formatMetric,
  formatMilliseconds,
  formatRatio,
  formatShare,
} from '../../src/report/format-figures.ts';

describe('figures', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [13_949, '13.9 kB'],
    [999_499, '999 kB'],
    [999_600, '1.00 MB'],
    [3_456_789_012, '3.46 GB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [0.02134, '0.0213 ms'],
    [2.126, '2.13 ms'],
    [999, '999 ms'],
    [1210, '1.21 s'],
    [0, '0 ms'],
  ])('%d milliseconds are %s', (milliseconds, text) => {
    expect(formatMilliseconds(milliseconds)).toBe(text);
  });

  it('write an interval with one unit', () => {
    expect(formatEstimate({ value: 2.126, low: 2.1, high: 2.2 }, formatMilliseconds)).toBe('2.13 ms [2.10, 2.20]');
    expect(formatEstimate({ value: 0.98, low: 0.97, high: 0.99 }, formatShare)).toBe('98.00% [97.00, 99.00]');
    expect(formatEstimate({ value: 1.5, low: null, high: null }, formatRatio)).toBe('1.50x');
    expect(formatEstimate({ value: null, low: null, high: null }, formatRatio)).toBe('-');
  });

  it.each([
    [0.987, 'fraction', '98.70%'],
    [28.93, 'dB', '28.9 dB'],
    [0.012345, 'values', '0.01235'],
  ])('the metric %d in %s is %s', (value, unit, text) => {
    expect(formatMetric(value, unit)).toBe(text);
  });
});
