import { type Diagnostic, note } from '../diagnostics/diagnostic.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import { isFloat } from '../ir/dtype.ts';
import { decodeNarrowFloat, isNarrowFloat } from '../ir/float-formats.ts';
import { elementCount } from '../ir/tensor.ts';
import type { Port } from '../runtime/session.ts';
import type { Label } from './dataset.ts';
import type { DatasetOptions } from './dataset-options.ts';
import { type Elements, isText, type RowArray, rowCount, rowDims } from './row-array.ts';

/** The labels of a dataset. */
export interface LabelReader {
  of(sample: number): Label;
  readonly classNames?: readonly string[];
  readonly notes: readonly Diagnostic[];
}

/** What bears on how labels are read. */
export interface LabelContext {
  readonly options: DatasetOptions;
  readonly outputs: readonly Port[];
  readonly rowsPerSample: number;
  readonly label: string;
}

/**
 * Labels from the rows of an array. Texts are classes, numbered as `classes` lists them or in sorted order. Numbers are
 * classes when they are whole and not negative, and either stored as integers or no more than the model has classes;
 * a single-valued output with labels above 1 is a regression. Of a model that gives the class itself they may also be
 * any whole numbers, such as -1 and 1, as many as it has classes: they are taken in rising order then. Rows that are 1 at one place and 0 elsewhere, as wide as
 * the model's output, are classes too. Everything else is `values`. `labelKind` decides where this guesses wrong.
 *
 * @throws ModelpressError `data-labels` when a label is no class.
 */
export function labelReader(array: RowArray, context: LabelContext): LabelReader {
  const { options, rowsPerSample } = context;
  const width = elementCount(rowDims(array));
  const classes = options.labelKind === 'values' ? undefined : classIndices(array, width, context);
  if (classes === undefined) {
    if (array.dtype === 'string') return invalid(context, `labels of ${array.name} are texts of several columns`);
    const count = rowsPerSample * width;
    return {
      notes: [],
      of: (sample) => ({ kind: 'values', values: numbersOf(array.read(sample * count, count), array) }),
    };
  }
  const { indices, names, notes = [] } = classes;
  const of = (sample: number): Label =>
    rowsPerSample === 1
      ? { kind: 'class', index: indices[sample]! }
      : { kind: 'classes', indices: [...indices.subarray(sample * rowsPerSample, (sample + 1) * rowsPerSample)] };
  return names === undefined ? { of, notes } : { of, notes, classNames: names };
}

interface Classes {
  readonly indices: Int32Array;
  readonly names?: readonly string[];
  readonly notes?: readonly Diagnostic[];
}

function classIndices(array: RowArray, width: number, context: LabelContext): Classes | undefined {
  const { options, outputs } = context;
  if (width !== 1) return oneHot(array, width, context);
  const rows = array.read(0, rowCount(array));
  if (isText(rows)) {
    const names = options.classes?.map(String) ?? [...new Set(rows)].sort();
    return { indices: lookedUp(rows, names, context), names };
  }
  const values = numbersOf(rows, array);
  if (options.classes !== undefined) {
    const names = options.classes.map(String);
    const known = options.classes.every((name) => typeof name === 'number' || Number.isFinite(Number(name)));
    if (!known && values.every((value) => Number.isInteger(value) && value >= 0 && value < names.length)) {
      return { indices: Int32Array.from(values), names };
    }
    return { indices: lookedUp(values.map(String), names, context), names };
  }
  const own = classesOfModel(values, outputs);
  if (own !== undefined) {
    const message = `the labels ${own.join(', ')} are taken for the ${own.length} classes of the model, in this order`;
    const notes = [note({ code: 'data-classes-in-order', at: context.label, message })];
    return { indices: lookedUp(values.map(String), own, context), names: own, notes };
  }
  if (options.labelKind !== 'class' && !looksLikeClasses(values, isFloat(array.dtype), outputs)) return undefined;
  const wrong = values.findIndex((value) => !Number.isInteger(value) || value < 0 || value > 0x7fffffff);
  if (wrong >= 0) return invalid(context, `label ${wrong} is ${values[wrong]}, which is no class index`);
  return { indices: Int32Array.from(values) };
}

