import { describe, expect, test } from 'vitest';
import { matchOutputs, underReferenceNames } from '../../../src/validate/scoring/match-outputs.ts';

describe('matching outputs', () => {
  test.each([
    ['the same', ['a', 'b'], ['a', 'b'], ['a', 'b'], []],
    ['another order', ['a', 'b'], ['b', 'a'], ['a', 'b'], []],
    ['all renamed: by position', ['a', 'b'], ['x', 'y'], ['x', 'y'], ['a', 'b']],
    ['one renamed: the rest by name', ['a', 'b', 'c'], ['c', 'y', 'a'], ['a', 'y', 'c'], ['b']],
    ['more than asked for', ['a'], ['z', 'a'], ['a'], []],
  ])('%s', (_, reference, candidate, expected, byPosition) => {
    const match = matchOutputs(reference, candidate, 'int8');
    expect(reference.map((name) => match.names.get(name))).toEqual(expected);
    expect(match.byPosition).toEqual(byPosition);
  });

  test.each([
    ['fewer', ['a', 'b'], ['x']],
    ['more, none of that name', ['a'], ['x', 'y']],
  ])('refuses %s', (_, reference, candidate) => {
    expect(() => matchOutputs(reference, candidate, 'int8')).toThrow(
      expect.objectContaining({ code: 'validate-outputs-differ', at: 'int8' }),
    );
  });

  test('renames, leaving out what was not given', () => {
    const match = matchOutputs(['a', 'b'], ['x', 'y'], 'int8');
    expect([...underReferenceNames(new Map([['y', 2]]), match)]).toEqual([['b', 2]]);
  });
});
