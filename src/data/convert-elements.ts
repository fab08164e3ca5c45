import { fail } from '../diagnostics/modelpress-error.ts';
import { bitsOf, type DataType, isFloat, isInteger, kindOf } from '../ir/dtype.ts';
import { decodeNarrowFloat, encodeNarrowFloat, isNarrowFloat } from '../ir/float-formats.ts';
import { type ElementArray, elements, stringTensor, type Tensor, tensorFromElements } from '../ir/tensor.ts';
import { type Elements, isText } from './row-array.ts';

/** A number for every element to be changed by: `(x * scale - mean) / std`, per channel. */
export interface Affine {
  readonly scale: number;
  /** One per channel, or one. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Elements of a channel that lie next to each other. */
  readonly channelStride: number;
  readonly channels: number;
}

/** How elements become an input of the model. */
export interface Conversion {
  readonly from: DataType;
  readonly to: DataType;
  /** Dimensions of the tensor. */
  readonly dims: readonly number[];
  /** Where each element of the tensor comes from; absent where the order stays. */
  readonly gather?: Int32Array;
  readonly affine?: Affine;
  readonly allowNonFinite: boolean;
  /** The input's name and the dataset's, for messages. */
  readonly input: string;
  readonly at: string;
}

/**
 * The tensor of one input from the elements of one sample; shares their memory where nothing changes.
 *
 * Floats are rounded to the type asked for. Everything else must fit exactly: integers in range, and no fraction where
 * an integer is asked for.
 *
 * @throws ModelpressError `data-non-finite` on NaN and infinities, `data-lossy` on a value that the type cannot hold,
 *   `data-dtype` where text meets numbers; each names the sample, the input and the index.
 */
export function convertElements(values: Elements, sample: number, conversion: Conversion): Tensor {
  const { from, to, dims, gather, affine, allowNonFinite } = conversion;
  if (isText(values)) {
    if (to !== 'string') return mismatch(conversion);
    return stringTensor(dims, gather === undefined ? values : Array.from(gather, (at) => values[at]!));
  }
  if (to === 'string') return mismatch(conversion);
  const unchanged = from === to && gather === undefined && affine === undefined;
  if (unchanged && !(isFloat(from) && !allowNonFinite)) return tensorFromElements(to, dims, values);
  if ((to === 'int64' || to === 'uint64') && affine === undefined && isWide(values)) {
    return wideTensor(values, sample, conversion);
  }
  const numbers = plainNumbers(values, sample, conversion);
  if (!allowNonFinite) refuseNonFinite(numbers, sample, conversion);
  if (unchanged) return tensorFromElements(to, dims, values);
  if (to === 'float32') return floatTensor(numbers, sample, conversion);
  const ready = gather === undefined && affine === undefined ? numbers : arranged(numbers, conversion, Float64Array);
  const out = emptyArray(to, ready.length);
  for (let i = 0; i < ready.length; i++) {
    const value = ready[i]!;
    store(out, i, value, to);
    if (!held(out, i, value, conversion)) refuse(value, i, sample, conversion);
  }
  return tensorFromElements(to, dims, out);
}

/** The path that nearly all data takes: what rounding keeps is checked for whole numbers above 24 bits and overflow. */
function floatTensor(numbers: NumberArray, sample: number, conversion: Conversion): Tensor {
  const { from, dims, affine, gather } = conversion;
  const out = arranged(numbers, conversion, Float32Array);
  if (affine === undefined && isInteger(from) && bitsOf(from) > 16) {
    for (let i = 0; i < out.length; i++) {
      const value = numbers[gather === undefined ? i : gather[i]!]!;
      if (out[i] !== value) refuse(value, i, sample, conversion);
    }
  } else if (!conversion.allowNonFinite && (affine !== undefined || from === 'float64')) {
    const lost = out.findIndex((value) => !Number.isFinite(value));
    if (lost >= 0) refuse(numbers[gather === undefined ? lost : gather[lost]!]!, lost, sample, conversion);
  }
  return tensorFromElements('float32', dims, out);
}

/** The elements in the tensor's order, changed by the affine; rounded where the array asked for is of 32 bits. */
function arranged<T extends Float32Array | Float64Array>(
  numbers: NumberArray,
  { gather, affine }: Conversion,
  FloatArray: new (length: number) => T,
): T {
  const out = new FloatArray(numbers.length);
  const { scale, mean, std, channels, channelStride } = affine ?? { ...UNCHANGED, channelStride: out.length };
  for (let start = 0; start < out.length; start += channelStride) {
    const channel = (start / channelStride) % channels;
    const subtracted = mean[mean.length === 1 ? 0 : channel]!;
    const divisor = std[std.length === 1 ? 0 : channel]!;
    const end = start + channelStride;
    for (let i = start; i < end; i++) {
      const value = numbers[gather === undefined ? i : gather[i]!]!;
      out[i] = affine === undefined ? value : (value * scale - subtracted) / divisor;
    }
  }
  return out;
}

