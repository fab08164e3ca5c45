import { ELEMENT_TYPES } from './element-types.mjs';

/** @import { Elements, HostTensor } from './element-types.mjs' */
/** @import { Feed } from './predict-message.mjs' */

/**
 * Rows of a feed whose inputs all have the same first dimension; undefined where they have not.
 *
 * @param {Feed} feed
 */
export function rowsOf(feed) {
  const lengths = new Set([...feed.values()].map(({ dims }) => dims[0]));
  return lengths.size === 1 ? [...lengths][0] : undefined;
}

/**
 * Joins feeds along the first axis. Their other dimensions have to agree.
 *
 * @param {readonly Feed[]} feeds
 * @returns {Feed}
 */
export function concatFeeds(feeds) {
  const [first] = feeds;
  if (first === undefined || feeds.length === 1) return first ?? new Map();
  return new Map(
    [...first].map(([name, { dtype }]) => {
      const parts = feeds.map((feed) => /** @type {HostTensor} */ (feed.get(name)));
      return [name, { dtype, dims: joinedDims(parts), data: joinedData(parts) }];
    }),
  );
}

/** @param {readonly HostTensor[]} parts */
function joinedDims(parts) {
  const rows = parts.reduce((sum, { dims }) => sum + (dims[0] ?? 0), 0);
  return [rows, ...(parts[0]?.dims.slice(1) ?? [])];
}

/**
 * @param {readonly HostTensor[]} parts of one type
 * @returns {Elements}
 */
function joinedData(parts) {
  const dtype = parts[0]?.dtype ?? 'float32';
  if (dtype === 'string') return parts.flatMap(({ data }) => /** @type {string[]} */ (data));
  const total = parts.reduce((sum, { data }) => sum + data.length, 0);
  const joined = /** @type {Uint8Array} */ (ELEMENT_TYPES[dtype].allocate(total));
  let at = 0;
  for (const { data } of parts) {
    joined.set(/** @type {Uint8Array} */ (data), at);
    at += data.length;
  }
  return joined;
}

/**
 * Cuts a feed into runs of `counts` rows along the first axis, in order. Each part has memory of its own.
 *
 * @param {Feed} feed whose tensors all have as many rows as `counts` add up to
 * @param {readonly number[]} counts
 * @returns {Feed[]}
 */
export function splitFeed(feed, counts) {
  if (counts.length === 1) return [feed];
  let row = 0;
  return counts.map((count) => {
    const start = row;
    row += count;
    return new Map([...feed].map(([name, tensor]) => [name, sliceRows(tensor, start, count)]));
  });
}

/**
 * @param {HostTensor} tensor
 * @param {number} start
 * @param {number} count
 * @returns {HostTensor}
 */
function sliceRows({ dtype, dims, data }, start, count) {
  const step = dims.slice(1).reduce((product, dim) => product * dim, 1);
  return { dtype, dims: [count, ...dims.slice(1)], data: data.slice(start * step, (start + count) * step) };
}

/**
 * The memory of tensors, each block once, to hand over instead of copy. An output that is an input passed through may
 * share its block with another.
 *
 * @param {Feed} tensors
 */
export function buffersOf(tensors) {
  /** @type {Set<ArrayBuffer>} */
  const buffers = new Set();
  for (const { data } of tensors.values()) {
    if (!Array.isArray(data) && data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength) {
      buffers.add(data.buffer);
    }
  }
  return [...buffers];
}
