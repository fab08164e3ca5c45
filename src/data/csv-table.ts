import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { parse } from 'csv-parse';
import { fail, ModelpressError } from '../diagnostics/modelpress-error.ts';
import type { Port } from '../runtime/session.ts';
import type { ArrayTable } from './choose-arrays.ts';
import type { DatasetOptions } from './dataset-options.ts';
import { fileSource } from './file-source.ts';
import { memoryRows, type RowArray } from './row-array.ts';

/** Longest row in bytes, against a file without line ends. */
const ROW_LIMIT = 1 << 24;

/** Most columns: more than any table of features has, fewer than hostile rows can spell. */
const COLUMN_LIMIT = 65_536;

/** Column names that are taken to be labels, most telling first. */
const LABEL_COLUMNS = ['label', 'labels', 'target', 'class', 'y'];

/** How the cells of a column are to be understood. */
type CellKind = 'number' | 'text' | 'label';

/**
 * The columns of a comma-separated file as arrays: one per input that has a column of its name, one of all other
 * features in their order for the input that has none, and one for the labels, which are texts where a cell is no
 * number. Cells are parsed once and held as numbers; spaces around them do not count. An empty cell of numbers is NaN.
 *
 * @throws ModelpressError `data-csv` on a row that cannot be read, `data-value` on text among numbers,
 *   `data-input-missing` when columns are missing, `data-options` when an option names a column that is not there.
 */
