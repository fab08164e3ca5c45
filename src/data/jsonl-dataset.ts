import { createReadStream } from 'node:fs';
import { note } from '../diagnostics/diagnostic.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Port } from '../runtime/session.ts';
import type { ModelPorts } from './array-dataset.ts';
import { arrayInput } from './array-input.ts';
import { checkSymbols } from './check-symbols.ts';
import { labelReader } from './class-labels.ts';
import type { Dataset, Label } from './dataset.ts';
import { checkInputNames, type DatasetOptions, inputOptions } from './dataset-options.ts';
import { fileSource, hashFile } from './file-source.ts';
import { dimsText } from './fit-shape.ts';
import { indexedDataset, makeSample } from './indexed-dataset.ts';
import { nestedArray } from './nested-array.ts';
import { memoryRows, type RowArray } from './row-array.ts';

/** Longest line in bytes, 256 MiB: a sample larger than that belongs in an array file. */
const LINE_LIMIT = 2 ** 28;

/** Names of the label beside the inputs. */
const LABEL_KEYS = ['label', 'labels', 'target', 'y'];

/**
 * The dataset of a file with one JSON object per line: `{"inputs": {NAME: nested array}, "label": ...}`, or the inputs
 * by name beside the label; the input of a model that has one may be called `input`, `inputs` or `x`. A nested array
 * has the input's shape, with or without its batch axis. `"outputs": {NAME: nested array}` gives expected outputs.
 * Lines are read when asked for; opening goes through all of them once for the labels.
 *
 * @throws ModelpressError `data-jsonl` on a line that is no such object; then as for arrays.
 */
export async function jsonlDataset(path: string, model: ModelPorts, options: DatasetOptions): Promise<Dataset> {
  const names = model.inputs.map((port) => port.name);
  checkInputNames(options, names, names.length > 1);
  const file = fileSource(path);
  const places: Place[] = [];
  const found: unknown[] = [];
  for await (const { text, ...place } of splitLines(path)) {
    places.push(place);
    const record = parseLine(text, `${path}:${place.number}`);
    if (options.labels !== false) found.push(labelOf(record, names, options));
  }
  if (places.length === 0) {
    return fail({
      code: 'data-empty',
      at: path,
      message: 'the file holds no lines',
      hint: 'Give at least one object.',
    });
  }
  const labels = jsonLabels(found, path);
  const context = { options, outputs: model.outputs, rowsPerSample: 1, label: path };
  const reader = labels === undefined ? undefined : labelReader(labels, context);
  const sha256 = await hashFile(path);
  return indexedDataset({
    label: path,
    origin: 'jsonl',
    size: places.length,
    sha256,
    notes:
      labels === undefined && found.some((value) => value !== undefined)
        ? [note({ code: 'data-labels-partial', at: path, message: 'some lines have no label, so labels are left out' })]
        : [],
    ...(reader?.classNames === undefined ? {} : { classNames: reader.classNames }),
    read(index) {
      const { offset, length, number } = places[index]!;
      const at = `${path}:${number}`;
      const record = parseLine(new TextDecoder().decode(file.read(offset, length)), at);
      const feed = new Map<string, Tensor>();
      for (const port of model.inputs) feed.set(port.name, inputTensor(record, port, index, model, options, at));
      checkSymbols(
        model.inputs.map((port) => ({ port, dims: feed.get(port.name)!.dims })),
        at,
      );
      return makeSample(feed, reader?.of(index) ?? expectedOutputs(record, model, at));
    },
  });
}

/** Where a line is in the file, in bytes. */
interface Place {
  readonly offset: number;
  readonly length: number;
  /** From 1 on, empty lines counted. */
  readonly number: number;
}

type Line = Place & { readonly text: string };

type JsonObject = Readonly<Record<string, unknown>>;

async function* splitLines(path: string): AsyncIterable<Line> {
  let rest: Buffer[] = [];
  let restLength = 0;
  let offset = 0;
  let number = 0;
  const lineOf = (bytes: Buffer): Line | undefined => {
    number++;
    const line = { offset, length: bytes.byteLength, number, text: bytes.toString('utf8') };
    offset += bytes.byteLength + 1;
    return line.text.trim() === '' ? undefined : line;
  };
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = lineOf(Buffer.concat([...rest, chunk.subarray(start, end)]));
      rest = [];
      restLength = 0;
      start = end + 1;
      if (line !== undefined) yield line;
    }
    rest.push(chunk.subarray(start));
    restLength += chunk.byteLength - start;
    if (restLength > LINE_LIMIT) wrong(`${path}:${number + 1}`, `the line is longer than ${LINE_LIMIT} bytes`);
  }
  const last = restLength === 0 ? undefined : lineOf(Buffer.concat(rest));
  if (last !== undefined) yield last;
}

