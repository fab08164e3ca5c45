import type { Random } from '../../../src/random/seeded-random.ts';
import { pick } from '../graphs/random-values.ts';

/** Bytes that lengths, tags and signs turn on. */
const ODD_BYTES = [0, 1, 8, 10, 18, 0x7f, 0x80, 0xff, 0xfe];

/** Changes bytes without regard to what they mean: some set, a run dropped, doubled or moved, the end cut off. */
export function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return bytes;
  const at = random.integer(bytes.length);
  const length = Math.min(1 + random.integer(32), bytes.length - at);
  const run = bytes.subarray(at, at + length);
  switch (random.integer(6)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at + length), run, bytes.subarray(at + length)]);
    case 3: {
      const to = random.integer(bytes.length);
      return Buffer.concat([bytes.subarray(0, to), run, bytes.subarray(to)]);
    }
    default: {
      const changed = bytes.slice();
      for (let count = 1 + random.integer(4); count > 0; count--) {
        const index = random.integer(changed.length);
        changed[index] = random.integer(2) === 0 ? pick(random, ODD_BYTES) : changed[index]! ^ (1 << random.integer(8));
      }
      return changed;
    }
  }
}
