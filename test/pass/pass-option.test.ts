import { describe, expect, it } from 'vitest';
import { type PassOptionTable, readOptions } from '../../src/pass/pass-option.ts';

const TABLE = {
  keep: { kind: 'boolean', default: false, help: 'Keep it' },
  ratio: { kind: 'number', default: 0.5, min: 0, max: 1, help: 'A share' },
  rounds: { kind: 'number', default: 4, integer: true, help: 'How often' },
  method: { kind: 'enum', values: ['a', 'b'], default: 'a', help: 'Which' },
  skip: { kind: 'list', default: [], help: 'What to leave' },
  label: { kind: 'string', default: '', help: 'A name' },
} as const satisfies PassOptionTable;

describe('readOptions', () => {
  it('fills in defaults', () => {
    expect(readOptions('p', TABLE, {})).toEqual({
      keep: false,
      ratio: 0.5,
      rounds: 4,
      method: 'a',
      skip: [],
      label: '',
    });
  });

  it('takes text as a command line gives it, and values as code gives them', () => {
    const fromText = { keep: 'true', ratio: '0.25', rounds: '7', method: 'b', skip: 'x|y', label: 'z' };
    const fromCode = { keep: true, ratio: 0.25, rounds: 7, method: 'b', skip: ['x', 'y'], label: 'z' };
    expect(readOptions('p', TABLE, fromText)).toEqual(fromCode);
    expect(readOptions('p', TABLE, fromCode)).toEqual(fromCode);
  });

  it.each([
    [{ keep: 'yes' }, 'expected true or false'],
    [{ ratio: 'half' }, 'expected a number'],
    [{ ratio: 1.5 }, 'expected a number from 0 to 1'],
    [{ ratio: Number.NaN }, 'expected a number'],
    [{ rounds: 1.5 }, 'expected a whole number'],
    [{ method: 'c' }, 'expected one of a, b'],
    [{ skip: 3 }, 'expected a list of strings'],
    [{ label: 3 }, 'expected a string'],
  ])('refuses %j', (raw, expected) => {
    expect(() => readOptions('p', TABLE, raw)).toThrow(
      expect.objectContaining({ code: 'pass-bad-option', message: expect.stringContaining(expected) }),
    );
  });

  it('names the options there are when asked for one there is not', () => {
    expect(() => readOptions('p', TABLE, { keeep: true })).toThrow(
      expect.objectContaining({ code: 'pass-unknown-option', hint: expect.stringContaining('keep, ratio') }),
    );
  });
});
