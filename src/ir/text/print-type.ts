import { DATA_TYPES, type DataType } from '../dtype.ts';
import type { Dim, Shape } from '../shape.ts';
import type { ValueType } from '../value-type.ts';
import { printDataType, printName } from './print-literal.ts';

/** Element types by their names in the text. */
export const DATA_TYPE_WORDS: ReadonlyMap<string, DataType> = new Map(
  DATA_TYPES.map((dtype) => [printDataType(dtype), dtype]),
);

/** A name that cannot be taken for the beginning of a type. */
export function printIdentifier(name: string): string {
  return printName(name, (word) => DATA_TYPE_WORDS.has(word));
}

/** A type: `float[N,3]`, `float` (a scalar), `float[]` (of unknown rank), `seq(float[])`. */
export function printType(type: ValueType): string {
  switch (type.kind) {
    case 'tensor':
      return `${printDataType(type.dtype)}${printShape(type.shape)}`;
    case 'sparse-tensor':
      return `sparse_tensor(${printDataType(type.dtype)}${printShape(type.shape)})`;
    case 'sequence':
      return `seq(${printOptional(type.element)})`;
    case 'optional':
      return `optional(${printOptional(type.element)})`;
    case 'map':
      return `map(${printDataType(type.key)}, ${printOptional(type.value)})`;
    case 'opaque':
      return type.domain === ''
        ? `opaque(${printQualified(type.name)})`
        : `opaque(${printQualified(type.domain)}, ${printIdentifier(type.name)})`;
  }
}

/** A name of parts with dots between, as domains are. */
export function printQualified(name: string): string {
  return name === '' ? '' : name.split('.').map(printIdentifier).join('.');
}

function printOptional(type: ValueType | undefined): string {
  return type === undefined ? '' : printType(type);
}

function printShape(shape: Shape | undefined): string {
  if (shape === undefined) return '[]';
  return shape.length === 0 ? '' : `[${shape.map(printDim).join(',')}]`;
}

function printDim(dim: Dim): string {
  if (dim === undefined) return '?';
  return typeof dim === 'number' ? String(dim) : printIdentifier(dim);
}
