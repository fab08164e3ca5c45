import { ELEMENT_TYPES } from './element-types.mjs';
import { decodeHalf } from './half-float.mjs';
import { badRequest } from './request-error.mjs';

/** @import { Elements, HostTensor, Port } from './element-types.mjs' */

/** Deepest nesting that is followed where the model does not declare a rank. */
const MAX_RANK = 16;

/**
 * A tensor from nested JSON lists, checked against what the model declares.
 *
 * @param {unknown} value
 * @param {Port} port
 * @returns {HostTensor}
 * @throws {import('./request-error.mjs').RequestError} 400 on a wrong shape, ragged lists or an element of another type
 */
export function decodeTensor(value, port) {
  const dims = dimensionsOf(value, port);
  // A declaration without dimensions is a scalar's, or one that leaves the rank open; the runtime knows which.
  const fits =
    port.dims.length === 0 ||
    (dims.length === port.dims.length && port.dims.every((dim, i) => typeof dim === 'string' || dim === dims[i]));
  if (!fits) {
    throw badRequest(`input "${port.name}" has shape [${dims.join(', ')}], expected ${shapeText(port.dims)}`);
  }
  const data = /** @type {(number | bigint | string)[]} */ (
    /** @type {unknown} */ (ELEMENT_TYPES[port.dtype].allocate(dims.reduce((count, dim) => count * dim, 1)))
  );
  const { read, expected } = ELEMENT_TYPES[port.dtype];
  let next = 0;
  /** @param {unknown} part @param {number} axis */
  const fill = (part, axis) => {
    if (axis === dims.length) {
      const element = read(part);
      if (element === undefined) {
        throw badRequest(`input "${port.name}" (${port.dtype}) holds ${briefly(part)}, expected ${expected}`);
      }
      data[next++] = element;
      return;
    }
    if (!Array.isArray(part) || part.length !== dims[axis]) {
      const found = Array.isArray(part) ? `a list of ${part.length}` : briefly(part);
      throw badRequest(
        `input "${port.name}" is ragged: on axis ${axis} a list of ${dims[axis]} was expected, found ${found}`,
      );
    }
    for (const item of part) fill(item, axis + 1);
  };
  fill(value, 0);
  return { dtype: port.dtype, dims, data: /** @type {Elements} */ (/** @type {unknown} */ (data)) };
}

/**
 * The lengths of nested lists along their first elements. An empty list ends the walk: the axes behind it are taken from
 * the declaration, 0 where that leaves them open.
 *
 * @param {unknown} value
 * @param {Port} port
 */
function dimensionsOf(value, port) {
  /** @type {number[]} */
  const dims = [];
  const deepest = port.dims.length === 0 ? MAX_RANK : port.dims.length;
  let part = value;
  while (Array.isArray(part) && dims.length <= deepest) {
    dims.push(part.length);
    part = part[0];
  }
  if (dims.at(-1) === 0) {
    for (const dim of port.dims.slice(dims.length)) dims.push(typeof dim === 'number' ? dim : 0);
  }
  return dims;
}

/**
 * A declared shape as text: unknown dimensions are question marks.
 *
 * @param {readonly (number | string)[]} dims
 */
export function shapeText(dims) {
  return `[${dims.map((dim) => (dim === '' ? '?' : dim)).join(', ')}]`;
}

/** @param {unknown} value */
function briefly(value) {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'bigint') return `${value}`;
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/**
 * How to write elements that JSON has no form for: NaN and infinities as bare tokens or as strings, strings as they are
 * or in base64.
 *
 * @typedef {{ nonFinite: 'tokens' | 'strings', base64: boolean }} TextForm
 */

/**
 * A tensor as nested JSON lists; a scalar as its element.
 *
 * @param {HostTensor} tensor
 * @param {TextForm} form
 */
export function tensorText(tensor, form) {
  return nestedText(tensor, 0, 0, form);
}

/**
 * One text per entry of a tensor's first axis.
 *
 * @param {HostTensor} tensor of rank 1 or more
 * @param {TextForm} form
 */
export function rowTexts(tensor, form) {
  const [rows = 0, ...rest] = tensor.dims;
  const step = rest.reduce((count, dim) => count * dim, 1);
  return Array.from({ length: rows }, (_, row) => nestedText(tensor, 1, row * step, form));
}

/**
 * @param {HostTensor} tensor
 * @param {number} axis
 * @param {number} start the first element
 * @param {TextForm} form
 * @returns {string}
 */
function nestedText(tensor, axis, start, form) {
  const [length, ...inner] = tensor.dims.slice(axis);
  if (length === undefined) return elementsText(tensor, start, start + 1, form);
  if (inner.length === 0) return `[${elementsText(tensor, start, start + length, form)}]`;
  const step = inner.reduce((count, dim) => count * dim, 1);
  const items = Array.from({ length }, (_, i) => nestedText(tensor, axis + 1, start + i * step, form));
  return `[${items.join(',')}]`;
}

/**
 * @param {HostTensor} tensor
 * @param {number} start
 * @param {number} end
 * @param {TextForm} form
 */
function elementsText(tensor, start, end, form) {
  const { dtype, data } = tensor;
  if (Array.isArray(data))
    return data
      .slice(start, end)
      .map((text) => stringText(text, form))
      .join(',');
  const part = data.subarray(start, end);
  if (dtype === 'bool')
    return Array.from(/** @type {Uint8Array} */ (part), (bit) => (bit ? 'true' : 'false')).join(',');
  const numbers = dtype === 'float16' ? Float32Array.from(/** @type {Uint16Array} */ (part), decodeHalf) : part;
  const isFloat = numbers instanceof Float32Array || numbers instanceof Float64Array;
  if (isFloat && form.nonFinite === 'strings' && !numbers.every(Number.isFinite)) {
    return Array.from(numbers, (number) => (Number.isFinite(number) ? `${number}` : `"${number}"`)).join(',');
  }
  return numbers.join(',');
}

/**
 * @param {string} text
 * @param {TextForm} form
 */
function stringText(text, form) {
  return form.base64 ? `{"b64":"${Buffer.from(text).toString('base64')}"}` : JSON.stringify(text);
}
