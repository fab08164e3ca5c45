import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';

/**
 * What the server reads of manifest.json. `inputRanges` is what the calibration data spanned, `exampleShapes` a shape per
 * input that the model is known to take.
 *
 * @typedef {{ readonly model: { readonly name: string, readonly version: number },
 *   readonly files: readonly { readonly path: string, readonly sha256: string }[],
 *   readonly inputRanges?: Readonly<Record<string, { readonly min: number, readonly max: number }>>,
 *   readonly exampleShapes?: Readonly<Record<string, readonly number[]>> }} Manifest
 */

/** The names that a model's file may have: as ONNX, and in the runtime's own format. */
export const MODEL_FILES = /** @type {readonly string[]} */ (['model.onnx', 'model.ort']);

/** Files beside the model that may be edited in place without making the model another one. */
const OTHER_FILES = /(?:\.mjs|\.md|\.json|(?:^|\/)Dockerfile|(?:^|\/)\.[^/]+)$/;

/**
 * Reads a folder's manifest.json.
 *
 * @param {string} folder
 * @returns {Promise<Manifest | undefined>} undefined where there is none
 * @throws {Error} on one that is not readable as a manifest
 */
export async function readManifest(folder) {
  const path = join(folder, 'manifest.json');
  let text;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  return checkManifest(JSON.parse(text), path);
}

/**
 * @param {unknown} value
 * @param {string} path
 * @returns {Manifest}
 */
function checkManifest(value, path) {
  const found = /** @type {Record<'model' | 'files' | 'inputRanges' | 'exampleShapes', unknown> | null} */ (value);
  const { model, files, inputRanges = {}, exampleShapes = {} } = found ?? {};
  const { name, version } = /** @type {{ name?: unknown, version?: unknown }} */ (model ?? {});
  if (typeof name !== 'string' || !Number.isInteger(version) || Number(version) < 1) {
    throw new Error(`${path} names no model: expected "model": {"name": string, "version": whole number from 1}`);
  }
  if (
    !Array.isArray(files) ||
    !files.every((file) => typeof file?.path === 'string' && /^[0-9a-f]{64}$/.test(file.sha256))
  ) {
    throw new Error(`${path} lists no files: expected "files": [{"path": string, "sha256": 64 hex digits}]`);
  }
  for (const [what, table] of Object.entries({ inputRanges, exampleShapes })) {
    if (typeof table !== 'object' || table === null) throw new Error(`${path} has "${what}" that is no object`);
  }
  return /** @type {Manifest} */ (found);
}

/**
 * Checks that a model's files are the ones that the manifest was written for: the model and its external data.
 *
 * @param {string} folder
 * @param {Manifest} manifest
 * @param {string} modelFile the file that will be loaded, relative to the folder
 * @returns {Promise<string>} the sha256 of the model file
 * @throws {Error} when a file is missing, differs, or the model file is not listed
 */
export async function verifyModelFiles(folder, manifest, modelFile) {
  const listed = manifest.files.filter(
    ({ path }) => path === modelFile || !(OTHER_FILES.test(path) || MODEL_FILES.includes(path)),
  );
  const model = listed.find(({ path }) => path === modelFile);
  if (model === undefined) throw new Error(`${modelFile} is not listed in ${join(folder, 'manifest.json')}`);
  for (const { path, sha256 } of listed) {
    const inside = relative(folder, join(folder, path));
    if (isAbsolute(path) || inside.startsWith('..'))
      throw new Error(`the manifest of ${folder} lists ${path}, outside of the folder`);
    const found = await sha256Of(join(folder, path));
    if (found !== sha256) {
      throw new Error(
        `${join(folder, path)} is not the file that manifest.json was written for: sha256 ${found}, expected ${sha256}`,
      );
    }
  }
  return model.sha256;
}

/**
 * @param {string} path
 * @returns {Promise<string>} lower-case hex
 */
export async function sha256Of(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}
