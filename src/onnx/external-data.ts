import type { ByteRange, ByteSource } from '../bytes/byte-source.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { Proto } from './schema.ts';

/** Opens the file that a tensor names as the place of its data; the location has passed `checkLocation`. */
export type OpenExternal = (location: string) => ByteSource;

/**
 * Finds the bytes of one external tensor.
 *
 * @throws ModelpressError `onnx-external-data-escapes` for a location that leaves the model's folder,
 * `onnx-external-data-range` for an offset or length that does not fit the file or the tensor,
 * `onnx-external-data-missing` when there is nothing to open files with, and those of the opener.
 */
export type ExternalData = (
  entries: readonly Proto<'StringStringEntryProto'>[],
  expected: number,
  tensor: string,
) => ByteRange;

/**
 * Most bytes that all external tensors of a model may take together. One tebibyte is above every published model and
 * stops a small file whose tensors all name the same large range from asking for more than any disk holds.
 */
const MAX_TOTAL_BYTES = 2 ** 40;

/** Longest location in characters: the limit of a path on Linux. */
const MAX_LOCATION_LENGTH = 4096;

/** External data as opened by `open`, each file once. */
export function externalData(open: OpenExternal | undefined): ExternalData {
  const sources = new Map<string, ByteSource>();
  let total = 0;
  return (entries, expected, tensor) => {
    const { location, offset, length } = readEntries(entries, tensor);
    checkLocation(location, tensor);
    let source = sources.get(location);
    if (source === undefined) {
      if (open === undefined) {
        fail({
          code: 'onnx-external-data-missing',
          at: location,
          message: `tensor '${tensor}' lies in the file '${location}', and the model was given without its files`,
          hint: 'Read the model by its path.',
        });
      }
      source = open(location);
      sources.set(location, source);
    }
    const start = offset ?? 0;
    const size = length ?? expected;
    if (size !== expected) outOfRange(tensor, location, `length ${size}, and its type and dimensions take ${expected}`);
    if (start > source.size || size > source.size - start) {
      outOfRange(tensor, location, `bytes ${start} to ${start + size}, and the file has ${source.size}`);
    }
    total += size;
    if (total > MAX_TOTAL_BYTES)
      outOfRange(tensor, location, `more than ${MAX_TOTAL_BYTES} bytes together with the tensors before it`);
    return { source, offset: start, length: size };
  };
}

/**
 * Refuses locations that are not plain relative paths downwards: absolute ones, drives, backslashes, `.` and `..` parts,
 * empty ones, and the markers by which ONNX Runtime names its own memory.
 *
 * @throws ModelpressError `onnx-external-data-escapes`.
 */
export function checkLocation(location: string, tensor: string): void {
  const parts = location.split('/');
  const plain =
    location.length <= MAX_LOCATION_LENGTH &&
    parts.every((part) => part !== '' && part !== '.' && part !== '..') &&
    !/[\\:*\p{Cc}]/u.test(location) &&
    !location.includes('_ORT_MEM_ADDR_');
  if (plain) return;
  fail({
    code: 'onnx-external-data-escapes',
    at: tensor,
    message: `tensor '${tensor}' names '${location.slice(0, 200)}' as the place of its data; only a plain path below the model's folder is followed`,
    hint: 'Do not trust this file; export the model again with its data beside it.',
  });
}

/**
 * The three keys that are followed. Any other is left alone, `checksum` too: it is of the whole file, which would have to
 * be read for it, and most writers leave it out.
 */
function readEntries(entries: readonly Proto<'StringStringEntryProto'>[], tensor: string) {
  let location = '';
  let offset: number | undefined;
  let length: number | undefined;
  for (const { key, value = '' } of entries) {
    if (key === 'location') location = value;
    else if (key === 'offset') offset = decimal(value, key, tensor);
    else if (key === 'length') length = decimal(value, key, tensor);
  }
  return { location, offset, length };
}

function decimal(text: string, key: string, tensor: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  return fail({
    code: 'onnx-external-data-range',
    at: tensor,
    message: `tensor '${tensor}' gives '${text.slice(0, 80)}' as the ${key} of its external data; expected a number of bytes`,
    hint: 'The file is damaged; export the model again.',
  });
}

function outOfRange(tensor: string, location: string, what: string): never {
  fail({
    code: 'onnx-external-data-range',
    at: tensor,
    message: `tensor '${tensor}' takes from '${location}' ${what}`,
    hint: `Check that '${location}' is complete and belongs to this model.`,
  });
}
