import { elementCount } from '../ir/tensor.ts';

/** A dimension as a model declares it: a number, a name, or unknown. */
type Dim = number | string | undefined;

/** How the elements of one row are ordered in the tensor. */
export type AxisOrder = 'same' | 'hwc-to-chw' | 'chw-to-hwc';

/** How rows of an array become one input of the model. */
export interface Fit {
  /** Rows that one sample takes: the model's batch where it is fixed, else 1. */
  readonly rowsPerSample: number;
  /** Dimensions of the tensor, batch included. */
  readonly dims: readonly number[];
  readonly order: AxisOrder;
}

/** Channel counts that images have. */
export const IMAGE_CHANNELS: readonly number[] = [1, 3, 4];

/**
 * How rows of dimensions `row` fill an input of dimensions `port`, or undefined where they do not in one clear way.
 *
 * In order of preference: as they are, with the batch axis in front or already there (where it is fixed or 1); with axes of size 1 added or
 * removed; flattened into one axis or unfolded from one; images with their channels moved, which `order` says or
 * forbids where both readings are possible. Never by reading the same elements under other dimensions of the same rank.
 */
export function fitRow(row: readonly number[], port: readonly Dim[], order?: AxisOrder): Fit | undefined {
  if (port.length === 0) return elementCount(row) === 1 ? { rowsPerSample: 1, dims: [], order: 'same' } : undefined;
  const rowsPerSample = typeof port[0] === 'number' ? port[0] : 1;
  if (rowsPerSample < 1) return undefined;
  const rest = port.slice(1);
  const batched = (dims: readonly number[] | undefined, by: AxisOrder = 'same'): Fit | undefined =>
    dims === undefined ? undefined : { rowsPerSample, dims: [rowsPerSample, ...dims], order: by };
  if (order !== undefined && order !== 'same') return batched(moved(row, rest, order, true), order);
  if (matches(row, rest)) return batched(row);
  const ownBatch = typeof port[0] === 'number' || row[0] === 1;
  if (ownBatch && matches(row, port)) return { rowsPerSample: 1, dims: row, order: 'same' };
  const reshaped = modulo1(row, rest) ?? folded(row, rest);
  if (reshaped !== undefined || order === 'same') return batched(reshaped);
  return (
    batched(moved(row, rest, 'hwc-to-chw', false), 'hwc-to-chw') ??
    batched(moved(row, rest, 'chw-to-hwc', false), 'chw-to-hwc')
  );
}

/** Dimensions as text: `[N, 3, ?, 224]`. */
export function dimsText(dims: readonly Dim[]): string {
  return `[${dims.map((dim) => dim ?? '?').join(', ')}]`;
}

/** Whether a name stands for a size of its own, rather than for not knowing it. */
export function isSymbol(dim: Dim): dim is string {
  return typeof dim === 'string' && dim !== '' && dim !== '?' && dim !== 'None';
}

function matches(found: readonly number[], expected: readonly Dim[]): boolean {
  return found.length === expected.length && expected.every((dim, i) => typeof dim !== 'number' || dim === found[i]);
}

/** The expected dimensions with found ones in the place of symbols, when they differ in axes of size 1 alone. */
function modulo1(found: readonly number[], expected: readonly Dim[]): readonly number[] | undefined {
  const sizes = found.filter((dim) => dim !== 1);
  const open = expected.filter((dim) => dim !== 1);
  const filled = sizes.length === 0 ? open.map(() => 1) : sizes;
  if (!matches(filled, open)) return undefined;
  let at = 0;
  return expected.map((dim) => (dim === 1 ? 1 : filled[at++]!));
}

function folded(found: readonly number[], expected: readonly Dim[]): readonly number[] | undefined {
  const known = expected.every((dim) => typeof dim === 'number') ? (expected as readonly number[]) : undefined;
  if (known === undefined || elementCount(known) !== elementCount(found)) return undefined;
  const flat = (dims: readonly number[]): boolean => dims.filter((dim) => dim !== 1).length <= 1;
  return flat(found) || flat(known) ? known : undefined;
}

/** The row's dimensions with the channels moved, when the input takes them; unless told, only at a known channel count. */
function moved(
  [a, b, c, ...more]: readonly number[],
  expected: readonly Dim[],
  order: 'hwc-to-chw' | 'chw-to-hwc',
  told: boolean,
): readonly number[] | undefined {
  if (a === undefined || b === undefined || c === undefined || more.length > 0) return undefined;
  const dims = order === 'hwc-to-chw' ? [c, a, b] : [b, c, a];
  const channels = order === 'hwc-to-chw' ? 0 : 2;
  const known = expected[channels] === dims[channels] && IMAGE_CHANNELS.includes(dims[channels]!);
  return (told || known) && matches(dims, expected) ? dims : undefined;
}
