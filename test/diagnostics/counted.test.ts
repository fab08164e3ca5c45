import { describe, expect, it } from 'vitest';
import { counted } from '../../src/diagnostics/counted.ts';

describe('counted', () => {
  it.each([
    [0, 'node', undefined, '0 nodes'],
    [1, 'node', undefined, '1 node'],
    [2, 'node', undefined, '2 nodes'],
    [1, 'axis', 'axes', '1 axis'],
    [3, 'axis', 'axes', '3 axes'],
  ])('of %i %s', (count, noun, plural, expected) => {
    expect(counted(count, noun, plural)).toBe(expected);
  });
});
