import { fail } from '../diagnostics/modelpress-error.ts';
import { memoryRows, type RowArray } from './row-array.ts';

/** Most axes of a nested array, against a line of nothing but brackets. */
const DEPTH_LIMIT = 64;

/**
 * A nested JSON array (or a single value) as an array of one row: numbers and truth values as float64, or texts.
 *
 * @throws ModelpressError `data-value` when it is ragged, empty within, or holds anything else; `data-lossy` on whole
 *   numbers beyond 2^53, which JSON cannot give exactly; `data-non-finite` on null, which writers give for NaN.
 */
export function nestedArray(name: string, value: unknown, at: string, allowNonFinite: boolean): RowArray {
  const dims: number[] = [];
  for (let level = value; Array.isArray(level); level = level[0] as unknown) {
    dims.push(level.length);
    if (dims.length > DEPTH_LIMIT) wrong('data-value', at, `${name} is nested more than ${DEPTH_LIMIT} deep`);
  }
  const numbers: number[] = [];
  const texts: string[] = [];
  const visit = (part: unknown, axis: number, path: string): void => {
    if (Array.isArray(part)) {
      if (part.length !== dims[axis]) {
        wrong(
          'data-value',
          at,
          `${name}${path} has ${part.length} elements where its neighbours have ${dims[axis] ?? 'none'}`,
        );
      }
      for (const [index, item] of part.entries()) visit(item, axis + 1, `${path}[${index}]`);
    } else if (axis !== dims.length) {
      wrong('data-value', at, `${name}${path} is a single value where its neighbours are arrays`);
    } else if (typeof part === 'string') {
      texts.push(part);
    } else {
      numbers.push(numberFrom(part, `${name}${path}`, at, allowNonFinite));
    }
  };
  visit(value, 0, '');
  if (texts.length > 0 && numbers.length > 0) wrong('data-value', at, `${name} mixes texts and numbers`);
  return texts.length > 0
    ? memoryRows(name, 'string', [1, ...dims], texts)
    : memoryRows(name, 'float64', [1, ...dims], Float64Array.from(numbers));
}

function numberFrom(value: unknown, what: string, at: string, allowNonFinite: boolean): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === null && allowNonFinite) return Number.NaN;
  if (value === null) return wrong('data-non-finite', at, `${what} is null`);
  if (typeof value !== 'number')
    return wrong('data-value', at, `${what} is ${typeof value}, expected a number or a text`);
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 64 && !Number.isSafeInteger(value)) {
    return wrong('data-lossy', at, `${what} is about ${value}, which JSON numbers cannot give exactly`);
  }
  return value;
}

function wrong(code: string, at: string, message: string): never {
  return fail({ code, at, message, hint: 'Give each input as a rectangular nested array of numbers or of texts.' });
}
