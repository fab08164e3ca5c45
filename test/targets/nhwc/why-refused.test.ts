import { describe, expect, it } from 'vitest';
import { whyRefused } from '../../../src/targets/nhwc/refusal.ts';

const refusals = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ code: 'device-operator', message: `no form of node ${i}` }));

describe('whyRefused', () => {
  it('tells the only reason', () => {
    expect(whyRefused(refusals(1), 'TensorFlow Lite')).toEqual({
      message: '1 part of the model has no form in TensorFlow Lite',
      notes: ['device-operator: no form of node 0'],
    });
  });

  it('counts several, and tells each', () => {
    expect(whyRefused(refusals(2), 'TensorFlow Lite')).toEqual({
      message: '2 parts of the model have no form in TensorFlow Lite',
      notes: ['device-operator: no form of node 0', 'device-operator: no form of node 1'],
    });
  });

  it('tells the first of many, and how many it leaves out', () => {
    expect(whyRefused(refusals(30), 'TensorFlow.js').notes.at(-1)).toBe('and 25 more');
  });
});
