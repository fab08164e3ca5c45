import { decodeHalf, encodeHalf } from './half-float.mjs';

/**
 * @typedef {'float32' | 'float64' | 'float16' | 'int8' | 'int16' | 'int32' | 'int64' | 'uint8' | 'uint16' | 'uint32'
 *   | 'uint64' | 'bool' | 'string'} ElementType
 *
 * The elements of a tensor: float16 as bit patterns, bool as 0 and 1.
 * @typedef {Float32Array | Float64Array | Uint16Array | Int8Array | Int16Array | Int32Array | BigInt64Array | Uint8Array
 *   | Uint32Array | BigUint64Array | string[]} Elements
 *
 * @typedef {{ readonly dtype: ElementType, readonly dims: readonly number[], readonly data: Elements }} HostTensor
 *
 * An input or output as the model declares it; a dimension is a number, a name, or '' for an unknown one.
 * @typedef {{ readonly name: string, readonly dtype: ElementType, readonly dims: readonly (number | string)[] }} Port
 *
 * @typedef {object} ElementTypeRow
 * @property {string} tensorflow the name in TensorFlow's DataType
 * @property {string} expected what a JSON value has to be, for messages
 * @property {(count: number) => Elements} allocate
 * @property {(value: unknown) => number | bigint | string | undefined} read a JSON value as an element; undefined where
 *   it is none
 */

/** @type {Readonly<Record<ElementType, ElementTypeRow>>} */
export const ELEMENT_TYPES = {
  float32: float('DT_FLOAT', (count) => new Float32Array(count), Math.fround),
  float64: float(
    'DT_DOUBLE',
    (count) => new Float64Array(count),
    (value) => value,
  ),
  float16: {
    ...float('DT_HALF', (count) => new Uint16Array(count), roundToHalf),
    read: (value) => {
      const number = readFloat(value, roundToHalf);
      return number === undefined ? undefined : encodeHalf(number);
    },
  },
  int8: integer('DT_INT8', (count) => new Int8Array(count), -(2 ** 7), 2 ** 7 - 1),
  int16: integer('DT_INT16', (count) => new Int16Array(count), -(2 ** 15), 2 ** 15 - 1),
  int32: integer('DT_INT32', (count) => new Int32Array(count), -(2 ** 31), 2 ** 31 - 1),
  int64: wideInteger('DT_INT64', (count) => new BigInt64Array(count), -(2n ** 63n), 2n ** 63n - 1n),
  uint8: integer('DT_UINT8', (count) => new Uint8Array(count), 0, 2 ** 8 - 1),
  uint16: integer('DT_UINT16', (count) => new Uint16Array(count), 0, 2 ** 16 - 1),
  uint32: integer('DT_UINT32', (count) => new Uint32Array(count), 0, 2 ** 32 - 1),
  uint64: wideInteger('DT_UINT64', (count) => new BigUint64Array(count), 0n, 2n ** 64n - 1n),
  bool: {
    tensorflow: 'DT_BOOL',
    expected: 'true or false',
    allocate: (count) => new Uint8Array(count),
    read: (value) => (typeof value === 'boolean' ? Number(value) : undefined),
  },
  string: {
    tensorflow: 'DT_STRING',
    expected: 'a string, or {"b64": "..."} that holds UTF-8',
    allocate: (count) => new Array(count).fill(''),
    read: readString,
  },
};

/**
 * @param {string} name
 * @returns {name is ElementType}
 */
export function isElementType(name) {
  return Object.hasOwn(ELEMENT_TYPES, name);
}

/**
 * @param {string} tensorflow
 * @param {(count: number) => Elements} allocate
 * @param {(value: number) => number} round to the nearest value of the type
 * @returns {ElementTypeRow}
 */
function float(tensorflow, allocate, round) {
  return {
    tensorflow,
    expected: 'a number that the type can hold, NaN, Infinity or -Infinity',
    allocate,
    read: (value) => readFloat(value, round),
  };
}

/**
 * @param {unknown} value
 * @param {(value: number) => number} round
 */
function readFloat(value, round) {
  if (typeof value === 'number' || typeof value === 'bigint') {
    const number = Number(value);
    return Number.isFinite(number) && !Number.isFinite(round(number)) ? undefined : number;
  }
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined;
}

/** @param {number} value */
function roundToHalf(value) {
  return decodeHalf(encodeHalf(value));
}

/**
 * @param {string} tensorflow
 * @param {(count: number) => Elements} allocate
 * @param {number} min
 * @param {number} max
 * @returns {ElementTypeRow}
 */
function integer(tensorflow, allocate, min, max) {
  return {
    tensorflow,
    expected: `a whole number from ${min} to ${max}`,
    allocate,
    read: (value) =>
      Number.isInteger(value) && Number(value) >= min && Number(value) <= max ? Number(value) : undefined,
  };
}

/**
 * @param {string} tensorflow
 * @param {(count: number) => Elements} allocate
 * @param {bigint} min
 * @param {bigint} max
 * @returns {ElementTypeRow}
 */
function wideInteger(tensorflow, allocate, min, max) {
  return {
    tensorflow,
    expected: `a whole number from ${min} to ${max}`,
    allocate,
    read: (value) => {
      if (typeof value !== 'bigint' && !Number.isInteger(value)) return undefined;
      const wide = BigInt(/** @type {bigint | number} */ (value));
      return wide >= min && wide <= max ? wide : undefined;
    },
  };
}

/** @param {unknown} value */
function readString(value) {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || !('b64' in value) || typeof value.b64 !== 'string')
    return undefined;
  if (Object.keys(value).length !== 1 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value.b64)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(value.b64, 'base64'));
  } catch {
    return undefined;
  }
}
