import { unzipSync, zipSync } from 'fflate';
import { bytesSource } from '../bytes/byte-source.ts';
import { fail, ModelpressError } from '../diagnostics/modelpress-error.ts';
import type { Tensor } from '../ir/tensor.ts';
import { readNpy, writeNpy } from './npy.ts';
import type { RowArray } from './row-array.ts';

/** Most members of an archive, against one made of endless tiny members. */
const MEMBER_LIMIT = 10_000;

/** Most bytes of an archive's members once inflated, 4 GiB: beyond it arrays belong in `.npy` files, read in pieces. */
const INFLATED_LIMIT = 2 ** 32;

/** The most that deflate can shrink data (RFC 1951: 258 bytes from 2 bits); a member that claims more is no archive. */
const DEFLATE_RATIO_LIMIT = 1032;

/** What an archive holds: its arrays by key, and the reason for each that is refused. */
export interface Npz {
  readonly arrays: ReadonlyMap<string, RowArray>;
  /** Members that are no tensor (pickled objects, records), to be raised only where one of them is asked for. */
  readonly refused: ReadonlyMap<string, ModelpressError>;
}

/**
 * Reads the bytes of a `.npz` archive (a zip of `.npy` members, as numpy.savez and numpy.savez_compressed write it). The inflated
 * members are held; arrays are views onto them.
 *
 * @throws ModelpressError `data-npz-invalid` when it is no readable archive or claims more than the limits allow.
 */
export function readNpz(path: string, bytes: Uint8Array): Npz {
  const invalid = (message: string, cause?: unknown): never =>
    fail({ code: 'data-npz-invalid', at: path, message, hint: 'Write the archive again with numpy.savez.' }, cause);
  let members = 0;
  let total = 0;
  const wanted = (file: { name: string; size: number; originalSize: number }): boolean => {
    members++;
    total += file.originalSize;
    if (members > MEMBER_LIMIT) return invalid(`it has more than ${MEMBER_LIMIT} members`);
    if (total > INFLATED_LIMIT) return invalid(`its members inflate to more than ${INFLATED_LIMIT} bytes`);
    if (file.originalSize > (file.size + 1) * DEFLATE_RATIO_LIMIT) {
      return invalid(
        `member ${file.name} claims ${file.originalSize} bytes out of ${file.size}, which deflate cannot do`,
      );
    }
    return file.name.endsWith('.npy');
  };
  let inflated: Record<string, Uint8Array>;
  try {
    inflated = unzipSync(bytes, { filter: wanted });
  } catch (cause) {
    if (cause instanceof ModelpressError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return invalid(`not a readable zip archive of ${bytes.byteLength} bytes: ${reason}`, cause);
  }
  const arrays = new Map<string, RowArray>();
  const refused = new Map<string, ModelpressError>();
  for (const [member, content] of Object.entries(inflated)) {
    const key = member.slice(0, -'.npy'.length);
    try {
      arrays.set(key, readNpy(key, bytesSource(`${path}:${member}`, content)));
    } catch (error) {
      if (!(error instanceof ModelpressError)) throw error;
      refused.set(key, error);
    }
  }
  return { arrays, refused };
}

/** The bytes of a `.npz` archive of the tensors, compressed; the same tensors give the same bytes. */
export function writeNpz(tensors: ReadonlyMap<string, Tensor>): Uint8Array {
  const members = [...tensors].map(([key, tensor]) => [`${key}.npy`, writeNpy(tensor)] as const);
  // Zip keeps local time from 1980 on; the date is spelled without a zone so that the bytes are the same everywhere.
  return zipSync(Object.fromEntries(members), { mtime: new Date(1980, 0, 1) });
}
