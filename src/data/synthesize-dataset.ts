import { createHash } from 'node:crypto';
import { fail } from '../diagnostics/modelpress-error.ts';
import { bitsOf, type DataType, isFloat, isInteger, kindOf } from '../ir/dtype.ts';
import { elementCount, stringTensor, type Tensor, tensorFromNumbers } from '../ir/tensor.ts';
import { type Random, seededRandom } from '../random/seeded-random.ts';
import type { Port } from '../runtime/session.ts';
import { batchAxis } from './batch-axis.ts';
import { layoutOf } from './channel-axis.ts';
import type { Dataset } from './dataset.ts';
import { dimsText, isSymbol } from './fit-shape.ts';
import { indexedDataset, makeSample } from './indexed-dataset.ts';

/** What is known about one input when its values are made up. */
export interface SyntheticHint {
  /** Dimensions; default: the model's, with `sizes` for those it leaves open. */
  readonly dims?: readonly number[];
  /** Uniform between the two, the second excluded for floats and included for integers. */
  readonly range?: readonly [number, number];
  /** Normal with this mean and standard deviation; floats only. */
  readonly normal?: readonly [number, number];
  /** Every element is this. */
  readonly value?: number;
}

/** How to make up a dataset. */
export interface SyntheticOptions {
  readonly seed: number;
  readonly samples: number;
  /** By the name of the input. */
  readonly hints?: Readonly<Record<string, SyntheticHint>>;
  /** Sizes of the model's symbols, such as `{ seq: 128 }`. */
  readonly sizes?: Readonly<Record<string, number>>;
}

/** Size of an axis that the model leaves open: long enough that windows and convolutions have something to work on. */
const OPEN_SIZE = 16;

/** Height and width of images where the model leaves them open: twice the usual total stride of 32. */
const OPEN_IMAGE_SIZE = 64;

/** Samples of a waveform, a float input of two open axes: 32 ms at 16 kHz, which streaming models take at a time. */
const OPEN_WAVEFORM_SIZE = 512;

/** Integers wider than a byte are below this: they mostly index tables, of which even small ones have as many rows. */
const SMALL_INTEGER_LIMIT = 8;

const ALPHABET = 'abcdefgh';

/** Most elements of one sample, 1 GiB of floats: a larger one comes from a symbol bound to a wrong size. */
const ELEMENT_LIMIT = 2 ** 28;

/** Inputs whose names say that they are no free data: masks of what counts, types of tokens, rates in Hz. */
const NAMED_VALUES: readonly (readonly [RegExp, number])[] = [
  [/mask$/i, 1],
  [/token_type/i, 0],
  [/^(sr|sampl(e|ing)_?rate)$/i, 16_000],
];

/**
 * Samples made up from a seed: floats from the standard normal distribution, bytes over their whole range, wider
 * integers from 0 to 7, truth values by coin, texts of one to four letters. Axes that the model leaves open are 1 for
 * the batch, 64 for the sides of images, 512 for waveforms, else 16; a symbol has one size throughout.
 *
 * Good for calibrating when there is no data, and for telling whether two models agree; says nothing about accuracy.
 *
 * @throws ModelpressError `data-synthetic` on an input that is no tensor, a sample that is too large, or a hint that
 *   does not fit.
 */
export function synthesizeDataset(inputs: readonly Port[], options: SyntheticOptions): Dataset {
  const { seed, samples, hints = {} } = options;
  if (!Number.isInteger(samples) || samples < 1) return invalid('samples', `${samples} is no number of samples`);
  const stranger = Object.keys(hints).find((name) => !inputs.some((port) => port.name === name));
  if (stranger !== undefined) {
    invalid(stranger, `a hint is given for it, but the inputs are ${inputs.map((port) => port.name).join(', ')}`);
  }
  const symbols = symbolSizes(inputs, options);
  const plans = inputs.map((port) => ({
    port,
    dims: boundDims(port, symbols, hints[port.name]?.dims),
    hint: hintFor(port, hints[port.name]),
  }));
  const identity = JSON.stringify([seed, samples, plans]);
  return indexedDataset({
    label: `synthetic data (seed ${seed})`,
    origin: 'synthetic',
    size: samples,
    sha256: createHash('sha256').update(identity).digest('hex'),
    notes: [],
    read(index) {
      const random = seededRandom((Math.imul(seed, 0x9e3779b1) + Math.imul(index + 1, 0x85ebca6b)) >>> 0);
      const feed = new Map<string, Tensor>();
      for (const { port, dims, hint } of plans) feed.set(port.name, randomTensor(port, dims, hint, random));
      return makeSample(feed);
    },
  });
}

