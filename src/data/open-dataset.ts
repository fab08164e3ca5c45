import { basename, dirname, join } from 'node:path';
import { ModelpressError } from '../diagnostics/modelpress-error.ts';
import type { Port } from '../runtime/session.ts';
import { arrayDataset, type ModelPorts } from './array-dataset.ts';
import type { ArrayTable } from './choose-arrays.ts';
import { readCsv } from './csv-table.ts';
import type { Dataset } from './dataset.ts';
import { type DatasetOptions, resolveOptions } from './dataset-options.ts';
import { fileSource, hashFile, hashFiles, type NamedFile, readable, readWholeFile } from './file-source.ts';
import { imageFolder } from './image-folder.ts';
import { jsonlDataset } from './jsonl-dataset.ts';
import { readNpy } from './npy.ts';
import { readNpz } from './npz.ts';
import { onnxTestData } from './onnx-test-data.ts';
import { type RecognisedData, recogniseDataset } from './recognise-dataset.ts';
import type { RowArray } from './row-array.ts';

/** A dataset by its path, with what is to be known for reading it. */
export interface DatasetSpec {
  readonly path: string;
  readonly options?: DatasetOptions;
}

/** The model that a dataset is opened for: its inputs, its outputs where known (they tell classes from numbers). */
export interface DatasetModel {
  readonly inputs: readonly Port[];
  readonly outputs?: readonly Port[];
  readonly options?: DatasetOptions;
}

/**
 * Opens the data at a path for a model. What it is, is told by looking: `.npz` or `.npy` arrays, a folder of images, CSV,
 * JSON lines, ONNX test data. Options come from the JSON file beside the data (`<path>.json`, or `dataset.json` in a
 * folder), over that from the spec, over that from the call.
 *
 * Every sample's tensors have the model's types and shapes; where the data cannot be brought there exactly and in one
 * clear way, that is an error. NaN and infinities are refused unless `allowNonFinite` is set.
 *
 * @throws ModelpressError with a code that begins with `data-`; problems of a single sample when it is read.
 */
export async function openDataset(source: string | DatasetSpec, model: DatasetModel): Promise<Dataset> {
  const { path, options: own } = typeof source === 'string' ? { path: source } : source;
  const data = readable(path, () => recogniseDataset(path));
  const options = resolveOptions('path' in data ? [path, data.path] : [path], own, model.options);
  const dataset = await open(path, data, { inputs: model.inputs, outputs: model.outputs ?? [] }, options);
  const { output, labelOffset, threshold } = options;
  return { ...dataset, scoring: { output, labelOffset, threshold } };
}

async function open(path: string, data: RecognisedData, model: ModelPorts, options: DatasetOptions): Promise<Dataset> {
  switch (data.kind) {
    case 'npz': {
      const labels = labelFile(data.path, options);
      const { arrays, refused } = readNpz(data.path, readWholeFile(data.path));
      const beside = npyTable(path, labels);
      const table = {
        label: data.path,
        arrays: new Map([...arrays, ...beside.arrays]),
        refused: new Map([...refused, ...beside.refused]),
      };
      const sha256 = await hashFiles([{ name: basename(data.path), path: data.path }, ...labels]);
      return arrayDataset({ table, origin: 'npz', sha256 }, model, options);
    }
    case 'npy': {
      const files = [...data.files, ...labelFile(data.files[0]!.path, options)];
      return arrayDataset(
        { table: npyTable(path, files), origin: 'npy', sha256: await hashFiles(files) },
        model,
        options,
      );
    }
    case 'csv': {
      const table = await readCsv(data.path, model.inputs, options);
      return arrayDataset({ table, origin: 'csv', sha256: await hashFile(data.path) }, model, options);
    }
    case 'jsonl':
      return await jsonlDataset(data.path, model, options);
    case 'images':
      return await imageFolder(data.path, model, options);
    case 'onnx-test-data':
      return await onnxTestData(path, data.sets, model, options);
  }
}

/** The `.npy` file beside the data that the option `labels` names, where it does. */
function labelFile(path: string, { labels }: DatasetOptions): readonly NamedFile[] {
  if (typeof labels !== 'string' || !labels.endsWith('.npy') || basename(labels) !== labels) return [];
  return [{ name: labels, path: join(dirname(path), labels) }];
}

function npyTable(label: string, files: readonly NamedFile[]): ArrayTable {
  const arrays = new Map<string, RowArray>();
  const refused = new Map<string, ModelpressError>();
  for (const { name, path } of files) {
    try {
      arrays.set(name, readNpy(name, fileSource(path)));
    } catch (error) {
      if (!(error instanceof ModelpressError)) throw error;
      refused.set(name, error);
    }
  }
  return { label, arrays, refused };
}
