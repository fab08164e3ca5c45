/**
 * A tensor as it crosses to and from the runtime: float16 as bit patterns, bool as 0 and 1.
 *
 * @typedef {Float32Array | Float64Array | Uint16Array | Int8Array | Int16Array | Int32Array | BigInt64Array | Uint8Array
 *   | Uint32Array | BigUint64Array | string[]} Elements
 * @typedef {{ readonly type: string, readonly dims: readonly number[], readonly data: Elements }} Tensor
 *
 * An input or output of the model: sizes, names of open sizes, and null for unknown ones.
 * @typedef {{ readonly name: string, readonly type: string, readonly shape: readonly (number | string | null)[] }} Port
 */

// A module, so that others can import the types.
export {};