function parseLine(text: string, at: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    const number = /[[:,\s](-?(?:NaN|Infinity))\s*[\],}]/.exec(text)?.[1];
    if (number === undefined)
      return wrong(at, `not readable as JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
    return fail({
      code: 'data-non-finite',
      at,
      message: `the line holds ${number}, which JSON has no number for`,
      hint: 'Remove or fill such values; where the model is meant to get NaN, write null and set allowNonFinite.',
    });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  return wrong(at, `expected an object, found ${Array.isArray(value) ? 'an array' : typeof value}`);
}

function inputTensor(
  record: JsonObject,
  port: Port,
  sample: number,
  { inputs }: ModelPorts,
  options: DatasetOptions,
  at: string,
): Tensor {
  const only = inputs.length === 1;
  const own = inputOptions(options, port.name, only);
  const value = inputValue(record, own.key ?? port.name, only);
  if (value === undefined) {
    return fail({
      code: 'data-input-missing',
      at,
      message: `nothing there for input ${port.name}; found ${Object.keys(record).join(', ')}`,
      hint: 'Give every input by its name, beside the label or under inputs.',
    });
  }
  const allowNonFinite = options.allowNonFinite ?? false;
  const array = nestedArray(port.name, value, at, allowNonFinite);
  const lines: RowArray = {
    ...array,
    dims: [sample + 1, ...array.dims.slice(1)],
    read: (_, count) => array.read(0, count),
  };
  const batch = array.dims[1];
  const batched = array.dims.length === port.dims.length + 1 && typeof port.dims[0] !== 'number' && batch !== undefined;
  const asGiven = batched ? { ...port, dims: [batch, ...port.dims.slice(1)] } : port;
  const input = arrayInput(lines, asGiven, own, allowNonFinite, at);
  if (input.rowsPerSample === 1) return input.read(sample) as Tensor;
  return fail({
    code: 'data-shape-mismatch',
    at,
    message: `input ${port.name} expects ${dimsText(port.dims)}, the line gives ${dimsText(array.dims.slice(1))}`,
    hint: 'Give as many rows as the batch that the model fixes, in an array of their own.',
  });
}

function inputValue(record: JsonObject, key: string, only: boolean): unknown {
  const { inputs } = record;
  if (typeof inputs === 'object' && inputs !== null && !Array.isArray(inputs)) {
    const named = inputs as JsonObject;
    return Object.hasOwn(named, key) ? named[key] : undefined;
  }
  if (Object.hasOwn(record, key)) return record[key];
  return only ? (record.inputs ?? record.input ?? record.x) : undefined;
}

function labelOf(record: JsonObject, names: readonly string[], { labels }: DatasetOptions): unknown {
  const key = typeof labels === 'string' ? labels : LABEL_KEYS.find((name) => Object.hasOwn(record, name));
  return key === undefined || (names.includes(key) && labels === undefined) ? undefined : record[key];
}

/** The labels of all lines as one array; undefined where a line has none. */
function jsonLabels(found: readonly unknown[], path: string): RowArray | undefined {
  if (found.length === 0 || found.some((value) => value === undefined || value === null)) return undefined;
  const all = nestedArray('label', found, path, false);
  const dims = all.dims.slice(1);
  const values = all.read(
    0,
    dims.reduce((product, dim) => product * dim, 1),
  );
  if (all.dtype === 'float64' && (values as Float64Array).every((value) => Number.isSafeInteger(value))) {
    return memoryRows(
      'label',
      'int64',
      dims,
      BigInt64Array.from(values as Float64Array, (value) => BigInt(value)),
    );
  }
  return memoryRows('label', all.dtype, dims, values);
}

function expectedOutputs(record: JsonObject, { outputs }: ModelPorts, at: string): Label | undefined {
  const given = record.outputs;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
  const tensors = new Map<string, Tensor>();
  for (const port of outputs) {
    if (port.dtype === 'non-tensor' || !Object.hasOwn(given, port.name)) continue;
    const wrapped = { [port.name]: (given as JsonObject)[port.name] };
    tensors.set(
      port.name,
      inputTensor(wrapped, port, 0, { inputs: outputs, outputs: [] }, { allowNonFinite: true }, at),
    );
  }
  return tensors.size === 0 ? undefined : { kind: 'outputs', outputs: tensors };
}

function wrong(at: string, message: string): never {
  return fail({ code: 'data-jsonl', at, message, hint: 'Give one JSON object per line, with the inputs by name.' });
}
