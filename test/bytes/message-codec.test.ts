import fc from 'fast-check';
import { Writer } from 'protobufjs/minimal.js';
import { describe, expect, it } from 'vitest';
import { bytesSource, joinChunks } from '../../src/bytes/byte-source.ts';
import { messageDecoder } from '../../src/bytes/decode-message.ts';
import { messageEncoder } from '../../src/bytes/encode-message.ts';
import { MAX_MESSAGE_DEPTH, type Message, type Schema } from '../../src/bytes/message-schema.ts';
import { ModelpressError } from '../../src/diagnostics/modelpress-error.ts';
import { equalData } from '../../src/ir/equal-data.ts';

const SCHEMA = {
  All: {
    small: [1, 'int32'],
    long: [2, 'int64'],
    natural: [3, 'uint64'],
    real: [4, 'float'],
    name: [5, 'string'],
    data: [6, 'bytes'],
    text: [7, 'text'],
    reals: [8, 'floats'],
    doubles: [9, 'doubles'],
    smalls: [10, 'int32', 'repeated'],
    longs: [11, 'int64', 'repeated'],
    naturals: [12, 'uint64', 'repeated'],
    floats: [13, 'float', 'repeated'],
    names: [14, 'string', 'repeated'],
    texts: [15, 'text', 'repeated'],
    child: [16, 'All'],
    children: [17, 'All', 'repeated'],
    left: [18, 'int32', 'choice'],
    right: [1000, 'All', 'choice'],
  },
} as const satisfies Schema;

type All = Message<typeof SCHEMA, 'All'>;

const decode = (bytes: Uint8Array): All => messageDecoder(SCHEMA)('All', bytes);
const encode = (message: All): Uint8Array => joinChunks(messageEncoder(SCHEMA)('All', message).chunks);
const failure = (bytes: Uint8Array): string => {
  try {
    decode(bytes);
  } catch (error) {
    if (error instanceof ModelpressError) return error.code;
    throw error;
  }
  return 'none';
};

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const list = <T>(arbitrary: fc.Arbitrary<T>) => optional(fc.array(arbitrary, { minLength: 1, maxLength: 5 }));
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const bytesOf = (width: number) =>
  optional(fc.uint8Array({ maxLength: 40 }).map((bytes) => bytes.subarray(0, bytes.length - (bytes.length % width))));
/** Field 77 as a varint, which the schema does not name. */
const unknown = optional(
  fc.integer({ min: 0, max: 1e6 }).map((value) =>
    new Writer()
      .uint32(77 * 8)
      .uint32(value)
      .finish(),
  ),
);