/** The size of each symbol: as said, as a hint's dimensions have it, or by where the model first has it. */
function symbolSizes(
  inputs: readonly Port[],
  { hints = {}, sizes = {} }: SyntheticOptions,
): ReadonlyMap<string, number> {
  const bound = new Map(Object.entries(sizes));
  const bind = (symbol: Port['dims'][number], size: number | undefined): void => {
    if (isSymbol(symbol) && size !== undefined && !bound.has(symbol)) bound.set(symbol, size);
  };
  for (const { name, dims } of inputs) for (const [axis, dim] of dims.entries()) bind(dim, hints[name]?.dims?.[axis]);
  for (const { dims } of inputs) bind(dims[batchAxis(dims)], 1);
  for (const port of inputs) for (const dim of port.dims) bind(dim, openSize(port));
  return bound;
}

function openSize({ dtype, dims }: Port): number {
  if (layoutOf(dims) !== undefined) return OPEN_IMAGE_SIZE;
  const waveform = dims.length === 2 && dtype !== 'non-tensor' && isFloat(dtype);
  return waveform ? OPEN_WAVEFORM_SIZE : OPEN_SIZE;
}

function boundDims(port: Port, symbols: ReadonlyMap<string, number>, given?: readonly number[]): readonly number[] {
  const dims = port.dims.map((dim, axis) => {
    if (typeof dim === 'number') return dim;
    const bound = isSymbol(dim) ? symbols.get(dim) : undefined;
    return given?.[axis] ?? bound ?? (axis === batchAxis(port.dims) ? 1 : openSize(port));
  });
  if (given !== undefined && (given.length !== dims.length || given.some((dim, axis) => dim !== dims[axis]))) {
    invalid(port.name, `the hint gives ${dimsText(given)}, the model takes ${dimsText(port.dims)}`);
  }
  if (elementCount(dims) > ELEMENT_LIMIT)
    invalid(port.name, `${dimsText(dims)} is more than ${ELEMENT_LIMIT} elements`);
  return dims;
}

function hintFor(port: Port, hint: SyntheticHint = {}): SyntheticHint {
  if (port.dtype === 'non-tensor' || kindOf(port.dtype) === 'complex') {
    return invalid(port.name, `values of ${port.dtype} are not made up`);
  }
  if (hint.range !== undefined || hint.normal !== undefined || hint.value !== undefined || !isInteger(port.dtype))
    return hint;
  const named = NAMED_VALUES.find(([pattern]) => pattern.test(port.name));
  if (named !== undefined) return { ...hint, value: named[1] };
  const bits = bitsOf(port.dtype);
  if (bits > 8) return { ...hint, range: [0, SMALL_INTEGER_LIMIT - 1] };
  const signed = kindOf(port.dtype) === 'int';
  return { ...hint, range: signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1] };
}

function randomTensor(port: Port, dims: readonly number[], hint: SyntheticHint, random: Random): Tensor {
  const count = elementCount(dims);
  if (port.dtype === 'string')
    return stringTensor(
      dims,
      Array.from({ length: count }, () => randomText(random)),
    );
  const dtype = port.dtype as DataType;
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = randomNumber(dtype, hint, random);
  try {
    return tensorFromNumbers(dtype, dims, values);
  } catch (cause) {
    return invalid(port.name, `the hint gives values that ${dtype} cannot hold`, cause);
  }
}

function randomNumber(dtype: DataType, { range, normal, value }: SyntheticHint, random: Random): number {
  if (value !== undefined) return value;
  if (range !== undefined) {
    const [low, high] = range;
    return isInteger(dtype) ? low + random.integer(high - low + 1) : low + random.next() * (high - low);
  }
  if (kindOf(dtype) === 'bool') return random.integer(2);
  const [mean, deviation] = normal ?? [0, 1];
  return mean + deviation * random.normal();
}

function randomText(random: Random): string {
  return Array.from({ length: 1 + random.integer(4) }, () => ALPHABET[random.integer(ALPHABET.length)]).join('');
}

function invalid(at: string, message: string, cause?: unknown): never {
  return fail(
    {
      code: 'data-synthetic',
      at,
      message,
      hint: 'Give real data, or hints for the input: dims, range, normal or value; and sizes for symbols.',
    },
    cause,
  );
}
