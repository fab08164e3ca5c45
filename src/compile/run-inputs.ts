import { existsSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { arrayDataset } from '../data/array-dataset.ts';
import type { Dataset } from '../data/dataset.ts';
import { fileSource, hashFiles, readable } from '../data/file-source.ts';
import { readNpy } from '../data/npy.ts';
import { openDataset } from '../data/open-dataset.ts';
import { synthesizeDataset } from '../data/synthesize-dataset.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { Session } from '../runtime/session.ts';

/**
 * The samples that a model is to run on: of one path any dataset, of several one `.npy` array for each input, `name=path`
 * or named as the file is; of none made-up ones from the seed.
 *
 * @throws ModelpressError `run-input-unknown`, `run-input-twice`, `data-unrecognised`, and those of `openDataset`.
 */
export async function runInputs(given: readonly string[], session: Session, seed: number): Promise<Dataset> {
  const { inputs, outputs } = session;
  const [first, ...others] = given;
  if (first === undefined) return synthesizeDataset(inputs, { seed, samples: 1 });
  if (others.length === 0 && splitName(first).name === undefined)
    return await openDataset({ path: first, options: { labels: false } }, { inputs, outputs });
  const files = given.map(namedArray);
  for (const { name, path } of files) {
    if (files.filter((other) => other.name === name).length > 1)
      fail({ code: 'run-input-twice', at: name, message: `input '${name}' is given twice`, hint: 'Give it once.' });
    if (inputs.some((port) => port.name === name)) continue;
    fail({
      code: 'run-input-unknown',
      at: path,
      message: `the model has no input '${name}'; it has ${inputs.map((port) => port.name).join(', ')}`,
      hint: 'Say which input it is, as in --input NAME=x.npy.',
    });
  }
  const label = files.map(({ path }) => path).join(', ');
  const arrays = new Map(files.map(({ name, path }) => [name, readable(path, () => readNpy(name, fileSource(path)))]));
  const table = { label, arrays, refused: new Map() };
  return arrayDataset({ table, origin: 'npy', sha256: await hashFiles(files) }, { inputs, outputs }, { labels: false });
}

function namedArray(text: string): { readonly name: string; readonly path: string } {
  const { name, path } = splitName(text);
  if (extname(path).toLowerCase() !== '.npy') {
    fail({
      code: 'data-unrecognised',
      at: path,
      message: 'inputs that are given one by one have to be .npy files',
      hint: 'Give each input its own .npy file, or all of them in one .npz.',
    });
  }
  return { name: name ?? basename(path, extname(path)), path };
}

/** `name=path` in its parts; a path that is there as it stands has no name. */
function splitName(text: string): { readonly name?: string; readonly path: string } {
  const at = text.indexOf('=');
  return at < 1 || existsSync(text) ? { path: text } : { name: text.slice(0, at), path: text.slice(at + 1) };
}
