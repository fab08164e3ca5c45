import { ELEMENT_TYPES } from './element-types.mjs';
import { encodeHalf } from './half-float.mjs';

/** @import { Elements, Port } from './element-types.mjs' */
/** @import { Feed } from './predict-message.mjs' */
/** @import { Manifest } from './manifest.mjs' */

/**
 * Sizes to try for dimensions that a model leaves open, in this order: a length that most sequence models and strided
 * convolutional ones take, then smaller and larger ones.
 */
export const OPEN_SIZES = /** @type {const} */ ([64, 1, 16, 224, 320, 16_000]);

/**
 * A made-up input for warming a model up: floats inside of the range that the manifest records (else 0 to 1), whole
 * numbers 0 or 1, which any vocabulary holds, short strings. The same seed gives the same values.
 *
 * @param {readonly Port[]} ports
 * @param {{ rows: number, open: number, seed: number, hints: Manifest | undefined }} options `rows` is the size
 *   of an open first dimension, `open` of every other that the manifest has no example for
 * @returns {Feed}
 */
export function sampleFeed(ports, { rows, open, seed, hints }) {
  const random = randomNumbers(seed);
  return new Map(
    ports.map((port) => {
      const example = hints?.exampleShapes?.[port.name];
      const dims = port.dims.map((dim, axis) => {
        if (typeof dim === 'number') return dim;
        return axis === 0 ? rows : (example?.[axis] ?? open);
      });
      const count = dims.reduce((product, dim) => product * dim, 1);
      return [
        port.name,
        { dtype: port.dtype, dims, data: sampleData(port, count, hints?.inputRanges?.[port.name], random) },
      ];
    }),
  );
}

/**
 * @param {Port} port
 * @param {number} count
 * @param {{ readonly min: number, readonly max: number } | undefined} range
 * @param {() => number} random
 * @returns {Elements}
 */
function sampleData({ dtype }, count, range, random) {
  const { min, max } = range ?? { min: 0, max: 1 };
  const data = /** @type {(number | bigint | string)[]} */ (
    /** @type {unknown} */ (ELEMENT_TYPES[dtype].allocate(count))
  );
  for (let i = 0; i < count; i++) {
    const draw = random();
    switch (dtype) {
      case 'string':
        data[i] = draw < 0.5 ? 'a' : 'b';
        break;
      case 'float32':
      case 'float64':
        data[i] = min + draw * (max - min);
        break;
      case 'float16':
        data[i] = encodeHalf(min + draw * (max - min));
        break;
      case 'int64':
      case 'uint64':
        data[i] = draw < 0.5 ? 0n : 1n;
        break;
      default:
        data[i] = draw < 0.5 ? 0 : 1;
    }
  }
  return /** @type {Elements} */ (/** @type {unknown} */ (data));
}

/**
 * Numbers in [0, 1) by the mulberry32 generator.
 *
 * @param {number} seed
 */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
