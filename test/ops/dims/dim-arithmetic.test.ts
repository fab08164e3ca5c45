import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dim } from '../../../src/ir/shape.ts';
import {
  addDims,
  ceilDivDims,
  exactDivDims,
  floorDivDims,
  maxDims,
  minDims,
  modDims,
  mulDims,
  productOfDims,
  subDims,
  sumDims,
} from '../../../src/ops/dims/dim-arithmetic.ts';
import {
  areDifferent,
  isAboveZero,
  isAtLeast,
  isCapped,
  isNeverOne,
  isZeroOnlyWithSymbol,
  vanishesWith,
} from '../../../src/ops/dims/dim-facts.ts';
import { evaluateDim, symbolsOf } from '../../../src/ops/dims/evaluate-dim.ts';
import { isSymbol, parseDim, printDim } from '../../../src/ops/dims/parse-dim.ts';

describe('canonical text of dimensions', () => {
  it.each<[string, Dim, Dim]>([
    ['sums are collected', addDims(addDims('N', 1), addDims('N', 2)), '2*N+3'],
    ['products are distributed', mulDims(addDims('N', 1), subDims('N', 1)), 'N*N-1'],
    ['terms stand by degree, then by name', addDims(addDims('b', 'a'), mulDims('c', 'a')), 'a*c+a+b'],
    ['what cancels is gone', subDims(addDims('N', 'M'), 'N'), 'M'],
    ['a difference of equals is 0', subDims('N', 'N'), 0],
    ['division that leaves no rest', floorDivDims(mulDims('N', 12), 4), '3*N'],
    ['division by a symbol', floorDivDims(mulDims(mulDims('N', 'M'), 3), 'M'), '3*N'],
    ['division by a sum', floorDivDims(mulDims(addDims('N', 1), 'M'), addDims('N', 1)), 'M'],
    ['whole parts leave the floor', floorDivDims(addDims(mulDims('N', 5), 7), 4), 'N+floor((N+3)/4)+1'],
    ['common factors are cancelled', floorDivDims(addDims(mulDims('N', 2), 1), 4), 'floor(N/2)'],
    ['chains of floors merge', floorDivDims(addDims(floorDivDims(addDims('H', 1), 2), 1), 2), 'floor((H+3)/4)'],
    ['rounding up', ceilDivDims('N', 4), 'floor((N+3)/4)'],
    ['the remainder', modDims('N', 2), 'N-2*floor(N/2)'],
    ['a remainder that is known', modDims(addDims(mulDims('N', 4), 3), 4), 3],
    ['a minimum that is known', minDims('N', addDims('N', 1)), 'N'],
    ['a maximum that is known', maxDims(addDims('N', 'M'), 'M'), 'M+N'],
    ['a minimum that is not', minDims('N', 8), 'min(8,N)'],
    ['0 times anything', mulDims(0, 'N'), 0],
    ['unknown stays unknown', addDims(undefined, 1), undefined],
    ['0 times unknown, in a product', productOfDims([undefined, 0]), 0],
    ['a division by 0 is unknown', floorDivDims('N', 0), undefined],
    ['a quotient that may leave a rest is not exact', exactDivDims('N', 2), undefined],
    ['sums of many', sumDims(['N', 2, 'N']), '2*N+2'],
    ['beyond the integers of a double', mulDims(2 ** 40, 2 ** 40), undefined],
  ])('%s', (_, actual, expected) => {
    expect(actual).toBe(expected);
  });

  it('keeps odd names of files apart from expressions', () => {
    expect(isSymbol('batch size')).toBe(true);
    expect(isSymbol('N + 1')).toBe(true);
    expect(isSymbol('N+1')).toBe(false);
    expect(isSymbol('3')).toBe(false);
    expect(addDims('N + 1', 1)).toBe('"N + 1"+1');
    expect(subDims(addDims('N + 1', 1), 1)).toBe('N + 1');
    expect(symbolsOf('"N + 1"*N+floor(M/2)')).toEqual(['M', 'N', 'N + 1']);
  });

  it('gives up on what grows without end', () => {
    let dim: Dim = 'a0';
    for (let i = 1; i < 40; i++) dim = mulDims(dim, addDims(`a${i}`, 1));
    expect(dim).toBeUndefined();
  });
});

/** An expression as a tree, to be built through the algebra and to be computed with plain numbers. */
type Tree = number | string | readonly [keyof typeof OPERATIONS, Tree, Tree];

