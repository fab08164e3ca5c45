import type { ByteSource } from '../bytes/byte-source.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { DataType } from '../ir/dtype.ts';

/** What stands before the elements of a `.npy` file. */
export interface NpyHeader {
  /** NumPy's own description of the element type, such as `<f4`. */
  readonly descr: string;
  readonly dtype: DataType;
  /** Bytes of one element as stored; for strings those of the fixed field. */
  readonly itemSize: number;
  readonly bigEndian: boolean;
  /** How the text of a string element is stored. */
  readonly text?: 'utf32' | 'bytes';
  readonly fortranOrder: boolean;
  readonly dims: readonly number[];
  /** Where the elements begin, in bytes. */
  readonly dataOffset: number;
}

/** Longest header in bytes: NumPy's own limit for files it does not trust, against headers that claim gigabytes. */
const HEADER_LIMIT = 10_000;

/** Most axes of an array: NumPy 2's limit. */
const RANK_LIMIT = 64;

/** Longest string element in bytes, against one that claims more than a row could sensibly hold. */
const STRING_SIZE_LIMIT = 1 << 24;

const NUMBER_TYPES: Readonly<Record<string, { readonly dtype: DataType; readonly itemSize: number }>> = {
  b1: { dtype: 'bool', itemSize: 1 },
  i1: { dtype: 'int8', itemSize: 1 },
  u1: { dtype: 'uint8', itemSize: 1 },
  i2: { dtype: 'int16', itemSize: 2 },
  u2: { dtype: 'uint16', itemSize: 2 },
  i4: { dtype: 'int32', itemSize: 4 },
  u4: { dtype: 'uint32', itemSize: 4 },
  i8: { dtype: 'int64', itemSize: 8 },
  u8: { dtype: 'uint64', itemSize: 8 },
  f2: { dtype: 'float16', itemSize: 2 },
  f4: { dtype: 'float32', itemSize: 4 },
  f8: { dtype: 'float64', itemSize: 8 },
};

/**
 * Reads the header of a `.npy` file, format versions 1 to 3 (NumPy enhancement proposal 1).
 *
 * @throws ModelpressError `data-npy-invalid` when it is no such file or its header lies about its length,
 *   `data-npy-object` when the elements are pickled Python objects, `data-npy-dtype` on any other type that has no
 *   counterpart among tensors.
 */
export function readNpyHeader(source: ByteSource): NpyHeader {
  const at = source.label;
  const invalid = (message: string): never =>
    fail({ code: 'data-npy-invalid', at, message, hint: 'Write the file again with numpy.save or numpy.savez.' });
  const head = source.read(0, Math.min(12, source.size));
  if (head.byteLength < 10 || head[0] !== 0x93 || new TextDecoder().decode(head.subarray(1, 6)) !== 'NUMPY') {
    return invalid('not a .npy array: it does not begin with the bytes \\x93NUMPY');
  }
  const major = head[6]!;
  if (major < 1 || major > 3) return invalid(`.npy format version ${major} is not known: expected 1, 2 or 3`);
  const start = major === 1 ? 10 : 12;
  if (source.size < start) return invalid(`the file ends within its header, at byte ${source.size}`);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > HEADER_LIMIT) return invalid(`the header claims ${length} bytes, the limit is ${HEADER_LIMIT}`);
  if (start + length > source.size) {
    return invalid(`the header claims ${length} bytes, the file ends after ${source.size - start} of them`);
  }
  const text = new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(source.read(start, length));
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape':\s*\(([\d,\sL]*)\)/.exec(text)?.[1];
  if (order === undefined || shape === undefined || !text.includes("'descr'")) {
    return invalid(
      `the header does not give descr, fortran_order and shape: ${JSON.stringify(text.trim().slice(0, 80))}`,
    );
  }
  const dims = shape
    .split(',')
    .map((part) => part.trim().replace(/L$/, ''))
    .filter((part) => part !== '')
    .map(Number);
  if (dims.length > RANK_LIMIT || !dims.every(Number.isSafeInteger)) return invalid(`the shape (${shape}) is not one`);
  const type = elementType(/'descr':\s*'([^']*)'/.exec(text)?.[1], at);
  const header = { ...type, fortranOrder: order === 'True', dims, dataOffset: start + length };
  const expected = dims.reduce((product, dim) => product * dim, type.itemSize);
  const found = source.size - header.dataOffset;
  if (expected !== found) {
    const what = `${type.descr} of shape (${dims.join(', ')})`;
    return invalid(`${what} takes ${expected} bytes, found ${found}${found < expected ? ': the file is cut off' : ''}`);
  }
  return header;
}

type ElementType = Pick<NpyHeader, 'descr' | 'dtype' | 'itemSize' | 'bigEndian' | 'text'>;

function elementType(descr: string | undefined, at: string): ElementType {
  const parts = /^([<>|=]?)([a-zA-Z])(\d*)$/.exec(descr ?? '');
  const order = parts?.[1];
  const code = parts?.[2];
  if (code === 'O') {
    return fail({
      code: 'data-npy-object',
      at,
      message: 'the array holds pickled Python objects (dtype object), which are programs and are never loaded',
      hint: 'Save it with a plain dtype: numbers, bool or fixed-width strings (array.astype(...) or numpy.stack).',
    });
  }
  const bigEndian = order === '>';
  if (code === 'U' || code === 'S') {
    const itemSize = Number(parts?.[3]) * (code === 'U' ? 4 : 1);
    if (itemSize <= STRING_SIZE_LIMIT) {
      return { descr: descr!, dtype: 'string', itemSize, bigEndian, text: code === 'U' ? 'utf32' : 'bytes' };
    }
  }
  const number = NUMBER_TYPES[`${code}${parts?.[3]}`];
  if (number === undefined) {
    return fail({
      code: 'data-npy-dtype',
      at,
      message: `arrays of ${descr === undefined ? 'records' : JSON.stringify(descr)} are not supported`,
      hint: 'Save it as bool, an integer of 8 to 64 bits, a float of 16 to 64 bits, or fixed-width strings.',
    });
  }
  return { descr: descr!, ...number, bigEndian };
}
