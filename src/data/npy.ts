import type { ByteSource } from '../bytes/byte-source.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { DataType } from '../ir/dtype.ts';
import {
  type ElementArray,
  elementCount,
  elements,
  type Tensor,
  tensorBytes,
  tensorFromBytes,
  toStrings,
} from '../ir/tensor.ts';
import { type NpyHeader, readNpyHeader } from './npy-header.ts';
import { memoryRows, type RowArray } from './row-array.ts';

/** Largest array, in bytes, that is turned from column-major to row-major order, which needs all of it in memory. */
const FORTRAN_LIMIT = 2 ** 31;

/**
 * The array of a `.npy` file or archive member. Elements stay in the source and are read when asked for; only
 * column-major arrays are held, since a row of them is scattered over the file.
 *
 * @throws ModelpressError see `readNpyHeader`.
 */
export function readNpy(name: string, source: ByteSource): RowArray {
  const header = readNpyHeader(source);
  const read = (start: number, count: number): ElementArray | readonly string[] => {
    const bytes = source.read(header.dataOffset + start * header.itemSize, count * header.itemSize);
    return header.text === undefined ? decodeNumbers(bytes, header) : decodeText(bytes, count, header);
  };
  if (!header.fortranOrder || header.dims.filter((dim) => dim > 1).length < 2) {
    return { name, dtype: header.dtype, dims: header.dims, read };
  }
  const count = elementCount(header.dims);
  if (count * header.itemSize > FORTRAN_LIMIT) {
    return fail({
      code: 'data-npy-invalid',
      at: source.label,
      message: `a column-major array of ${count * header.itemSize} bytes is too large to be reordered, the limit is ${FORTRAN_LIMIT}`,
      hint: 'Save it row-major: numpy.save(path, numpy.ascontiguousarray(array)).',
    });
  }
  return memoryRows(name, header.dtype, header.dims, toRowMajor(read(0, count), header.dims));
}

/** The bytes of a `.npy` file (format version 1) that holds the tensor. Strings are stored as UTF-32 (`<U`). */
export function writeNpy(tensor: Tensor): Uint8Array {
  const strings = tensor.dtype === 'string' ? toStrings(tensor).map((value) => [...value]) : [];
  const width = strings.reduce((longest, value) => Math.max(longest, value.length), 1);
  const descr = tensor.dtype === 'string' ? `<U${width}` : DESCRIPTIONS[tensor.dtype];
  if (descr === undefined) throw new TypeError(`${tensor.dtype} has no NumPy type`);
  const shape = tensor.dims.length === 1 ? `(${tensor.dims[0]},)` : `(${tensor.dims.join(', ')})`;
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
  const header = `${dictionary.padEnd(Math.ceil((dictionary.length + 11) / 64) * 64 - 11)}\n`;
  const data = tensor.dtype === 'string' ? encodeText(strings, width) : tensorBytes(tensor);
  const bytes = new Uint8Array(10 + header.length + data.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 0xff, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(data, 10 + header.length);
  return bytes;
}

const DESCRIPTIONS: Readonly<Partial<Record<DataType, string>>> = {
  bool: '|b1',
  int8: '|i1',
  uint8: '|u1',
  int16: '<i2',
  uint16: '<u2',
  int32: '<i4',
  uint32: '<u4',
  int64: '<i8',
  uint64: '<u8',
  float16: '<f2',
  float32: '<f4',
  float64: '<f8',
};

/** The element types, texts aside, that a `.npy` file can hold. */
export const NPY_DTYPES = Object.keys(DESCRIPTIONS) as readonly DataType[];

function decodeNumbers(bytes: Uint8Array, { dtype, itemSize, bigEndian }: NpyHeader): ElementArray {
  const ordered = bigEndian && itemSize > 1 ? swapped(bytes, itemSize) : bytes;
  return elements(tensorFromBytes(dtype, [bytes.byteLength / itemSize], ordered));
}

function swapped(bytes: Uint8Array, itemSize: number): Uint8Array {
  const out = new Uint8Array(bytes.byteLength);
  for (let at = 0; at < out.length; at++) out[at] = bytes[at + itemSize - 1 - 2 * (at % itemSize)]!;
  return out;
}

function decodeText(bytes: Uint8Array, count: number, { itemSize, bigEndian, text }: NpyHeader): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  return Array.from({ length: count }, (_, item) => {
    const start = item * itemSize;
    if (text === 'bytes') {
      let end = start + itemSize;
      while (end > start && bytes[end - 1] === 0) end--;
      return decoder.decode(bytes.subarray(start, end));
    }
    let end = start + itemSize;
    while (end > start && view.getUint32(end - 4, !bigEndian) === 0) end -= 4;
    let value = '';
    for (let at = start; at < end; at += 4) value += codePoint(view.getUint32(at, !bigEndian));
    return value;
  });
}

function codePoint(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}

function encodeText(strings: readonly (readonly string[])[], width: number): Uint8Array {
  const bytes = new Uint8Array(strings.length * width * 4);
  const view = new DataView(bytes.buffer);
  for (const [row, value] of strings.entries()) {
    for (const [column, character] of value.entries()) {
      view.setUint32((row * width + column) * 4, character.codePointAt(0)!, true);
    }
  }
  return bytes;
}

/** The elements of a column-major array in row-major order. */
function toRowMajor(
  values: ElementArray | readonly string[],
  dims: readonly number[],
): ElementArray | readonly string[] {
  const out = values.slice() as string[];
  const source = values as readonly string[];
  const strides = dims.map((_, axis) => elementCount(dims.slice(0, axis)));
  const index = dims.map(() => 0);
  for (let to = 0, from = 0; to < out.length; to++) {
    out[to] = source[from]!;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < dims[axis]!) break;
      from -= strides[axis]! * dims[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}
