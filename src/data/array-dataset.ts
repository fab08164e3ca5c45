import { counted } from '../diagnostics/counted.ts';
import { type Diagnostic, note } from '../diagnostics/diagnostic.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Port } from '../runtime/session.ts';
import { arrayInput, fitsInput, type InputReader } from './array-input.ts';
import { checkSymbols } from './check-symbols.ts';
import { type ArrayTable, chooseArrays, labelKey } from './choose-arrays.ts';
import { labelReader } from './class-labels.ts';
import type { Dataset, DatasetOrigin, Label } from './dataset.ts';
import { checkInputNames, type DatasetOptions, inputOptions } from './dataset-options.ts';
import { indexedDataset, makeSample } from './indexed-dataset.ts';
import { rowCount, windowed } from './row-array.ts';

/** The model that a dataset is opened for. */
export interface ModelPorts {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** Where arrays come from. */
export interface ArraySource {
  readonly table: ArrayTable;
  readonly origin: DatasetOrigin;
  readonly sha256: string;
  readonly notes?: readonly Diagnostic[];
}

/**
 * The dataset of arrays whose leading axis counts the rows.
 *
 * @throws ModelpressError `data-input-missing`, `data-ambiguous`, `data-shape-mismatch`, `data-dtype`, `data-labels`,
 *   `data-options`, `data-rows-differ` when arrays disagree about the number of rows, `data-empty` when there are none.
 */
export function arrayDataset(
  { table, origin, sha256, notes = [] }: ArraySource,
  model: ModelPorts,
  options: DatasetOptions,
): Dataset {
  const { label } = table;
  const { inputs, outputs } = model;
  checkInputNames(
    options,
    inputs.map((port) => port.name),
    inputs.length > 1,
  );
  const choice = chooseArrays(table, inputs, options);
  const { window } = options;
  const readers = inputs.map((port) => {
    const array = choice.chosen.get(port.name)!;
    const rows =
      window === undefined || array.dims.length === 0 ? array : windowed(array, window.length, window.stride ?? 1);
    const own = inputOptions(options, port.name, inputs.length === 1);
    return { port, rows, reader: arrayInput(rows, port, own, options.allowNonFinite ?? false, label) };
  });
  const { size, rowsPerSample } = sampleCount(readers, label);
  checkSymbols(
    readers.flatMap(({ port, reader }) => (reader.dims === undefined ? [] : [{ port, dims: reader.dims }])),
    label,
  );
  const key = labelKey(table, inputs, options);
  const context = { options, outputs, rowsPerSample, label };
  if (key !== undefined) checkLabelRows(key, rowCount(table.arrays.get(key)!), Math.floor(rowCountOf(readers)), label);
  const labels = key === undefined ? undefined : labelReader(table.arrays.get(key)!, context);
  const expected =
    key !== undefined || options.labels === false ? undefined : expectedOutputs(table, model, choice.chosen, size);
  const rest = rowCountOf(readers) - size * rowsPerSample;
  return indexedDataset({
    label,
    origin,
    size,
    sha256,
    notes: [
      ...notes,
      ...choice.notes,
      ...(labels?.notes ?? []),
      ...readers.flatMap(({ reader }) => reader.notes),
      ...droppedNote(rest, rowsPerSample, label),
    ],
    ...(labels?.classNames === undefined ? {} : { classNames: labels.classNames }),
    async read(index) {
      const feed = new Map<string, Tensor>();
      for (const { port, reader } of readers) feed.set(port.name, await reader.read(index));
      return makeSample(feed, labels?.of(index) ?? (await expected?.(index)));
    },
  });
}

interface NamedReader {
  readonly port: Port;
  readonly rows: { readonly dims: readonly number[] };
  readonly reader: InputReader;
}

/** Rows of the inputs that have any; samples share the others. */
function rowCountOf(readers: readonly NamedReader[]): number {
  const counted = readers.find(({ reader }) => Number.isFinite(reader.samples));
  return counted?.rows.dims[0] ?? 1;
}

function sampleCount(readers: readonly NamedReader[], label: string): { size: number; rowsPerSample: number } {
  const counted = readers.filter(({ reader }) => Number.isFinite(reader.samples));
  const first = counted[0]?.reader;
  if (first === undefined) return { size: 1, rowsPerSample: 1 };
  if (counted.some(({ reader }) => reader.samples !== first.samples)) {
    fail({
      code: 'data-rows-differ',
      at: label,
      message: `inputs have different numbers of samples: ${counted.map(({ port, reader }) => `${port.name} ${reader.samples}`).join(', ')}`,
      hint: 'Give every input as many rows.',
    });
  }
  const empty = first.samples < 1 || counted.some(({ rows }) => rows.dims.includes(0));
  if (empty) {
    const found = counted.map(({ port, rows }) => `${port.name} [${rows.dims.join(', ')}]`).join(', ');
    fail({
      code: 'data-empty',
      at: label,
      message: `the arrays hold no sample: ${found}`,
      hint: 'Give at least one row, and as many as the batch where the model fixes it.',
    });
  }
  return { size: first.samples, rowsPerSample: first.rowsPerSample };
}

function checkLabelRows(key: string, found: number, expected: number, label: string): void {
  if (found === expected) return;
  fail({
    code: 'data-rows-differ',
    at: label,
    message: `labels ${key} have ${found} rows, the inputs ${expected}`,
    hint: 'Give one label per row, or set labels to false if these are none.',
  });
}

function expectedOutputs(
  table: ArrayTable,
  { outputs }: ModelPorts,
  chosen: ReadonlyMap<string, unknown>,
  size: number,
): ((index: number) => Promise<Label>) | undefined {
  const readers = outputs.flatMap((port) => {
    const array = chosen.has(port.name) ? undefined : table.arrays.get(port.name);
    if (array === undefined || !fitsInput(array, port)) return [];
    const reader = arrayInput(array, port, {}, true, table.label);
    return reader.samples === size ? [[port.name, reader] as const] : [];
  });
  if (readers.length === 0) return undefined;
  return async (index) => {
    const tensors = new Map<string, Tensor>();
    for (const [name, reader] of readers) tensors.set(name, await reader.read(index));
    return { kind: 'outputs', outputs: tensors };
  };
}

function droppedNote(rest: number, rowsPerSample: number, label: string): readonly Diagnostic[] {
  if (rest === 0) return [];
  const message = `the last ${counted(rest, 'row')} of the data ${rest === 1 ? 'is' : 'are'} left out: the model takes ${rowsPerSample} at a time`;
  return [note({ code: 'data-rows-dropped', at: label, message })];
}
