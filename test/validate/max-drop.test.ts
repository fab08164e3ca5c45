import { describe, expect, test } from 'vitest';
import { allowedDrop, parseMaxDrop } from '../../src/validate/max-drop.ts';

const TOP1 = { metric: 'top1', unit: 'fraction' } as const;
const MAE = { metric: 'mae', unit: 'values' } as const;
const SQNR = { metric: 'sqnr', unit: 'dB' } as const;

describe('maximum drop', () => {
  test.each<[string | number, typeof TOP1 | typeof MAE | typeof SQNR, number]>([
    ['1%', TOP1, 0.01],
    ['1pt', TOP1, 0.01],
    ['1 pts', TOP1, 0.01],
    ['1PP', TOP1, 0.01],
    ['0.01', TOP1, 0.01],
    [0.01, TOP1, 0.01],
    [' .5 % ', TOP1, 0.005],
    ['1e-3', TOP1, 0.001],
    ['0', TOP1, 0],
    ['0%', TOP1, 0],
    ['100%', TOP1, 1],
    ['5%', MAE, 0.1],
    ['0.3', MAE, 0.3],
    ['3', SQNR, 3],
  ])('"%s" of %j allows %d', (text, metric, allowed) => {
    expect(allowedDrop(parseMaxDrop(text), metric, -2)).toBeCloseTo(allowed, 12);
  });

  test.each(['', 'x', '-1%', '1%%', '%', '1 percent', 'NaN', 'Infinity', '101%', '1e999', Number.NaN, -0.5])(
    '"%s" is malformed',
    (text) => {
      expect(() => parseMaxDrop(text)).toThrow(expect.objectContaining({ code: 'validate-max-drop-malformed' }));
    },
  );

  test.each([
    ['a plain 1 of a fraction may mean 1% or all', '1', TOP1, 0.9],
    ['points of a unit', '1pt', MAE, 2],
    ['a share of an undefined reference', '5%', MAE, null],
  ] as const)('unfit: %s', (_, text, metric, reference) => {
    expect(() => allowedDrop(parseMaxDrop(text), metric, reference)).toThrow(
      expect.objectContaining({ code: 'validate-max-drop-unfit' }),
    );
  });
});