const OPERATIONS = {
  add: [addDims, (a: number, b: number) => a + b],
  sub: [subDims, (a: number, b: number) => a - b],
  mul: [mulDims, (a: number, b: number) => a * b],
  div: [floorDivDims, (a: number, b: number) => Math.floor(a / b)],
  ceil: [ceilDivDims, (a: number, b: number) => Math.ceil(a / b)],
  mod: [modDims, (a: number, b: number) => a - b * Math.floor(a / b)],
  min: [minDims, Math.min],
  max: [maxDims, Math.max],
} as const;

function build(tree: Tree): Dim {
  if (typeof tree !== 'object') return tree;
  return OPERATIONS[tree[0]][0](build(tree[1]), build(tree[2]));
}

/** The value, or nothing where a division by 0 stands in the way. */
function compute(tree: Tree, sizes: ReadonlyMap<string, number>): number | undefined {
  if (typeof tree === 'number') return tree;
  if (typeof tree === 'string') return sizes.get(tree);
  const [a, b] = [compute(tree[1], sizes), compute(tree[2], sizes)];
  if (a === undefined || b === undefined || (b === 0 && ['div', 'ceil', 'mod'].includes(tree[0]))) return undefined;
  return OPERATIONS[tree[0]][1](a, b);
}

const trees = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom('N', 'M', 'a b')),
    fc.tuple(fc.constantFrom(...(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[])), tie('tree'), tie('tree')),
  ),
})).tree;

const sizes = fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 12 }), fc.nat({ max: 12 })).map(
  ([n, m, o]) =>
    new Map([
      ['N', n],
      ['M', m],
      ['a b', o],
    ]),
);

const SEED = { seed: 20, numRuns: 3000 };

describe('arithmetic on random expressions', () => {
  it('means what plain numbers compute', () => {
    fc.assert(
      fc.property(trees, sizes, (tree, values) => {
        const dim = build(tree);
        const expected = compute(tree, values);
        if (dim !== undefined && expected !== undefined)
          expect(evaluateDim(dim, values)).toBe(expected === 0 ? 0 : expected);
      }),
      SEED,
    );
  });

  it('prints what it parses', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const dim = build(tree);
        if (typeof dim === 'string') expect(printDim(parseDim(dim))).toBe(dim);
      }),
      SEED,
    );
  });

  it('claims of two expressions only what holds for all sizes', () => {
    fc.assert(
      fc.property(trees, trees, sizes, (left, right, values) => {
        const [a, b] = [build(left), build(right)];
        const [x, y] = [compute(left, values), compute(right, values)];
        if (a === undefined || b === undefined || x === undefined || y === undefined) return;
        if (isAtLeast(a, b)) expect(x).toBeGreaterThanOrEqual(y);
        if (areDifferent(a, b)) expect(x).not.toBe(y);
        if (isAboveZero(a)) expect(x).toBeGreaterThan(0);
        if (isZeroOnlyWithSymbol(a) && ![...values.values()].includes(0)) expect(x).toBeGreaterThan(0);
        if (isNeverOne(a)) expect(x).not.toBe(1);
        if (isCapped(a, b) && y !== 1) expect(x).not.toBe(1);
        if (vanishesWith(a, b) && y === 0) expect(x === 0).toBe(true);
      }),
      SEED,
    );
  });

  it('claims what is plain to see', () => {
    expect(isAtLeast(addDims('N', 1), 'N')).toBe(true);
    expect(isAtLeast('N', 1)).toBe(false);
    expect(areDifferent(addDims('N', 1), 'N')).toBe(true);
    expect(isNeverOne(mulDims(2, 'N'))).toBe(true);
    expect(isNeverOne('N')).toBe(false);
    expect(isZeroOnlyWithSymbol(mulDims('N', maxDims('M', 'a b')))).toBe(true);
    expect(isZeroOnlyWithSymbol(floorDivDims('N', 2))).toBe(false);
    expect(isCapped(minDims('N', 64), 'N')).toBe(true);
    expect(isCapped(minDims('N', 1), 'N')).toBe(false);
    expect(vanishesWith(mulDims(4, floorDivDims('L', 2)), 'L')).toBe(true);
    expect(vanishesWith(floorDivDims(addDims('L', 1), 2), 'L')).toBe(true);
    expect(vanishesWith(floorDivDims(addDims('L', 2), 2), 'L')).toBe(false);
  });
});
