import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node } from '../../src/ir/node.ts';
import { affineParams } from '../../src/quantize/affine-params.ts';
import {
  activationBounds,
  foldableActivation,
  foldingParams,
  isMadeRedundant,
} from '../../src/quantize/redundant-activation.ts';
import { sketch } from '../rewrite/graph-of.ts';

function clip(low: number | undefined, high: number | undefined): Node {
  const s = sketch();
  const bound = (value: number | undefined, name: string) =>
    value === undefined ? undefined : s.constant(name, [value], []);
  return s.op('c', 'Clip', [s.input('x'), bound(low, 'low'), bound(high, 'high')]).producer!;
}

const relu = (): Node => {
  const s = sketch();
  return s.op('r', 'Relu', [s.input('x')]).producer!;
};

describe('activationBounds', () => {
  it('reads bounds from operands, and from attributes before opset 11', () => {
    expect(activationBounds(relu())).toEqual({ low: 0, high: Number.POSITIVE_INFINITY });
    expect(activationBounds(clip(0, 6))).toEqual({ low: 0, high: 6 });
    expect(activationBounds(clip(undefined, 6))).toEqual({ low: Number.NEGATIVE_INFINITY, high: 6 });
    const s = sketch();
    const old = s.op('c', 'Clip', [s.input('x')], { attributes: { min: { kind: 'float', value: -1 } } });
    expect(activationBounds(old.producer!)).toEqual({ low: -1, high: Number.POSITIVE_INFINITY });
    const computed = s.op('d', 'Clip', [old, s.op('m', 'Neg', [old])]);
    expect(activationBounds(computed.producer!)).toBeUndefined();
  });
});

describe('foldableActivation', () => {
  it('is the only reader, and holds 0', () => {
    const s = sketch();
    const a = s.op('a', 'Neg', [s.input('x')]);
    const r = s.op('r', 'Relu', [a]);
    expect(foldableActivation(a)).toBe(r.producer);
    s.op('other', 'Neg', [a]);
    expect(foldableActivation(a)).toBeUndefined();
    const b = s.op('b', 'Neg', [s.input('z')]);
    s.op('c', 'Clip', [b, s.constant('one', [1], []), s.constant('two', [2], [])]);
    expect(foldableActivation(b)).toBeUndefined();
  });
});

describe('isMadeRedundant', () => {
  it.each([
    ['a Relu by a zero point at the bottom', relu(), { scale: 1, zeroPoint: 0 }, true],
    ['no Relu by any other', relu(), { scale: 1, zeroPoint: 1 }, false],
    ['a Clip by a range inside it', clip(0, 6), { scale: 0.02, zeroPoint: 0 }, true],
    ['a Clip by its own range', clip(0, 6), { scale: Math.fround(6 / 255), zeroPoint: 0 }, true],
    ['no Clip by a range past its upper bound', clip(0, 6), { scale: 0.024, zeroPoint: 0 }, false],
    ['no Clip by a range past its lower bound', clip(0, 6), { scale: 0.02, zeroPoint: 1 }, false],
    ['a Clip without an upper bound', clip(0, undefined), { scale: 9, zeroPoint: 0 }, true],
  ] as const)('%s', (_, node, params, expected) => {
    expect(isMadeRedundant(node, { dtype: 'uint8', ...params })).toBe(expected);
  });
});

describe('foldingParams', () => {
  it('finds parameters for every range of what an activation gives, near those of the range', () => {
    const bound = fc.float({ min: Math.fround(0.01), max: 1000, noNaN: true });
    const share = fc.double({ min: 0.05, max: 1, noNaN: true });
    const type = fc.constantFrom('uint8' as const, 'int8' as const);
    fc.assert(
      fc.property(bound, bound, share, share, type, (below, above, lowShare, highShare, dtype) => {
        const node = clip(-below, above);
        const range = { min: -below * lowShare, max: above * highShare };
        const params = foldingParams(node, range, dtype)!;
        expect(isMadeRedundant(node, params)).toBe(true);
        const plain = affineParams(range, dtype);
        expect(Math.abs(params.zeroPoint - plain.zeroPoint)).toBeLessThanOrEqual(1);
        expect(params.scale).toBeLessThanOrEqual(plain.scale);
        expect(params.scale).toBeGreaterThanOrEqual(plain.scale * (1 - 1 / 126));
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it('finds none for a range that a Relu cannot have given', () => {
    expect(foldingParams(relu(), { min: -1, max: 1 }, 'uint8')).toBeUndefined();
    expect(foldingParams(clip(0, 6), { min: -1, max: 1 }, 'uint8')).toBeUndefined();
  });
});
