import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../src/bytes/byte-source.ts';
import { NPY_DTYPES, readNpy, writeNpy } from '../../src/data/npy.ts';
import type { RowArray } from '../../src/data/row-array.ts';
import { type DataType, packedByteLength } from '../../src/ir/dtype.ts';
import { elementCount, stringTensor, type Tensor, tensorFromBytes, tensorFromNumbers } from '../../src/ir/tensor.ts';
import { failureOf } from './failure-of.ts';

const read = (bytes: Uint8Array): RowArray => readNpy('x', bytesSource('x.npy', bytes));
const all = (array: RowArray): unknown[] => Array.from(array.read(0, elementCount(array.dims)) as ArrayLike<unknown>);

/** A `.npy` file as NumPy writes it: header padded so that the elements begin at a multiple of 64. */
function npy(descr: string, shape: string, data: Uint8Array, { version = 1, fortran = 'False' } = {}): Uint8Array {
  const quoted = descr.startsWith('[') ? descr : `'${descr}'`;
  const text = `{'descr': ${quoted}, 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
  const before = version === 1 ? 10 : 12;
  const header = `${text.padEnd(Math.ceil((text.length + before + 1) / 64) * 64 - before - 1)}\n`;
  const length =
    version === 1 ? [header.length & 255, header.length >> 8] : [header.length & 255, header.length >> 8, 0, 0];
  const magic = [0x93, ...new TextEncoder().encode('NUMPY'), version, 0, ...length];
  return Uint8Array.from([...magic, ...new TextEncoder().encode(header), ...data]);
}

const bytesOf = (array: { buffer: ArrayBufferLike }): Uint8Array => new Uint8Array(array.buffer);

describe('round trip', () => {
  const dims = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
  const numbers = fc.tuple(fc.constantFrom<DataType>(...NPY_DTYPES), dims).chain(([dtype, shape]) => {
    const length = packedByteLength(dtype, elementCount(shape));
    return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => tensorFromBytes(dtype, shape, bytes));
  });
  const texts = dims.chain((shape) =>
    fc
      .array(fc.string({ unit: 'binary' }), { minLength: elementCount(shape), maxLength: elementCount(shape) })
      .map((values) =>
        stringTensor(
          shape,
          values.map((value) => value.replace(/\0+$/, '')),
        ),
      ),
  );

  test('numbers keep type, dimensions and bits', () => {
    fc.assert(
      fc.property(numbers, (tensor: Tensor) => {
        const written = writeNpy(tensor);
        const array = read(written);
        expect([array.dtype, array.dims]).toEqual([tensor.dtype, tensor.dims]);
        const values = array.read(0, elementCount(array.dims)) as Uint8Array;
        const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
        expect(bytes).toEqual(tensor.storage.kind === 'bytes' ? tensor.storage.bytes : undefined);
        expect((written.length - bytes.length) % 64).toBe(0);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('texts keep every character, beyond the 16-bit ones too', () => {
    fc.assert(
      fc.property(texts, (tensor) => {
        const array = read(writeNpy(tensor));
        expect(array.dims).toEqual(tensor.dims);
        expect(stringTensor(array.dims, all(array) as string[])).toEqual(tensor);
      }),
      { seed: 2, numRuns: 40 },
    );
  });

  test('rows can be read in pieces', () => {
    const array = read(writeNpy(tensorFromNumbers('int16', [3, 2], [1, 2, 3, 4, 5, 6])));
    expect(Array.from(array.read(2, 2) as Int16Array)).toEqual([3, 4]);
  });
});

describe('what NumPy writes', () => {
  test.each([
    ['|b1', bytesOf(Uint8Array.of(1, 0)), 'bool', [1, 0]],
    ['<f8', bytesOf(Float64Array.of(0.5, -1)), 'float64', [0.5, -1]],
    ['<i8', bytesOf(BigInt64Array.of(-1n, 2n)), 'int64', [-1n, 2n]],
    ['<u2', bytesOf(Uint16Array.of(1, 65535)), 'uint16', [1, 65535]],
    ['>i2', Uint8Array.of(0, 1, 255, 254), 'int16', [1, -2]],
    ['>f4', Uint8Array.of(0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0), 'float32', [1, -2]],
    ['<f2', bytesOf(Uint16Array.of(0x3c00, 0xc000)), 'float16', [0x3c00, 0xc000]],
    ['|S3', new TextEncoder().encode('ab\0xyz'), 'string', ['ab', 'xyz']],
    ['<U2', bytesOf(Uint32Array.of(0x1f600, 0, 0x61, 0x62)), 'string', ['😀', 'ab']],
    ['>U1', Uint8Array.of(0, 0, 0, 0x61, 0, 0, 0, 0), 'string', ['a', '']],
    ['<U0', new Uint8Array(0), 'string', ['', '']],
  ])('%s', (descr, data, dtype, expected) => {
    const array = read(npy(descr, '(2,)', data));
    expect([array.dtype, all(array)]).toEqual([dtype, expected]);
  });

  test.each([1, 2, 3])('format version %i', (version) => {
    expect(all(read(npy('|u1', '(3,)', Uint8Array.of(7, 8, 9), { version })))).toEqual([7, 8, 9]);
  });

  test('column-major order', () => {
    const array = read(npy('|u1', '(2, 3)', Uint8Array.of(1, 4, 2, 5, 3, 6), { fortran: 'True' }));
    expect(all(array)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('column-major order of three axes, texts', () => {
    const data = new TextEncoder().encode('aebfcgdh');
    expect(all(read(npy('|S1', '(2, 2, 2)', data, { fortran: 'True' })))).toEqual([...'acbdegfh']);
  });

  test('a single value has no dimensions', () => {
    expect(read(npy('<i4', '()', bytesOf(Int32Array.of(5)))).dims).toEqual([]);
  });
});

describe('hostile files', () => {
  const good = npy('<f4', '(2, 2)', new Uint8Array(16));
  test.each([
    ['no array', new TextEncoder().encode('hello, this is text'), 'data-npy-invalid', 'does not begin with'],
    ['an empty file', new Uint8Array(0), 'data-npy-invalid', 'does not begin with'],
    ['an unknown version', npy('|u1', '(0,)', new Uint8Array(0), { version: 9 }), 'data-npy-invalid', 'version 9'],
    ['a header that is cut off', good.subarray(0, 40), 'data-npy-invalid', 'the file ends after'],
    ['data that is cut off', good.subarray(0, good.length - 1), 'data-npy-invalid', 'takes 16 bytes, found 15'],
    ['data left over', Uint8Array.from([...good, 0]), 'data-npy-invalid', 'takes 16 bytes, found 17'],
    [
      'dimensions beyond memory',
      npy('<f4', '(99999999999, 99999999999)', new Uint8Array(4)),
      'data-npy-invalid',
      'takes',
    ],
    [
      'dimensions beyond numbers',
      npy('<f4', '(99999999999999999999,)', new Uint8Array(4)),
      'data-npy-invalid',
      'shape',
    ],
    ['a negative dimension', npy('<f4', '(-1, 4)', new Uint8Array(16)), 'data-npy-invalid', 'does not give'],
    [
      'an endless header',
      Uint8Array.from([...good.subarray(0, 6), 2, 0, 255, 255, 255, 127, 0]),
      'data-npy-invalid',
      'the limit is',
    ],
    ['pickled objects', npy('|O', '(2,)', new Uint8Array(16)), 'data-npy-object', 'pickled'],
    ['records', npy("[('a', '<f4')]", '(2,)', new Uint8Array(8)), 'data-npy-dtype', 'records'],
    ['dates', npy('<M8[ns]', '(1,)', new Uint8Array(8)), 'data-npy-dtype', 'M8'],
    ['endless texts', npy('<U99999999999', '(0,)', new Uint8Array(0)), 'data-npy-dtype', 'U99999999999'],
  ])('%s', async (_, bytes, code, message) => {
    const failure = await failureOf(() => read(bytes));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(message);
    expect(failure.at).toBe('x.npy');
  });

  test('any damage is refused or read, never a crash', async () => {
    const damage = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = good.slice();
        for (const [at, value] of changes) bytes[at] = value;
        let array: RowArray | undefined;
        const failure = await failureOf(() => {
          array = read(bytes);
          throw new Error('read');
        }).catch((error: Error) => error.message);
        expect(array === undefined ? typeof failure : failure).toBe(array === undefined ? 'object' : 'read');
      }),
      { seed: 3, numRuns: 300 },
    );
  });
});
