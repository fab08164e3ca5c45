import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type Diagnostic, note } from '../diagnostics/diagnostic.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Port } from '../runtime/session.ts';
import type { ModelPorts } from './array-dataset.ts';
import type { Dataset, Label } from './dataset.ts';
import { checkInputNames, type DatasetOptions, inputOptions } from './dataset-options.ts';
import { hashFiles } from './file-source.ts';
import { imageInput } from './image-input.ts';
import { indexedDataset, makeSample } from './indexed-dataset.ts';

/** File name endings of the images that can be decoded. */
const IMAGE_EXTENSIONS = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif', '.bmp'];

/** Numeric sub-folder names up to here are class numbers; larger ones are dates or identifiers. */
const CLASS_NUMBER_LIMIT = 100_000;

/** Whether a file is an image by its name. */
export function isImageFile(name: string): boolean {
  return IMAGE_EXTENSIONS.includes(extname(name).toLowerCase());
}

/** An image of the folder, with its sub-folder where there are such. */
interface ImageFile {
  /** Path within the folder, with `/`. */
  readonly name: string;
  readonly path: string;
  readonly folder?: string;
}

/**
 * The dataset of a folder of images: one class per sub-folder, or none. A class's number is its place in `classes`, or
 * the sub-folder's name where all are numbers, or its place among the sorted names. Images are decoded when asked for.
 *
 * @throws ModelpressError `data-empty` when there is no image, `data-labels` when a sub-folder is not among `classes`,
 *   `data-input-missing` when the model has other inputs as well; see `imageInput` for the rest.
 */
export async function imageFolder(path: string, model: ModelPorts, options: DatasetOptions): Promise<Dataset> {
  const port = soleInput(path, model.inputs);
  checkInputNames(options, [port.name], false);
  const own = inputOptions(options, port.name, true);
  const input = imageInput(port, own, options.allowNonFinite ?? false, path);
  const { images, skipped } = listImages(path);
  const size = Math.floor(images.length / input.rowsPerSample);
  if (size === 0) {
    return fail({
      code: 'data-empty',
      at: path,
      message: `the folder holds ${images.length} images, the model takes ${input.rowsPerSample} at a time`,
      hint: `Images are files that end in ${IMAGE_EXTENSIONS.join(', ')}, in the folder or in its sub-folders.`,
    });
  }
  const classes = options.labels === false ? undefined : classesOf(path, images, options.classes);
  const labelAt = (first: number): Label | undefined => {
    if (classes === undefined) return undefined;
    const indices = images.slice(first, first + input.rowsPerSample).map(({ folder }) => classes.indexOf(folder!));
    return indices.length === 1 ? { kind: 'class', index: indices[0]! } : { kind: 'classes', indices };
  };
  return indexedDataset({
    label: path,
    origin: 'images',
    size,
    sha256: await hashFiles(images),
    notes: notesFor(path, port, own, { skipped, anySize: input.anySize, dropped: images.length % input.rowsPerSample }),
    ...(classes === undefined ? {} : { classNames: classes.names }),
    async read(index) {
      const first = index * input.rowsPerSample;
      const files = images.slice(first, first + input.rowsPerSample).map((image) => image.path);
      const tensor: Tensor = await input.read(files, index, files.join(', '));
      return makeSample(new Map([[port.name, tensor]]), labelAt(first));
    },
  });
}

function soleInput(path: string, inputs: readonly Port[]): Port {
  const port = inputs[0];
  if (inputs.length === 1 && port !== undefined) return port;
  return fail({
    code: 'data-input-missing',
    at: path,
    message: `images can be one input, the model has ${inputs.length}: ${inputs.map(({ name }) => name).join(', ')}`,
    hint: 'Give the inputs as arrays of a .npz archive, named after the inputs.',
  });
}

function listImages(path: string): { readonly images: readonly ImageFile[]; readonly skipped: readonly string[] } {
  const images: ImageFile[] = [];
  const skipped: string[] = [];
  const entries = readdirSync(path, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isDirectory()).sort(byName)) {
    for (const file of readdirSync(join(path, name)).sort()) {
      if (isImageFile(file)) images.push({ name: `${name}/${file}`, path: join(path, name, file), folder: name });
      else skipped.push(`${name}/${file}`);
    }
  }
  const loose = entries.filter((entry) => !entry.isDirectory()).sort(byName);
  const labelled = images.length > 0;
  for (const { name } of loose) {
    if (!isImageFile(name)) continue;
    if (labelled) skipped.push(name);
    else images.push({ name, path: join(path, name) });
  }
  return { images, skipped };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

interface Classes {
  readonly names: readonly string[];
  indexOf(folder: string): number;
}

function classesOf(path: string, images: readonly ImageFile[], listed: DatasetOptions['classes']): Classes | undefined {
  if (images[0]?.folder === undefined) return undefined;
  const folders = [...new Set(images.map((image) => image.folder!))].sort();
  const numbers = folders.every((folder) => /^\d+$/.test(folder) && Number(folder) < CLASS_NUMBER_LIMIT);
  if (listed === undefined && numbers) {
    const most = Math.max(...folders.map(Number));
    return { names: Array.from({ length: most + 1 }, (_, index) => String(index)), indexOf: Number };
  }
  const names = listed?.map(String) ?? folders;
  const index = new Map(names.map((name, at) => [name, at]));
  const stranger = folders.find((folder) => !index.has(folder));
  if (stranger !== undefined) {
    fail({
      code: 'data-labels',
      at: path,
      message: `sub-folder ${stranger} is not among the ${names.length} classes`,
      hint: 'Add it to the option classes, or move it out of the folder.',
    });
  }
  return { names, indexOf: (folder) => index.get(folder)! };
}

interface Seen {
  readonly skipped: readonly string[];
  readonly anySize: boolean;
  readonly dropped: number;
}

function notesFor(
  at: string,
  port: Port,
  { scale, mean, std }: ReturnType<typeof inputOptions>,
  { skipped, anySize, dropped }: Seen,
): readonly Diagnostic[] {
  const notes: Diagnostic[] = [];
  const tell = (code: string, message: string, hint?: string): void => {
    notes.push(note({ code, at, message, ...(hint === undefined ? {} : { hint }) }));
  };
  if (skipped.length > 0)
    tell('data-files-skipped', `${skipped.length} files are no images of a class, as ${skipped[0]}`);
  if (dropped > 0) tell('data-rows-dropped', `the last ${dropped} images are left out: they do not fill a batch`);
  if (anySize) {
    tell(
      'data-image-size',
      `input ${port.name} leaves the size open, so images keep theirs`,
      'Set size to bring them to one.',
    );
  }
  if (port.dtype !== 'uint8' && scale === undefined && mean === undefined && std === undefined) {
    tell(
      'data-image-range',
      `input ${port.name} gets pixels as they are, 0 to 255`,
      'Set scale, mean and std to what the model was trained with, such as scale 0.00392156862745098 for 0 to 1.',
    );
  }
  return notes;
}