function looksLikeClasses(values: readonly number[], float: boolean, outputs: readonly Port[]): boolean {
  if (!values.every((value) => Number.isInteger(value) && value >= 0)) return false;
  const classes = classCount(outputs);
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  if (classes === 1) return largest <= 1;
  return float ? predictsClasses(outputs) && largest < (classes ?? Number.POSITIVE_INFINITY) : true;
}

/**
 * The labels that there are, in rising order, where they cannot be indices and are as many as a model has classes that
 * gives the class itself: detectors of outliers say -1 and 1, others what they were trained on.
 */
function classesOfModel(values: readonly number[], outputs: readonly Port[]): readonly string[] | undefined {
  if (!values.every(Number.isInteger) || !outputs.some(({ dtype }) => dtype === 'int64' || dtype === 'int32')) {
    return undefined;
  }
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  const negative = (distinct[0] ?? 0) < 0;
  const width = classCount(outputs);
  // A single score stands for two classes.
  const classes = width === undefined ? undefined : Math.max(width, 2);
  if (classes === undefined ? !negative : distinct.length !== classes) return undefined;
  return negative || distinct.at(-1)! >= distinct.length ? distinct.map(String) : undefined;
}

/** How wide the first output of scores is; undefined where there is none or the model leaves it open. */
function classCount(outputs: readonly Port[]): number | undefined {
  const scores = outputs.find(({ dtype, dims }) => !DIRECT_TYPES.includes(dtype) && dims.length >= 2);
  const width = scores?.dims.at(-1);
  return typeof width === 'number' ? width : undefined;
}

/** Types in which a model gives a class itself instead of scores. */
const DIRECT_TYPES: readonly Port['dtype'][] = ['int64', 'int32', 'string', 'bool', 'non-tensor'];

function predictsClasses(outputs: readonly Port[]): boolean {
  return (classCount(outputs) ?? 0) > 1 || outputs.some(({ dtype }) => DIRECT_TYPES.includes(dtype));
}

function oneHot(array: RowArray, width: number, { options, outputs }: LabelContext): Classes | undefined {
  if (array.dtype === 'string' || array.dims.length !== 2) return undefined;
  if (options.labelKind !== 'class' && classCount(outputs) !== width) return undefined;
  const indices = new Int32Array(rowCount(array));
  for (let row = 0; row < indices.length; row++) {
    const values = numbersOf(array.read(row * width, width), array);
    const hot = values.indexOf(1);
    if (hot < 0 || values.some((value, at) => at !== hot && value !== 0)) return undefined;
    indices[row] = hot;
  }
  return { indices, ...(options.classes === undefined ? {} : { names: options.classes.map(String) }) };
}

function lookedUp(labels: readonly string[], names: readonly string[], context: LabelContext): Int32Array {
  const index = new Map(names.map((name, at) => [name, at]));
  return Int32Array.from(labels, (label, at) => {
    const found = index.get(label);
    if (found !== undefined) return found;
    return invalid(context, `label ${at} is ${JSON.stringify(label)}, which is not among the ${names.length} classes`);
  });
}

function numbersOf(values: Elements, { dtype }: RowArray): number[] {
  const numbers = Array.from(values as ArrayLike<number | bigint>, Number);
  return isNarrowFloat(dtype) ? numbers.map((bits) => decodeNarrowFloat(dtype, bits)) : numbers;
}

function invalid({ label }: LabelContext, message: string): never {
  return fail({
    code: 'data-labels',
    at: label,
    message,
    hint: "List the classes in the order of the model's output with the option classes, or set labelKind to values.",
  });
}
