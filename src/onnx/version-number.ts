import { fail } from '../diagnostics/modelpress-error.ts';

/** Largest version number that is taken for one; real ones have two digits. */
const MAX_VERSION = 2n ** 31n - 1n;

/**
 * The version of a format or an operator set as a number.
 *
 * @param what what it is a version of, for the message.
 * @throws ModelpressError `onnx-version` where it is negative or beyond any version.
 */
export function versionNumber(version: bigint, what: string): number {
  if (version >= 0n && version <= MAX_VERSION) return Number(version);
  return fail({
    code: 'onnx-version',
    at: what,
    message: `${version} is no version of ${what}`,
    hint: 'The file is damaged; export the model again.',
  });
}
