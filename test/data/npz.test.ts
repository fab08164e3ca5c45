import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { writeNpy } from '../../src/data/npy.ts';
import { readNpz, writeNpz } from '../../src/data/npz.ts';
import { elementCount, stringTensor, type Tensor, tensorFromElements, tensorFromNumbers } from '../../src/ir/tensor.ts';
import { failureOf } from './failure-of.ts';

const tensors = new Map<string, Tensor>([
  ['x', tensorFromNumbers('float32', [2, 2], [1, 2, 3, 4])],
  ['y', tensorFromNumbers('int64', [2], [0, 1])],
  ['names', stringTensor([2], ['a', 'bc'])],
]);

test('round trip', () => {
  const shapes = fc.dictionary(
    fc.stringMatching(/^[a-z]{1,5}$/),
    fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
  );
  fc.assert(
    fc.property(shapes, (dims) => {
      const entries = Object.entries(dims).map(
        ([key, shape]) =>
          [
            key,
            tensorFromNumbers(
              'float64',
              shape,
              Array.from({ length: elementCount(shape) }, (_, i) => i / 3),
            ),
          ] as const,
      );
      const { arrays, refused } = readNpz('a.npz', writeNpz(new Map(entries)));
      expect(refused.size).toBe(0);
      expect([...arrays.keys()].sort()).toEqual(Object.keys(dims).sort());
      for (const [key, tensor] of entries) {
        const array = arrays.get(key)!;
        const values = array.read(0, elementCount(array.dims)) as Float64Array;
        expect(tensorFromElements('float64', array.dims, values)).toEqual(tensor);
      }
    }),
    { seed: 1, numRuns: 50 },
  );
});

test('the same tensors give the same bytes', () => {
  expect(writeNpz(tensors)).toEqual(writeNpz(tensors));
});

test('members that are no arrays are passed over, those that cannot be read are kept apart', () => {
  const pickled = Buffer.from(writeNpy(tensors.get('x')!));
  pickled.write("'|O' ", pickled.indexOf("'<f4'"));
  const { arrays, refused } = readNpz(
    'a.npz',
    zipSync({ 'x.npy': writeNpy(tensors.get('x')!), 'note.txt': pickled, 'o.npy': pickled }),
  );
  expect([...arrays.keys()]).toEqual(['x']);
  expect([...refused].map(([key, error]) => [key, error.code])).toEqual([['o', 'data-npy-object']]);
});

describe('hostile archives', () => {
  const good = writeNpz(tensors);
  /** Offsets of fields in the first entry of the central directory. */
  const directory = Buffer.from(good).indexOf('PK\x01\x02', 0, 'latin1');

  function patched(at: number, value: number): Uint8Array {
    const bytes = good.slice();
    new DataView(bytes.buffer).setUint32(at, value, true);
    return bytes;
  }

  test.each([
    ['text', new TextEncoder().encode('x,y\n1,2\n'), 'not a readable zip'],
    ['an empty file', new Uint8Array(0), 'not a readable zip'],
    ['cut off', good.subarray(0, good.length - 30), 'not a readable zip'],
    ['a member of 3 GB out of 100 bytes', patched(directory + 24, 3_000_000_000), 'which deflate cannot do'],
    [
      'members of 6 GB in all',
      zipSync({ 'a.npy': new Uint8Array(3_000_000), 'b.npy': new Uint8Array(3_000_000) }),
      'inflate to more than',
    ],
  ])('%s', async (name, bytes, message) => {
    let archive = bytes;
    if (name.startsWith('members')) {
      archive = bytes.slice();
      const view = new DataView(archive.buffer);
      for (let at = archive.length - 46; at >= 0; at--) {
        if (view.getUint32(at, true) !== 0x02014b50) continue;
        view.setUint32(at + 20, 3_000_000, true);
        view.setUint32(at + 24, 3_000_000_000, true);
      }
    }
    const failure = await failureOf(() => readNpz('a.npz', archive));
    expect(failure.code).toBe('data-npz-invalid');
    expect(failure.message).toContain(message);
  });

  test('a member that inflates to more than it claims is refused', () => {
    const { arrays, refused } = readNpz('a.npz', patched(directory + 24, 100));
    expect([...arrays.keys()]).toEqual(['y', 'names']);
    expect(refused.get('x')?.code).toBe('data-npy-invalid');
  });

  test('any cut is refused', async () => {
    for (let length = 0; length < good.length; length += 7) {
      const failure = await failureOf(() => readNpz('a.npz', good.subarray(0, length)));
      expect(failure.code).toBe('data-npz-invalid');
    }
  });
});
