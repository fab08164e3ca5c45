import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExact, parseJson } from '../../../../src/targets/server/program/serving/json-text.mjs';

describe('parseExact', () => {
  it('reads every JSON text as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium' }), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        // Objects here have no prototype, so that no key can reach one.
        expect(JSON.stringify(parseExact(text), bigintAsNumber)).toBe(JSON.stringify(JSON.parse(text)));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('refuses what JSON.parse refuses', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.nat(),
        fc.constantFrom('', ',', ']', '{', '"', '\\', '1', '-', ' ', '.'),
        (value, at, text) => {
          const whole = JSON.stringify(value);
          const cut = at % whole.length;
          const spoiled = whole.slice(0, cut) + text + whole.slice(cut + 1);
          expect(
            accepts(() => parseExact(spoiled)),
            spoiled,
          ).toBe(accepts(() => JSON.parse(spoiled)));
        },
      ),
      { seed: 2, numRuns: 1000 },
    );
  });

  it.each([
    ['NaN', Number.NaN],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['[Infinity, -0]', [Number.POSITIVE_INFINITY, -0]],
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -(2n ** 63n)],
    ['1e3', 1000],
    ['"\\"\\\\"', '"\\'],
  ])('reads %s', (text, value) => {
    expect(parseExact(text)).toEqual(value);
  });

  it.each(['', ' ', '[', '[1,]', '{"a"}', '{a:1}', '-NaN', '01', '1.', '"a', '"\n"', 'nul', '[1] 2', '"\\'])(
    'refuses %j',
    (text) => {
      expect(() => parseExact(text)).toThrow(SyntaxError);
    },
  );

  it('refuses nesting that would exhaust the stack', () => {
    expect(() => parseExact('['.repeat(1e6))).toThrow(/nested deeper than 64 levels/);
  });

  it('keeps a key that names a prototype as a key', () => {
    const value = parseExact('{"__proto__": {"a": NaN}}') as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });
});

describe('parseJson', () => {
  it('keeps whole numbers exact only where asked', () => {
    expect(parseJson('[9007199254740993]', { exactIntegers: true })).toEqual([9007199254740993n]);
    expect(parseJson('[9007199254740993]', { exactIntegers: false })).toEqual([9007199254740992]);
  });

  it('does not take the digits of a fraction for a whole number', () => {
    expect(parseJson('[0.1234567890123456]', { exactIntegers: true })).toEqual([0.1234567890123456]);
  });

  it('reports the error of the reader that was used', () => {
    expect(() => parseJson('[1,]', { exactIntegers: true })).toThrow(SyntaxError);
    expect(() => parseJson('[NaN,]', { exactIntegers: false })).toThrow(/expected a value at position 5/);
  });
});

function bigintAsNumber(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

function accepts(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError);
    return false;
  }
}
