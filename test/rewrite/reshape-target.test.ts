import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dim } from '../../src/ir/shape.ts';
import { provesSameShape, reshapeTarget, retargeted } from '../../src/rewrite/reshape-target.ts';

/** What a Reshape without allowzero gives, or nothing where it is an error. */
function reshape(before: readonly number[], target: readonly number[]): number[] | undefined {
  const dims = target.map((wanted, index) => (wanted === 0 ? (before[index] ?? Number.NaN) : wanted));
  if (dims.some(Number.isNaN)) return undefined;
  const total = before.reduce((product, dim) => product * dim, 1);
  const known = dims.filter((dim) => dim !== -1).reduce((product, dim) => product * dim, 1);
  if (!dims.includes(-1)) return known === total ? dims : undefined;
  if (known === 0 || total % known !== 0) return undefined;
  return dims.map((dim) => (dim === -1 ? total / known : dim));
}

const sizes = fc.array(fc.constantFrom(0, 1, 2, 3, 4, 6), { maxLength: 4 });

/** What may be known of sizes: each by its number, by a symbol that equal sizes share, or not at all. */
const known = (dims: readonly number[]): fc.Arbitrary<Dim[]> =>
  fc.tuple(...dims.map((dim) => fc.constantFrom<Dim>(dim, `d${dim}`, undefined))) as fc.Arbitrary<Dim[]>;

/** Dimensions of as many elements, some of them split or joined. */
const regrouped = (dims: readonly number[]): fc.Arbitrary<number[]> =>
  fc.array(fc.nat(4), { maxLength: 3 }).map((cuts) => {
    let shape = [...dims];
    for (const cut of cuts) {
      if (cut < shape.length - 1)
        shape = [...shape.slice(0, cut), shape[cut]! * shape[cut + 1]!, ...shape.slice(cut + 2)];
      else shape = [1, ...shape];
    }
    return shape;
  });

describe('reshapeTarget', () => {
  test.each<[string, Dim[], Dim[], number[] | undefined]>([
    ['numbers stay numbers', [2, 3, 4], [6, 4], [6, 4]],
    ['the one open dimension follows from the others', ['N', 3, 4], ['N', 12], [-1, 12]],
    ['two open ones are copied where they stay in place', ['N', 'C', 1, 1], ['N', 'C'], [0, 0]],
    ['not where they move', ['N', 1, 'C'], ['N', 'C'], undefined],
    ['not where one of them is not the same', ['N', 'C', 4], ['N', 'M'], undefined],
    ['a known 0 cannot be said', [0, 3], [3, 0], undefined],
    ['unknown rank', ['N'], undefined as unknown as Dim[], undefined],
  ])('%s', (_, before, after, expected) => {
    expect(reshapeTarget(before, after)).toEqual(expected);
  });

  test('gives the shape, whatever the open dimensions are at run time', () => {
    const cases = sizes.chain((before) =>
      regrouped(before).chain((after) => fc.tuple(fc.constant({ before, after }), known(before), known(after))),
    );
    fc.assert(
      fc.property(cases, ([{ before, after }, knownBefore, knownAfter]) => {
        const target = reshapeTarget(knownBefore, knownAfter);
        // With a dimension that is 0 only at run time, the one beside a -1 is a known positive number.
        if (target !== undefined) expect(reshape(before, target)).toEqual(after);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});

describe('retargeted', () => {
  test.each<[string, number[], Dim[], Dim[], number[] | undefined]>([
    ['a 0 becomes the number that it copies', [0, -1], [6, 4], [2, 3, 4], [6, -1]],
    ['a 0 stays where the same symbol stands in its place', [0, -1], ['N', 4], ['N', 2, 2], [0, -1]],
    ['an unproven 0 becomes -1 where there is none', [0, 12], [undefined, 12], [2, 3, 4], [-1, 12]],
    ['but not beside another -1', [0, -1], [undefined, 4], [2, 3, 4], undefined],
    ['nor beside another 0', [0, 0, 4], [undefined, 'B', 4], ['A', 'B', 4], undefined],
  ])('%s', (_, target, between, before, expected) => {
    expect(retargeted(target, between, before)).toEqual(expected);
  });

  test('reshapes to what the two reshapes give', () => {
    const cases = sizes.chain((before) =>
      regrouped(before).chain((between) =>
        regrouped(between).chain((after) =>
          fc.tuple(
            fc.constant({ before, between, after }),
            known(before),
            known(between),
            fc.tuple(...after.map(() => fc.constantFrom('number', 'copy', 'infer'))),
          ),
        ),
      ),
    );
    fc.assert(
      fc.property(cases, ([{ before, between, after }, knownBefore, knownBetween, forms]) => {
        const target = after.map((dim, index) =>
          forms[index] === 'copy' && dim === between[index] ? 0 : forms[index] === 'infer' ? -1 : dim,
        );
        if (target.filter((dim) => dim === -1).length > 1) return;
        const expected = reshape(between, target);
        const fused = retargeted(target, knownBetween, knownBefore);
        if (expected !== undefined && fused !== undefined) expect(reshape(before, fused)).toEqual(expected);
      }),
      { seed: 2, numRuns: 5000 },
    );
  });
});

describe('provesSameShape', () => {
  test('never holds for shapes that may differ', () => {
    const cases = sizes.chain((before) =>
      regrouped(before).chain((after) => fc.tuple(fc.constant({ before, after }), known(before), known(after))),
    );
    fc.assert(
      fc.property(cases, ([{ before, after }, knownBefore, knownAfter]) => {
        if (provesSameShape(knownBefore, knownAfter)) expect(after).toEqual(before);
      }),
      { seed: 3, numRuns: 5000 },
    );
  });

  test('holds where the number of elements proves the last dimension', () => {
    expect(provesSameShape(['N', 3, 4], [undefined, 3, 4])).toBe(true);
    expect(provesSameShape(['N', 'C'], [undefined, 'C'])).toBe(false);
    expect(provesSameShape(['N', 'C'], ['N', 'C'])).toBe(true);
  });
});
