import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { NamedFile } from './file-source.ts';
import { isImageFile } from './image-folder.ts';

/** What lies at a path, by its look. */
export type RecognisedData =
  | { readonly kind: 'npz' | 'csv' | 'jsonl'; readonly path: string }
  /** Arrays by key: the file names without `.npy`. */
  | { readonly kind: 'npy'; readonly files: readonly NamedFile[] }
  | { readonly kind: 'images'; readonly path: string }
  | { readonly kind: 'onnx-test-data'; readonly sets: readonly string[] };

const FILE_KINDS: Readonly<Record<string, 'npz' | 'csv' | 'jsonl'>> = {
  '.npz': 'npz',
  '.csv': 'csv',
  '.tsv': 'csv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
};

const FORMATS =
  'a .npz, .npy, .csv, .tsv, .jsonl or .ndjson file, a folder of one of them, of .npy arrays, of images or of test_data_set_* folders';

/**
 * Tells what kind of data lies at a path: by the ending of a file, by what a folder holds. A folder is, in this order,
 * a set of ONNX test data (`input_0.pb`), several of them (`test_data_set_*`), a folder of `.npy` arrays, of a single
 * other data file, or of images. Labels lie beside a single `.npy` file: `y_val.npy` or `Y_val.npy` beside `X_val.npy`,
 * `val_labels.npy`, `val.labels.npy` or `val-labels.npy` beside `val.npy`, else `y.npy`.
 *
 * @throws ModelpressError `data-not-found`, `data-unrecognised`, `data-ambiguous`.
 */
export function recogniseDataset(path: string): RecognisedData {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    return fail({
      code: 'data-not-found',
      at: path,
      message: 'there is no such file or folder',
      hint: `Give ${FORMATS}.`,
    });
  }
  return stat.isDirectory() ? recogniseFolder(path) : recogniseFile(path);
}

function recogniseFile(path: string): RecognisedData {
  const extension = extname(path).toLowerCase();
  const kind = FILE_KINDS[extension];
  if (kind !== undefined) return { kind, path };
  if (extension !== '.npy') {
    const found = extension === '' ? 'a file without an ending' : `a ${extension} file`;
    return fail({
      code: 'data-unrecognised',
      at: path,
      message: `${found} is no known data`,
      hint: `Give ${FORMATS}.`,
    });
  }
  const own = { name: basename(path, extname(path)), path };
  const labels = labelNames(own.name)
    .map((name) => join(dirname(path), `${name}.npy`))
    .find((beside) => statSync(beside, { throwIfNoEntry: false })?.isFile());
  return { kind: 'npy', files: labels === undefined ? [own] : [own, { name: 'y', path: labels }] };
}

/** What the labels of an array of that name may be called, most telling first. */
function labelNames(name: string): readonly string[] {
  if (name === 'y') return [];
  const rest = /^[xX](?=$|[_.-])/.test(name) ? name.slice(1) : undefined;
  const twins = rest === undefined ? [] : [`y${rest}`, `Y${rest}`];
  return [...twins, ...['_labels', '.labels', '-labels'].map((ending) => `${name}${ending}`), 'y'];
}

function recogniseFolder(path: string): RecognisedData {
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  if (files.includes('input_0.pb')) return { kind: 'onnx-test-data', sets: [path] };
  const sets = folders.filter((name) => name.startsWith('test_data_set_')).sort(byNumber);
  if (sets.length > 0) return { kind: 'onnx-test-data', sets: sets.map((name) => join(path, name)) };
  const arrays = files.filter((name) => extname(name).toLowerCase() === '.npy');
  const tables = files.filter((name) => FILE_KINDS[extname(name).toLowerCase()] !== undefined);
  if (tables.length + Number(arrays.length > 0) > 1) {
    return fail({
      code: 'data-ambiguous',
      at: path,
      message: `the folder holds several datasets: ${[...tables, ...arrays].join(', ')}`,
      hint: 'Give the path of one of them.',
    });
  }
  if (arrays.length > 0) {
    return {
      kind: 'npy',
      files: arrays.map((name) => ({ name: basename(name, extname(name)), path: join(path, name) })),
    };
  }
  if (tables.length === 1) return recogniseFile(join(path, tables[0]!));
  const images = (names: readonly string[]): boolean => names.some(isImageFile);
  if (images(files) || folders.some((name) => images(readdirSync(join(path, name))))) return { kind: 'images', path };
  return fail({
    code: 'data-unrecognised',
    at: path,
    message: `the folder holds no known data: ${
      entries
        .slice(0, 8)
        .map((entry) => entry.name)
        .join(', ') || 'it is empty'
    }`,
    hint: `Give ${FORMATS}.`,
  });
}

function byNumber(a: string, b: string): number {
  const number = (name: string): number => Number(name.slice('test_data_set_'.length));
  return number(a) - number(b) || (a < b ? -1 : 1);
}
