import type { ByteRange } from './byte-source.ts';

/**
 * What a scalar field is read as.
 *
 * `floats` and `doubles` are repeated fixed-width numbers kept as their little-endian bytes, which is how the wire holds
 * them packed; `bytes` may be written from a range that has not been read; `strings` are UTF-8.
 */
interface ScalarTypes {
  readonly int32: number;
  readonly int64: bigint;
  readonly uint64: bigint;
  readonly float: number;
  readonly string: string;
  readonly bytes: Uint8Array | ByteRange;
  readonly text: Uint8Array;
  readonly floats: Uint8Array;
  readonly doubles: Uint8Array;
}

export type ScalarType = keyof ScalarTypes;

/**
 * One field: its number, its type (a scalar or the name of a message of the same schema), and how often it may stand.
 * `choice` fields exclude each other within their message (protobuf's `oneof`).
 */
export type Field = readonly [number: number, type: string, label?: 'repeated' | 'choice'];

/** The messages of a format, each a table of fields. Fields are written in the order of the table. */
export type Schema = Readonly<Record<string, Readonly<Record<string, Field>>>>;

type FieldType<S extends Schema, T extends string> = T extends ScalarType
  ? ScalarTypes[T]
  : T extends keyof S & string
    ? Message<S, T>
    : never;

type FieldValue<S extends Schema, F extends Field> = F extends readonly [number, infer T extends string, 'repeated']
  ? readonly FieldType<S, T>[]
  : F extends readonly [number, infer T extends string, ...unknown[]]
    ? FieldType<S, T>
    : never;

/**
 * A message as a value. Absent fields are absent; `unknown` holds, as they stood on the wire, the fields that the
 * schema does not name.
 */
export type Message<S extends Schema, M extends keyof S> = {
  readonly [F in keyof S[M]]?: FieldValue<S, S[M][F]> | undefined;
} & { readonly unknown?: Uint8Array | undefined };

/**
 * Deepest nesting of messages and groups that is read or written. It is the limit of protobuf's own C++ reader, so a
 * deeper file loads in no runtime; it also bounds the recursion of everything that walks a decoded message.
 */
export const MAX_MESSAGE_DEPTH = 100;

/**
 * Most messages within one that are read. An empty message takes two bytes of a file and about two hundred of memory, so
 * this stops a small hostile file at a gigabyte; published models of 10,000 nodes have about a hundred thousand.
 */
export const MAX_MESSAGES = 2 ** 22;

/** Largest protobuf message in bytes: lengths are signed 32-bit numbers in the readers that matter. */
export const MAX_MESSAGE_BYTES = 2 ** 31 - 1;
