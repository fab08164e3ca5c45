import { describe, expect, it } from 'vitest';
import { applicableRule } from '../../../../src/targets/device/quantize/applicable-rule.ts';
import type { OperatorName } from '../../../../src/targets/device/tflite/builtin-operators.ts';
import type { TfTensor } from '../../../../src/targets/device/tflite/tf-graph.ts';

function float(name: string): TfTensor {
  return { name, type: 'float32', shape: [1, 4], data: undefined, quantization: undefined };
}

const [a, b, y] = [float('a'), float('b'), float('y')];

/** Whether an operator on `a` and `b` computes with integers when these are the largest magnitudes. */
function applies(name: OperatorName, type: 'int8' | 'int16', peaks: readonly [number, number, number]): boolean {
  const ranges = new Map([a, b, y].map((tensor, k) => [tensor, { min: -peaks[k]!, max: peaks[k]! }]));
  const operator = { name, inputs: [a, b], outputs: [y], options: {} };
  return applicableRule(operator, { type, ranges, keepFloat: undefined }) !== undefined;
}

describe('applicableRule', () => {
  it.each([
    ['ADD', 'int16', [1, 1, 1], true],
    ['ADD', 'int16', [0, 1e-2, 1e-2], true],
    ['ADD', 'int16', [0, 1e-5, 1e-5], false],
    ['SUB', 'int16', [1, 1, 1e-5], false],
    ['SUB', 'int8', [1, 1, 1e-5], true],
    ['SUB', 'int8', [1, 1, 1e-7], false],
    ['MUL', 'int16', [1, 1, 1e-7], true],
  ] as const)('%s in %s of magnitudes %s: %s', (name, type, peaks, expected) => {
    expect(applies(name, type, peaks)).toBe(expected);
  });

  it('keeps in float what is to stay so, what has no kernel and what has no range', () => {
    const operator = { name: 'ADD', inputs: [a, b], outputs: [y], options: {} } as const;
    const ranges = new Map([a, b, y].map((tensor) => [tensor, { min: -1, max: 1 }]));
    const setting = { type: 'int8', ranges, keepFloat: undefined } as const;
    expect(applicableRule(operator, setting)?.kind).toBe('free');
    expect(applicableRule(operator, { ...setting, keepFloat: () => true })).toBeUndefined();
    expect(applicableRule({ ...operator, name: 'POW' }, setting)).toBeUndefined();
    expect(applicableRule(operator, { ...setting, ranges: new Map([...ranges].slice(1)) })).toBeUndefined();
  });
});
