import { expect, it } from 'vitest';
import { formatDrop } from '../../src/report/format-figures.ts';

it.each([
  [0.0123, 'fraction', '1.23 pt'],
  [-0.5, 'fraction', '-50.00 pt'],
  [0.01234, '', '0.01234'],
  [3.5, 'dB', '3.50 dB'],
])('a drop of %d as %s is %s', (drop, unit, text) => {
  expect(formatDrop(drop, unit)).toBe(text);
});
