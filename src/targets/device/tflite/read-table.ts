import { fail } from '../../../diagnostics/modelpress-error.ts';
import { type Field, TABLES, type TableName } from './schema-tables.ts';
import { vtableOffset } from './write-table.ts';

/** Where a file refers to its root table. */
const ROOT_PLACE = 0;

/**
 * A table of a .tflite file, read field by field; an absent field is `undefined`. Places outside the file are refused, so
 * that a file of any bytes can be looked at.
 */
export class TableReader {
  readonly #view: DataView;
  readonly #place: number;
  readonly #name: TableName;

  private constructor(view: DataView, place: number, name: TableName) {
    this.#view = view;
    this.#place = place;
    this.#name = name;
  }

  /** The file's root table. @throws ModelpressError `tflite-malformed`, as every other method. */
  static root(bytes: Uint8Array): TableReader {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new TableReader(view, reference(view, ROOT_PLACE), 'Model');
  }

  /** A number stored in the table itself: an unsigned or signed integer of 32 bits. */
  integer(field: string): number | undefined {
    const place = this.#placeOf(field);
    return place === undefined ? undefined : u32(this.#view, place);
  }

  string(field: string): string | undefined {
    const found = this.#vector(field, 1);
    if (found === undefined) return undefined;
    const { start, length } = found;
    return new TextDecoder().decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, length));
  }

  integers(field: string): readonly number[] {
    return this.#elements(field, 4, (place) => this.#view.getInt32(place, true));
  }

  longs(field: string): readonly bigint[] {
    return this.#elements(field, 8, (place) => this.#view.getBigInt64(place, true));
  }

  floats(field: string): readonly number[] {
    return this.#elements(field, 4, (place) => this.#view.getFloat32(place, true));
  }

  table(field: string): TableReader | undefined {
    const place = this.#placeOf(field);
    const { kind } = this.#field(field);
    if (place === undefined || typeof kind !== 'object' || !('table' in kind)) return undefined;
    return new TableReader(this.#view, reference(this.#view, place), kind.table);
  }

  tables(field: string): readonly TableReader[] {
    const { kind } = this.#field(field);
    if (typeof kind !== 'object' || !('tables' in kind)) return [];
    return this.#elements(field, 4, (place) => new TableReader(this.#view, reference(this.#view, place), kind.tables));
  }

  #elements<T>(field: string, size: number, read: (place: number) => T): readonly T[] {
    const found = this.#vector(field, size);
    return found === undefined ? [] : Array.from({ length: found.length }, (_, i) => read(found.start + i * size));
  }

  #vector(field: string, size: number): { readonly start: number; readonly length: number } | undefined {
    const place = this.#placeOf(field);
    if (place === undefined) return undefined;
    const at = reference(this.#view, place);
    const length = u32(this.#view, at);
    if (at + 4 + length * size > this.#view.byteLength)
      malformed(`a vector of ${length} elements ends beyond the file`);
    return { start: at + 4, length };
  }

  /** Where the field lies; undefined where the table does not have it. */
  #placeOf(field: string): number | undefined {
    const vtable = this.#place - i32(this.#view, this.#place);
    const slot = vtableOffset(this.#field(field).slot);
    if (slot + 2 > u16(this.#view, vtable)) return undefined;
    const offset = u16(this.#view, vtable + slot);
    return offset === 0 ? undefined : this.#place + offset;
  }

  #field(name: string): Field {
    const field = TABLES.get(this.#name)!.find((one) => one.name === name);
    if (field === undefined) throw new RangeError(`${this.#name} has no field '${name}'`);
    return field;
  }
}

/** The place that the reference at a place points to. */
function reference(view: DataView, place: number): number {
  return place + u32(view, place);
}

function u16(view: DataView, place: number): number {
  return checked(view, place, 2).getUint16(place, true);
}

function u32(view: DataView, place: number): number {
  return checked(view, place, 4).getUint32(place, true);
}

function i32(view: DataView, place: number): number {
  return checked(view, place, 4).getInt32(place, true);
}

function checked(view: DataView, place: number, size: number): DataView {
  if (place < 0 || place + size > view.byteLength) malformed(`it refers to byte ${place} of ${view.byteLength}`);
  return view;
}

function malformed(what: string): never {
  return fail({
    code: 'tflite-malformed',
    message: `this is no .tflite file that can be read: ${what}`,
    hint: 'Check that the file is complete.',
  });
}
