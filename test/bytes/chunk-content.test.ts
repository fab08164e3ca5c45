import { describe, expect, it } from 'vitest';
import { type ByteRange, bytesSource, chunksSource, joinChunks } from '../../src/bytes/byte-source.ts';
import { equalChunks, fingerprint, PIECE_BYTES, piecesOf } from '../../src/bytes/chunk-content.ts';
import { equalBytes } from '../../src/bytes/equal-bytes.ts';
import { seededRandom } from '../../src/random/seeded-random.ts';
import { countingSource } from './counting-source.ts';

/** Over two pieces, so that the loops over pieces go round. */
const LENGTH = 2 * PIECE_BYTES + 1000;

function randomBytes(length: number, seed = 1): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length }, () => random.integer(256));
}

const BYTES = randomBytes(LENGTH);

function behindSource(bytes: Uint8Array) {
  const { source, counts } = countingSource(bytesSource('source', bytes));
  const range: ByteRange = { source, offset: 0, length: bytes.byteLength };
  return { range, counts };
}

describe('chunks behind a source', () => {
  it('come in pieces that together are the whole', () => {
    const { range, counts } = behindSource(BYTES);
    expect(equalBytes(joinChunks([...piecesOf(range)]), BYTES)).toBe(true);
    expect(counts.largest).toBe(PIECE_BYTES);
    expect(counts.bytes).toBe(LENGTH);
  });

  it('are equal to the same bytes in memory, in pieces', () => {
    const { range, counts } = behindSource(BYTES);
    expect(equalChunks(range, BYTES)).toBe(true);
    expect(counts.largest).toBe(PIECE_BYTES);
  });

  it('differ in any byte, and are read no further than to it', () => {
    for (const at of [0, PIECE_BYTES, LENGTH - 1]) {
      const other = BYTES.slice();
      other[at]! ^= 1;
      const { range, counts } = behindSource(other);
      expect(equalChunks(BYTES, range), `byte ${at}`).toBe(false);
      expect(counts.bytes).toBeLessThanOrEqual(Math.min(LENGTH, at + PIECE_BYTES));
    }
    expect(equalChunks(BYTES, BYTES.subarray(1))).toBe(false);
  });

  it('are not read where both are the same range or differ in length', () => {
    const { range, counts } = behindSource(BYTES);
    expect(equalChunks(range, { ...range })).toBe(true);
    expect(equalChunks(range, { ...range, length: 10 })).toBe(false);
    expect(counts.reads).toBe(0);
  });
});

describe('a fingerprint', () => {
  it('is the same wherever the bytes lie, and reads 1 kB of them', () => {
    const { range, counts } = behindSource(BYTES);
    expect(fingerprint(range)).toBe(fingerprint(BYTES));
    expect(counts.bytes).toBe(1024);
  });

  it('tells apart what differs at the start, in the end, and anywhere in what is short', () => {
    const changed = (bytes: Uint8Array, at: number) => {
      const copy = bytes.slice();
      copy[at]! ^= 1;
      return fingerprint(copy);
    };
    for (const at of [0, LENGTH - 1]) expect(changed(BYTES, at)).not.toBe(fingerprint(BYTES));
    const short = BYTES.subarray(0, 1000);
    for (const at of [0, 500, 999]) expect(changed(short, at)).not.toBe(fingerprint(short));
  });
});

describe('a source over chunks', () => {
  const { range } = behindSource(randomBytes(50, 2));
  const chunks = [randomBytes(30, 3), range, new Uint8Array(0), randomBytes(20, 4)];
  const source = chunksSource('chunks', chunks);

  it('gives any range of them all', () => {
    const whole = joinChunks(chunks);
    expect(source.size).toBe(100);
    for (const [offset, length] of [
      [0, 100],
      [10, 10],
      [25, 60],
      [30, 50],
      [99, 1],
      [100, 0],
    ] as const) {
      expect(source.read(offset, length)).toEqual(whole.subarray(offset, offset + length));
    }
  });

  it('refuses what lies outside', () => {
    expect(() => source.read(90, 11)).toThrow(RangeError);
    expect(() => source.read(-1, 5)).toThrow(RangeError);
  });
});