export async function readCsv(path: string, inputs: readonly Port[], options: DatasetOptions): Promise<ArrayTable> {
  let layout: TableLayout | undefined;
  let cells: ColumnCells[] = [];
  let row = 0;
  const parser = parse({
    bom: true,
    trim: true,
    skip_empty_lines: true,
    delimiter: options.delimiter ?? likelyDelimiter(path),
    max_record_size: ROW_LIMIT,
  });
  // An error of either stream ends the other, and comes out of the loop below.
  pipeline(createReadStream(path), parser, () => {});
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (layout === undefined) {
        const names = options.header === false ? record.map((_, at) => String(at)) : record;
        if (options.header !== false) refuseNumbers(path, record);
        layout = tableLayout(path, names, inputs, options);
        cells = layout.columns.map(({ kind }) => ({ numbers: [], texts: [], kind }));
        if (options.header !== false) continue;
      }
      row++;
      for (const [at, { index, kind, name }] of layout.columns.entries()) {
        addCell(cells[at]!, record[index]!, kind, () => `${path}: row ${row}, column ${name}`);
      }
    }
  } catch (cause) {
    if (cause instanceof ModelpressError) throw cause;
    return fail(
      {
        code: 'data-csv',
        at: path,
        message: `the table cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
        hint: 'Give every row as many cells as the header, and quote cells that hold the delimiter.',
      },
      cause,
    );
  }
  if (layout === undefined || row === 0) {
    return fail({ code: 'data-empty', at: path, message: 'the file holds no rows', hint: 'Give at least one row.' });
  }
  const arrays = new Map<string, RowArray>();
  for (const { name, first, width, single } of layout.arrays) {
    arrays.set(name, arrayOf(name, cells.slice(first, first + width), row, single));
  }
  return { label: path, arrays, refused: new Map() };
}

interface TableLayout {
  /** The columns that are kept, those of one array next to each other. */
  readonly columns: readonly { readonly name: string; readonly index: number; readonly kind: CellKind }[];
  readonly arrays: readonly {
    readonly name: string;
    readonly first: number;
    readonly width: number;
    readonly single: boolean;
  }[];
}

interface ColumnCells {
  readonly kind: CellKind;
  readonly numbers: number[];
  readonly texts: string[];
}

function tableLayout(
  path: string,
  names: readonly string[],
  inputs: readonly Port[],
  options: DatasetOptions,
): TableLayout {
  if (names.length > COLUMN_LIMIT) wrong(path, `${names.length} columns, the limit is ${COLUMN_LIMIT}`);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) wrong(path, `two columns are named ${JSON.stringify(twice)}`);
  const indexOf = (name: string): number => {
    const index = names.indexOf(name);
    return index >= 0
      ? index
      : wrong(path, `no column is named ${JSON.stringify(name)}; there are ${names.join(', ')}`);
  };
  const label = labelColumn(names, inputs, options);
  const groups: { name: string; columns: string[]; kind: CellKind; single: boolean }[] = [];
  const open: Port[] = [];
  for (const port of inputs) {
    const key = options.inputs?.[port.name]?.key ?? (inputs.length === 1 ? options.key : undefined) ?? port.name;
    const kind = port.dtype === 'string' ? 'text' : 'number';
    if (names.includes(key)) groups.push({ name: key, columns: [key], kind, single: true });
    else open.push(port);
  }
  if (open.length > 1) {
    fail({
      code: 'data-input-missing',
      at: path,
      message: `no columns for inputs ${open.map((port) => port.name).join(', ')}; there are ${names.join(', ')}`,
      hint: 'Name the columns after the inputs, or map them with inputs.NAME.key.',
    });
  }
  if (open.length === 1) {
    const taken = groups.flatMap(({ columns }) => columns);
    const features = options.columns ?? names.filter((name) => name !== label && !taken.includes(name));
    const kind = open[0]!.dtype === 'string' ? 'text' : 'number';
    groups.push({ name: open[0]!.name, columns: [...features], kind, single: false });
  }
  if (label !== undefined) groups.push({ name: label, columns: [label], kind: 'label', single: true });
  let first = 0;
  const arrays = groups.map(({ name, columns, single }) => {
    first += columns.length;
    return { name, first: first - columns.length, width: columns.length, single };
  });
  const columns = groups.flatMap(({ columns, kind }) => columns.map((name) => ({ name, index: indexOf(name), kind })));
  return { columns, arrays };
}

function labelColumn(
  names: readonly string[],
  inputs: readonly Port[],
  { labels }: DatasetOptions,
): string | undefined {
  if (labels !== undefined) return labels === false ? undefined : labels;
  return LABEL_COLUMNS.map((usual) => names.find((name) => name.toLowerCase() === usual)).find(
    (name) => name !== undefined && !inputs.some((port) => port.name === name),
  );
}

function addCell(cells: ColumnCells, cell: string, kind: CellKind, where: () => string): void {
  if (kind === 'text') {
    cells.texts.push(cell);
    return;
  }
  const value = numberIn(cell);
  if (kind === 'label') cells.texts.push(cell);
  else if (value === undefined) {
    fail({
      code: 'data-value',
      at: where(),
      message: `${JSON.stringify(cell.slice(0, 80))} is no number`,
      hint: 'Leave the column out with the option columns, or turn its texts into numbers as the model was trained on.',
    });
  }
  cells.numbers.push(value ?? Number.NaN);
}

/** The number that a cell spells; NaN for an empty one, undefined for text. */
function numberIn(cell: string): number | undefined {
  if (cell === '') return Number.NaN;
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell)) return Number(cell);
  if (/^nan$/i.test(cell)) return Number.NaN;
  const infinity = /^([+-]?)inf(inity)?$/i.exec(cell);
  if (infinity !== null) return infinity[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^(true|false)$/i.test(cell)) return cell.toLowerCase() === 'true' ? 1 : 0;
  return undefined;
}

function arrayOf(name: string, columns: readonly ColumnCells[], rows: number, single: boolean): RowArray {
  const dims = single ? [rows] : [rows, columns.length];
  const texts = columns.some(
    ({ kind, numbers }) => kind === 'text' || (kind === 'label' && numbers.some((value) => Number.isNaN(value))),
  );
  if (texts) {
    const values: string[] = [];
    for (let row = 0; row < rows; row++) for (const column of columns) values.push(column.texts[row]!);
    return memoryRows(name, 'string', dims, values);
  }
  const values = new Float64Array(rows * columns.length);
  columns.forEach(({ numbers }, at) => {
    for (let row = 0; row < rows; row++) values[row * columns.length + at] = numbers[row]!;
  });
  const whole = columns.every(
    ({ kind, texts }) => kind === 'label' && texts.every((text) => /^[+-]?\d{1,15}$/.test(text)),
  );
  if (whole)
    return memoryRows(
      name,
      'int64',
      dims,
      BigInt64Array.from(values, (value) => BigInt(value)),
    );
  return memoryRows(name, 'float64', dims, values);
}

function likelyDelimiter(path: string): string {
  const source = fileSource(path);
  const start = new TextDecoder().decode(source.read(0, Math.min(source.size, 1 << 16)));
  const line = start.split(/\r?\n/, 1)[0]!;
  const counts = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

function refuseNumbers(path: string, record: readonly string[]): void {
  if (!record.every((cell) => cell !== '' && numberIn(cell) !== undefined)) return;
  wrong(path, `the first row is all numbers (${record.slice(0, 5).join(', ')}), where names of columns were expected`);
}

function wrong(path: string, message: string): never {
  return fail({
    code: 'data-csv',
    at: path,
    message,
    hint: 'Name the columns in the first row, or set header to false; choose columns with columns, labels and inputs.NAME.key.',
  });
}
