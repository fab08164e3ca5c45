import { type Diagnostic, note } from '../diagnostics/diagnostic.ts';
import { fail, type ModelpressError } from '../diagnostics/modelpress-error.ts';
import type { Port } from '../runtime/session.ts';
import { fitsInput } from './array-input.ts';
import type { DatasetOptions } from './dataset-options.ts';
import { dimsText } from './fit-shape.ts';
import { columnOf, type RowArray } from './row-array.ts';

/** Arrays by key, with the reason for each that was refused. */
export interface ArrayTable {
  readonly label: string;
  readonly arrays: ReadonlyMap<string, RowArray>;
  readonly refused: ReadonlyMap<string, ModelpressError>;
}

/** What people call the data of a model with one input, most telling first. */
const DATA_KEYS = ['x', 'inputs', 'input', 'images', 'image', 'features', 'data', 'arr_0'];

/** What people call labels. */
const LABEL_KEYS = ['labels', 'label', 'targets', 'target', 'class', 'y'];

/**
 * Which array each input is read from: the one that the options name, else the one of its name. A single input that is
 * left takes the array under a usual key (`x`, `data`, ...), or else the only array whose rows fit it. Several that
 * are left, all of one column each, take the columns of the only arrays with as many, texts and numbers apart.
 *
 * @throws ModelpressError `data-input-missing` when an input has no array, `data-ambiguous` when it has several.
 */
export function chooseArrays(
  table: ArrayTable,
  ports: readonly Port[],
  options: DatasetOptions,
): { readonly chosen: ReadonlyMap<string, RowArray>; readonly notes: readonly Diagnostic[] } {
  const chosen = new Map<string, RowArray>();
  for (const port of ports) {
    const { key, column } = { ...(ports.length === 1 ? options : {}), ...options.inputs?.[port.name] };
    const array = key === undefined ? table.arrays.get(port.name) : arrayAt(table, key, `input ${port.name}`);
    if (array !== undefined) chosen.set(port.name, column === undefined ? array : columnAt(table, array, column));
    else if (key === undefined && table.refused.has(port.name)) throw table.refused.get(port.name)!;
  }
  const open = ports.filter((port) => !chosen.has(port.name));
  const labels = options.labels === false ? usualLabels(table, ports) : labelKey(table, ports, options);
  const free = [...table.arrays.values()].filter(
    (array) => array.name !== labels && ![...chosen.values()].includes(array),
  );
  if (open.length < 2) {
    for (const port of open) chosen.set(port.name, soleArray(table, port, free));
    return { chosen, notes: [] };
  }
  const byPosition = columnsFor(table, open, free);
  for (const [name, array] of byPosition) chosen.set(name, array);
  const pairs = byPosition.map(([name, array]) => `${name} = ${array.name}`).join(', ');
  const message = `no arrays have the names of these inputs, so they take columns by position: ${pairs}`;
  return { chosen, notes: [note({ code: 'data-columns-by-position', at: table.label, message })] };
}

/**
 * The key of the labels: the one that the options name, else a usual one that is no input of the model, or the only one
 * that begins with such a word, as `y_test` does.
 *
 * @throws ModelpressError `data-labels` when the options name one that is not there.
 */
export function labelKey(table: ArrayTable, ports: readonly Port[], { labels }: DatasetOptions): string | undefined {
  if (labels === false) return undefined;
  if (labels !== undefined) {
    if (table.arrays.has(labels)) return labels;
    throw table.refused.get(labels) ?? missing(table, labels, 'the labels', 'data-labels');
  }
  return usualLabels(table, ports);
}

function usualLabels(table: ArrayTable, ports: readonly Port[]): string | undefined {
  const inputs = new Set(ports.map((port) => port.name));
  const keys = [...table.arrays.keys()].filter((key) => !inputs.has(key));
  const exact = keys.find((key) => LABEL_KEYS.includes(key.toLowerCase()));
  const parts = keys.filter((key) => LABEL_KEYS.includes(key.toLowerCase().split(/[_.-]/)[0]!));
  return exact ?? (parts.length === 1 ? parts[0] : undefined);
}

function soleArray(table: ArrayTable, port: Port, free: readonly RowArray[]): RowArray {
  for (const usual of DATA_KEYS) {
    const array = free.find(({ name }) => name.toLowerCase() === usual);
    if (array !== undefined) return array;
  }
  const fitting = free.filter((array) => fitsInput(array, port));
  if (fitting.length === 1) return fitting[0]!;
  if (fitting.length === 0 && free.length === 1) return free[0]!;
  if (fitting.length > 1) {
    return fail({
      code: 'data-ambiguous',
      at: table.label,
      message: `input ${port.name} ${dimsText(port.dims)} fits several arrays: ${fitting.map(arrayText).join(', ')}`,
      hint: `Say which one with inputs.${port.name}.key.`,
    });
  }
  throw [...table.refused.values()][0] ?? missing(table, port.name, `input ${port.name} ${dimsText(port.dims)}`);
}

function columnsFor(
  table: ArrayTable,
  open: readonly Port[],
  free: readonly RowArray[],
): readonly (readonly [string, RowArray])[] {
  const single = open.every((port) => port.dims.length > 0 && port.dims.slice(1).every((dim) => dim === 1));
  const groups = [
    open.filter((port) => port.dtype === 'string'),
    open.filter((port) => port.dtype !== 'string'),
  ].filter((group) => group.length > 0);
  return groups.flatMap((group) => {
    const text = group[0]!.dtype === 'string';
    const wide = free.filter(
      ({ dtype, dims }) => (dtype === 'string') === text && dims.length === 2 && dims[1] === group.length,
    );
    if (!single || wide.length !== 1) {
      throw missing(table, group[0]!.name, `inputs ${group.map((port) => port.name).join(', ')}`);
    }
    return group.map((port, column) => [port.name, columnOf(wide[0]!, column)] as const);
  });
}

function arrayAt(table: ArrayTable, key: string, forWhat: string): RowArray {
  const array = table.arrays.get(key);
  if (array !== undefined) return array;
  throw table.refused.get(key) ?? missing(table, key, forWhat);
}

function columnAt(table: ArrayTable, array: RowArray, column: number): RowArray {
  if (array.dims.length === 2 && column < array.dims[1]!) return columnOf(array, column);
  return fail({
    code: 'data-options',
    at: table.label,
    message: `array ${arrayText(array)} has no column ${column}`,
    hint: 'Columns are those of two-dimensional arrays, from 0 on.',
  });
}

function missing(table: ArrayTable, name: string, what: string, code = 'data-input-missing'): never {
  const found = [...table.arrays.values()].map(arrayText).join(', ');
  return fail({
    code,
    at: table.label,
    message: `nothing there for ${what}${what.includes(name) ? '' : ` under ${name}`}; found: ${found || 'no arrays'}`,
    hint: 'Name the arrays after the inputs of the model, or map them with inputs.NAME.key and labels.',
  });
}

function arrayText({ name, dtype, dims }: RowArray): string {
  return `${name} ${dtype}${dimsText(dims)}`;
}