const { message } = fc.letrec<{ message: All }>((tie) => ({
  message: fc.record({
    small: optional(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
    long: optional(int64),
    natural: optional(uint64),
    real: optional(fc.float()),
    name: optional(fc.string({ unit: 'grapheme' })),
    data: optional(fc.uint8Array({ maxLength: 5000 })),
    text: optional(fc.uint8Array()),
    reals: bytesOf(4),
    doubles: bytesOf(8),
    smalls: list(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
    longs: list(int64),
    naturals: list(uint64),
    floats: list(fc.float()),
    names: list(fc.string()),
    texts: list(fc.uint8Array()),
    child: fc.option(tie('message'), { nil: undefined, maxDepth: 3 }),
    children: fc.option(fc.array(tie('message'), { minLength: 1, maxLength: 2 }), { nil: undefined, maxDepth: 3 }),
    left: optional(fc.integer({ min: 0, max: 9 })),
    unknown: unknown.map((bytes) => bytes && Uint8Array.from(bytes)),
  }),
}));

describe('message codec', () => {
  it('decodes what it encoded', () => {
    fc.assert(
      fc.property(message, (value) => equalData(decode(encode(value)), value)),
      { seed: 1, numRuns: 300 },
    );
  });

  it('fails with a code of its own on any damage, or reads something', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.integer({ min: 0, max: 255 }), (value, where, byte) => {
        const bytes = encode(value).slice();
        if (bytes.length > 0) bytes[where % bytes.length] = byte;
        return ['none', 'wire-truncated', 'wire-malformed'].includes(failure(bytes));
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it('reads repeated numbers packed, one by one, and mixed', () => {
    const writer = new Writer()
      .uint32(8 * 11)
      .int64(-1)
      .uint32(8 * 11 + 2)
      .fork()
      .int64(5)
      .int64(-7)
      .ldelim()
      .uint32(8 * 11)
      .int64(9);
    const floats = writer
      .uint32(8 * 13 + 5)
      .float(0.5)
      .uint32(8 * 8 + 5)
      .float(1.5)
      .uint32(8 * 8 + 2)
      .fork()
      .float(2.5)
      .ldelim();
    const { longs, floats: plain, reals } = decode(floats.finish());
    expect(longs).toEqual([-1n, 5n, -7n, 9n]);
    expect(plain).toEqual([0.5]);
    expect([...new Float32Array(reals!.slice().buffer)]).toEqual([1.5, 2.5]);
  });

  it('takes the last of a singular scalar, merges singular messages, keeps the last of a choice', () => {
    const bytes = joinChunks([
      encode({ small: 1, child: { small: 3, names: ['a'] }, left: 4 }),
      encode({ small: 2, child: { long: 5n, names: ['b'] }, right: {} }),
    ]);
    expect(decode(bytes)).toEqual({ small: 2, child: { small: 3, long: 5n, names: ['a', 'b'] }, right: {} });
    expect(decode(joinChunks([encode({ right: {} }), encode({ left: 7 })]))).toEqual({ left: 7 });
  });

  it('tells zero from absent', () => {
    expect(decode(encode({ small: 0, long: 0n, name: '' }))).toEqual({ small: 0, long: 0n, name: '' });
    expect(decode(new Uint8Array(0))).toEqual({});
  });

  it('keeps unknown fields, groups and fields of another wire type as they stood', () => {
    const group = [0x9b, 0x06, 0x08, 0x01, 0x9c, 0x06]; // field 99: a group holding field 1
    const wrongType = [0x0a, 0x01, 0x41]; // field 1, here a varint, with a length
    const fixed = [0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8]; // field 100, 64 bits
    const bytes = Uint8Array.from([...group, ...encode({ small: 5 }), ...wrongType, ...fixed]);
    expect(decode(bytes)).toEqual({ small: 5, unknown: Uint8Array.from([...group, ...wrongType, ...fixed]) });
    expect([...encode(decode(bytes))]).toEqual([...encode({ small: 5 }), ...group, ...wrongType, ...fixed]);
  });

  it('shares large byte fields with its input and its output', () => {
    const data = new Uint8Array(10_000).fill(7);
    const { chunks, byteLength } = messageEncoder(SCHEMA)('All', { child: { data } });
    expect(chunks).toContain(data);
    const bytes = joinChunks(chunks);
    expect(bytes.byteLength).toBe(byteLength);
    const view = decode(bytes).child?.data;
    expect(view).toBeInstanceOf(Uint8Array);
    expect((view as Uint8Array).buffer).toBe(bytes.buffer);
  });

  it('writes ranges of a source without reading them', () => {
    const source = { ...bytesSource('s', new Uint8Array(9)), read: () => expect.unreachable() };
    expect(messageEncoder(SCHEMA)('All', { data: { source, offset: 2, length: 5 } }).byteLength).toBe(7);
  });

  it('says where the outermost message is cut off', () => {
    const whole = encode({ name: 'a name', child: { name: 'inner' } });
    for (let length = 1; length < whole.length; length++) {
      expect(['none', 'wire-truncated']).toContain(failure(whole.subarray(0, length)));
    }
    expect(failure(whole.subarray(0, 3))).toBe('wire-truncated');
    expect(failure(whole.subarray(0, whole.length - 1))).toBe('wire-truncated');
  });

  it.each([
    ['a length beyond the enclosing message', [0x82, 0x01, 0x02, 0x2a, 0x09], 'wire-malformed'],
    ['field number 0', [0x00, 0x01], 'wire-malformed'],
    ['an end of a group that did not begin', [0x9c, 0x06], 'wire-malformed'],
    ['a varint of eleven bytes', [0x10, ...Array(11).fill(0xff)], 'wire-malformed'],
    ['a length above 2 GB', [0x2a, 0xff, 0xff, 0xff, 0xff, 0x7f], 'wire-malformed'],
    ['packed floats that are no multiple of four bytes', [0x42, 0x03, 0, 0, 0], 'wire-malformed'],
    ['groups nested without end', Array(500).fill(0x1b), 'wire-malformed'],
  ])('refuses %s', (_, bytes, code) => {
    expect(failure(Uint8Array.from(bytes))).toBe(code);
  });

  it('bounds the nesting on both sides', () => {
    const nested = (depth: number): All => (depth === 0 ? {} : { child: nested(depth - 1) });
    expect(equalData(decode(encode(nested(MAX_MESSAGE_DEPTH - 1))), nested(MAX_MESSAGE_DEPTH - 1))).toBe(true);
    expect(() => encode(nested(MAX_MESSAGE_DEPTH))).toThrowError(/deeper/);
    let bytes = new Uint8Array(0);
    for (let i = 0; i < MAX_MESSAGE_DEPTH; i++) {
      bytes = Uint8Array.from([0x82, 0x01, ...new Writer().uint32(bytes.length).finish(), ...bytes]);
    }
    expect(failure(bytes)).toBe('wire-malformed');
  });
});