const UNCHANGED = { scale: 1, mean: [0], std: [1], channels: 1 };

function emptyArray(dtype: DataType, length: number): ElementArray {
  const Type = elements({ dtype, dims: [0], storage: { kind: 'bytes', bytes: new Uint8Array(0) } }).constructor;
  return new (Type as new (length: number) => ElementArray)(length);
}

function store(out: ElementArray, at: number, value: number, dtype: DataType): void {
  if (out instanceof BigInt64Array || out instanceof BigUint64Array) {
    out[at] = Number.isSafeInteger(value) ? BigInt(value) : 0n;
  } else {
    out[at] = isNarrowFloat(dtype) ? encodeNarrowFloat(dtype, value) : value;
  }
}

/** Whether the stored element is the value: exactly for integers and truth values, as near as it can be for floats. */
function held(out: ElementArray, at: number, value: number, { from, to, affine }: Conversion): boolean {
  const stored = isNarrowFloat(to) ? decodeNarrowFloat(to, Number(out[at])) : Number(out[at]);
  if (kindOf(to) === 'bool') return value === 0 || value === 1;
  if (isInteger(to)) return stored === value && inRange(value, to);
  if (!Number.isFinite(value)) return true;
  const exact = affine === undefined && isInteger(from);
  return exact ? stored === value : Number.isFinite(stored);
}

/** Types under 8 bits share an array type with wider ones, which the comparison with what was stored cannot see. */
function inRange(value: number, dtype: DataType): boolean {
  const bits = { int2: 2, int4: 4, uint2: 2, uint4: 4 }[dtype as string];
  if (bits === undefined) return true;
  return kindOf(dtype) === 'int'
    ? value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1)
    : value >= 0 && value < 2 ** bits;
}

function isWide(values: ElementArray): values is BigInt64Array | BigUint64Array {
  return values instanceof BigInt64Array || values instanceof BigUint64Array;
}

function wideTensor(values: BigInt64Array | BigUint64Array, sample: number, conversion: Conversion): Tensor {
  const out = conversion.to === 'int64' ? new BigInt64Array(values.length) : new BigUint64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[conversion.gather === undefined ? i : conversion.gather[i]!]!;
    out[i] = value;
    if (out[i] !== value) refuse(value, i, sample, conversion);
  }
  return tensorFromElements(conversion.to, conversion.dims, out);
}

type NumberArray = Exclude<ElementArray, BigInt64Array | BigUint64Array>;

function plainNumbers(values: ElementArray, sample: number, conversion: Conversion): NumberArray {
  if (isWide(values)) {
    const numbers = Float64Array.from(values as ArrayLike<number | bigint>, Number);
    const lost = numbers.findIndex((value, at) => BigInt(value) !== values[at]);
    if (lost >= 0) refuse(values[lost]!, lost, sample, conversion);
    return numbers;
  }
  if (!isNarrowFloat(conversion.from)) return values;
  return Float32Array.from(values, (bits) => decodeNarrowFloat(conversion.from, bits));
}

function refuseNonFinite(values: NumberArray, sample: number, { input, at, gather, dims }: Conversion): void {
  if (!(values instanceof Float32Array || values instanceof Float64Array)) return;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    const place = gather === undefined ? i : gather.indexOf(i);
    fail({
      code: 'data-non-finite',
      at,
      message: `sample ${sample}, input ${input}, index ${indexText(place, dims)} is ${values[i]}`,
      hint: 'Remove or fill such values; where the model is meant to get them, write {"allowNonFinite": true} into a JSON file beside the data, named as the data with .json after it.',
    });
  }
}

function refuse(
  value: number | bigint,
  place: number,
  sample: number,
  { input, at, from, to, dims }: Conversion,
): never {
  return fail({
    code: 'data-lossy',
    at,
    message: `sample ${sample}, input ${input}, index ${indexText(place, dims)}: ${value} (${from}) does not fit ${to} exactly`,
    hint: 'Give the data in the type of the input, or set scale, mean and std so that values fit it.',
  });
}

function mismatch({ input, at, from, to }: Conversion): never {
  return fail({
    code: 'data-dtype',
    at,
    message: `input ${input} takes ${to}, the data holds ${from}`,
    hint: 'Text and numbers are never turned into each other; map the input to another array or column.',
  });
}

function indexText(place: number, dims: readonly number[]): string {
  const index: number[] = [];
  let rest = place;
  for (const dim of [...dims].reverse()) {
    index.unshift(rest % dim);
    rest = Math.floor(rest / dim);
  }
  return `[${index.join(', ')}]`;
}
