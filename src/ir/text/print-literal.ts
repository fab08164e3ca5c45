import type { DataType } from '../dtype.ts';

/** What stands in the text for element types whose names there differ from the IR's. */
const TEXT_NAMES: Partial<Record<DataType, string>> = { float32: 'float', float64: 'double' };

/** Words that begin a type; a name that is one of them is written in quotes. */
export const TYPE_WORDS: ReadonlySet<string> = new Set([
  'seq',
  'map',
  'optional',
  'sparse_tensor',
  'opaque',
  'updatable',
]);

/** Words that are numbers where a value may stand. */
export const NUMBER_WORDS: ReadonlySet<string> = new Set(['inf', 'infinity', 'nan', 'hex']);

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function printDataType(dtype: DataType): string {
  return TEXT_NAMES[dtype] ?? dtype;
}

/** A name: as it is where it is an identifier that means nothing else, in quotes otherwise. */
export function printName(name: string, isDataType: (word: string) => boolean): string {
  const plain =
    IDENTIFIER.test(name) && !TYPE_WORDS.has(name) && !NUMBER_WORDS.has(name.toLowerCase()) && !isDataType(name);
  return plain ? name : printString(name);
}

/** A string in quotes, with quotes and backslashes inside it escaped by a backslash. */
export function printString(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** Bytes as a string where they are UTF-8, in hexadecimal otherwise. */
export function printBytes(bytes: Uint8Array): string {
  try {
    return printString(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return printHex(bytes);
  }
}

export function printHex(bytes: Uint8Array): string {
  return `hex"${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}"`;
}

/** The shortest decimal that rounds to the same 32-bit float; with a point or an exponent, so that it reads as a float. */
export function printFloat32(value: number): string {
  for (const digits of [6, 7, 8, 9]) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return printDouble(Object.is(value, -0) ? value : candidate);
  }
  return printDouble(value);
}

export function printDouble(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
