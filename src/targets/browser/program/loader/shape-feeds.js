import { LoadError } from './load-error.js';

/** @import { Elements, Port, Tensor } from './tensor.js' */

/**
 * An input's value as callers give it: elements alone where the shape follows, or with their dimensions.
 *
 * @typedef {Elements | readonly (number | bigint | boolean | string)[]} FeedElements
 * @typedef {FeedElements | { readonly data: FeedElements, readonly dims?: readonly number[] }} FeedValue
 */

/**
 * How the elements of a type are held, and made from plain values; undefined where they are not.
 *
 * @typedef {readonly [holder: { readonly name: string, readonly prototype: Elements },
 *   from?: (values: readonly unknown[]) => Elements]} HolderRow
 */

/** @type {Readonly<Record<string, HolderRow>>} */
const HOLDERS = {
  float32: [Float32Array, (values) => Float32Array.from(values, number)],
  float64: [Float64Array, (values) => Float64Array.from(values, number)],
  float16: [Uint16Array],
  int8: [Int8Array, (values) => exact(Int8Array, values.map(number))],
  uint8: [Uint8Array, (values) => exact(Uint8Array, values.map(number))],
  int16: [Int16Array, (values) => exact(Int16Array, values.map(number))],
  uint16: [Uint16Array, (values) => exact(Uint16Array, values.map(number))],
  int32: [Int32Array, (values) => exact(Int32Array, values.map(number))],
  uint32: [Uint32Array, (values) => exact(Uint32Array, values.map(number))],
  int64: [BigInt64Array, (values) => exact(BigInt64Array, values.map(bigint))],
  uint64: [BigUint64Array, (values) => exact(BigUint64Array, values.map(bigint))],
  bool: [Uint8Array, (values) => Uint8Array.from(values, number)],
};

/**
 * Turns what a caller gives into tensors of the model's types and shapes.
 *
 * @param {readonly Port[]} inputs
 * @param {Readonly<Record<string, FeedValue>>} feeds
 * @returns {Record<string, Tensor>}
 */
export function shapeFeeds(inputs, feeds) {
  if (typeof feeds !== 'object' || feeds === null) {
    throw new LoadError('feed-type', 'predict takes an object with a value for each input by its name');
  }
  for (const name of Object.keys(feeds)) {
    if (inputs.some((input) => input.name === name)) continue;
    const known = inputs.map((input) => `'${input.name}'`).join(', ');
    throw new LoadError('feed-unknown', `the model has no input '${name}'; it has ${known}`);
  }
  return Object.fromEntries(
    inputs.map((input) => {
      const value = Object.hasOwn(feeds, input.name) ? feeds[input.name] : undefined;
      if (value === undefined || value === null)
        throw new LoadError('feed-missing', `no value for input '${input.name}'`);
      return [input.name, tensorOf(input, value)];
    }),
  );
}

/**
 * @param {Port} input
 * @param {FeedValue} value
 * @returns {Tensor}
 */
function tensorOf(input, value) {
  const given = typeof value === 'object' && 'data' in value ? value : { data: value };
  const data = elementsOf(input, given.data);
  const dims = 'dims' in given && given.dims !== undefined ? given.dims : dimsOf(input, data.length);
  const count = dims.reduce((product, size) => product * size, 1);
  const fits =
    dims.length === input.shape.length &&
    dims.every((size, axis) =>
      typeof input.shape[axis] === 'number' ? input.shape[axis] === size : Number.isSafeInteger(size) && size >= 0,
    );
  if (!fits || count !== data.length) {
    throw new LoadError(
      'feed-shape',
      `input '${input.name}' takes [${shown(input.shape)}], got ${data.length} elements as [${dims.join(', ')}]`,
    );
  }
  return { type: input.type, dims, data };
}

/**
 * @param {Port} input
 * @param {FeedElements} data
 * @returns {Elements}
 */
function elementsOf({ name, type }, data) {
  if (type === 'string') {
    if (Array.isArray(data) && data.every((item) => typeof item === 'string')) return data;
    throw new LoadError('feed-type', `input '${name}' takes an array of strings`);
  }
  const row = Object.hasOwn(HOLDERS, type) ? HOLDERS[type] : undefined;
  if (row === undefined)
    throw new LoadError('feed-type', `input '${name}' is of type ${type}, which no value here has`);
  const [holder, from] = row;
  if (data instanceof Object && Object.getPrototypeOf(data) === holder.prototype) return /** @type {Elements} */ (data);
  if (Array.isArray(data) && from !== undefined) {
    try {
      return from(data);
    } catch (error) {
      throw new LoadError('feed-type', `input '${name}' takes ${type}: ${String(error)}`, { cause: error });
    }
  }
  const got = data instanceof Object ? `a ${data.constructor.name}` : String(data);
  throw new LoadError('feed-type', `input '${name}' takes ${type} in a ${holder.name}, got ${got}`);
}

/**
 * A plain number; anything else would silently become NaN, nested arrays too.
 *
 * @param {unknown} value
 */
function number(value) {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return Number(value);
  throw new TypeError(Array.isArray(value) ? 'give the elements in one flat array' : `${value} is no number`);
}

/**
 * Integers in a typed array, which would let those that do not fit wrap around.
 *
 * @template {number | bigint} Value
 * @template {Elements & ArrayLike<Value>} Held
 * @param {{ from(values: readonly Value[]): Held }} holder
 * @param {readonly Value[]} values
 */
function exact(holder, values) {
  const elements = holder.from(values);
  const at = values.findIndex((value, i) => elements[i] !== value);
  if (at >= 0) throw new RangeError(`${values[at]} does not fit`);
  return elements;
}

/** @param {unknown} value */
function bigint(value) {
  return BigInt(/** @type {bigint | number | string} */ (value));
}

/**
 * The dimensions that follow from a number of elements, where at most one is open.
 *
 * @param {Port} input
 * @param {number} count
 */
function dimsOf({ name, shape }, count) {
  const open = shape.filter((size) => typeof size !== 'number');
  const known = shape.reduce(
    (/** @type {number} */ product, size) => product * (typeof size === 'number' ? size : 1),
    1,
  );
  const rest = count / known;
  if (open.length > 1 || (open.length === 1 && !Number.isSafeInteger(rest))) {
    throw new LoadError(
      'feed-shape',
      `input '${name}' takes [${shown(shape)}]: ${count} elements do not tell its shape; give { data, dims }`,
    );
  }
  return shape.map((size) => (typeof size === 'number' ? size : rest));
}

/** @param {readonly (number | string | null)[]} shape */
function shown(shape) {
  return shape.map((size) => size ?? '?').join(', ');
}
