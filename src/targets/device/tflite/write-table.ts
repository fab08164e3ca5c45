import type { Builder } from 'flatbuffers';
import { BUILTIN_OPTIONS, type BuiltinOptionsName } from './builtin-operators.ts';
import { type Field, TABLES, type TableName } from './schema-tables.ts';

/** What stands in one field: as the field's kind says. */
export type FieldValue =
  | number
  | boolean
  | string
  | Uint8Array
  | readonly number[]
  | ArrayLike<number>
  | Row
  | readonly Row[];

/** A table by the names of its fields; absent ones take their default. */
export interface Row {
  readonly [field: string]: FieldValue | undefined;
}

/** Options of a builtin operator, as the field `builtin_options` holds them. */
export interface OptionsRow extends Row {
  readonly table: BuiltinOptionsName;
  readonly fields: Row;
}

const BYTES_PER_SLOT = 2;
/** Bytes of a vtable before its first slot. */
const VTABLE_HEADER = 4;

/** Writes a table after all it refers to, and returns its place. */
export function writeTable(builder: Builder, name: TableName, row: Row): number {
  const fields = TABLES.get(name)!;
  const unknown = Object.keys(row).find((key) => !fields.some((field) => field.name === key));
  if (unknown !== undefined) throw new RangeError(`${name} has no field '${unknown}'`);
  const offsets = fields.map((field) => {
    const value = row[field.name];
    return value === undefined ? 0 : writeReferenced(builder, field, value);
  });
  const slots = fields.reduce((count, field) => Math.max(count, field.slot + 1), 0);
  builder.startObject(slots);
  for (const [i, field] of fields.entries()) {
    const value = row[field.name];
    if (value !== undefined) writeField(builder, field, value, offsets[i]!);
  }
  return builder.endObject();
}

/** Where the field of a slot lies in a vtable, in bytes. */
export function vtableOffset(slot: number): number {
  return VTABLE_HEADER + BYTES_PER_SLOT * slot;
}

/** Writes what a field refers to; 0 for a field that holds its value itself. */
function writeReferenced(builder: Builder, field: Field, value: FieldValue): number {
  const { kind } = field;
  if (typeof kind === 'object') {
    if ('table' in kind) return writeTable(builder, kind.table, value as Row);
    const places = (value as readonly Row[]).map((row) => writeTable(builder, kind.tables, row));
    builder.startVector(4, places.length, 4);
    for (const place of places.reverse()) builder.addOffset(place);
    return builder.endVector();
  }
  switch (kind) {
    case 'string':
      return builder.createString(value as string);
    case 'bytes':
      return writeBytes(builder, value as Uint8Array, 1);
    case 'bytes16':
      return writeBytes(builder, value as Uint8Array, 16);
    case '[i32]':
      return writeVector(builder, value as ArrayLike<number>, 4, (item) => builder.addInt32(item));
    case '[f32]':
      return writeVector(builder, value as ArrayLike<number>, 4, (item) => builder.addFloat32(item));
    case '[i64]':
      return writeVector(builder, value as ArrayLike<number>, 8, (item) => builder.addInt64(BigInt(item)));
    case 'options': {
      const { table, fields } = value as OptionsRow;
      return writeTable(builder, table, fields);
    }
    default:
      return 0;
  }
}

function writeField(builder: Builder, field: Field, value: FieldValue, offset: number): void {
  const { slot, kind, fallback } = field;
  switch (kind) {
    case 'i8':
    case 'bool':
      builder.addFieldInt8(slot, Number(value), fallback);
      return;
    case 'i32':
    case 'u32':
      builder.addFieldInt32(slot, Number(value), fallback);
      return;
    case 'i64':
      builder.addFieldInt64(slot, BigInt(value as number), BigInt(fallback));
      return;
    case 'f32':
      builder.addFieldFloat32(slot, Number(value), fallback);
      return;
    case 'none':
      throw new RangeError(`field '${field.name}' is never written`);
    case 'options':
      builder.addFieldInt8(slot - 1, BUILTIN_OPTIONS[(value as OptionsRow).table], 0);
      builder.addFieldOffset(slot, offset, 0);
      return;
    default:
      builder.addFieldOffset(slot, offset, 0);
  }
}

/** A vector of bytes, copied as one block. */
function writeBytes(builder: Builder, bytes: Uint8Array, alignment: number): number {
  builder.prep(alignment, bytes.byteLength);
  return builder.createByteVector(bytes);
}

function writeVector(builder: Builder, items: ArrayLike<number>, size: number, add: (item: number) => void): number {
  builder.startVector(size, items.length, size);
  for (let i = items.length - 1; i >= 0; i--) add(items[i]!);
  return builder.endVector();
}
