import { fail } from '../diagnostics/modelpress-error.ts';
import { type Chunk, chunkLength } from './byte-source.ts';
import { type Field, MAX_MESSAGE_DEPTH, type Message, type ScalarType, type Schema } from './message-schema.ts';
import { MessageWriter } from './message-writer.ts';

const DELIMITED = 2;
const FIXED32 = 5;

/** A message as pieces to be written one after the other. */
export interface EncodedMessage {
  readonly chunks: readonly Chunk[];
  readonly byteLength: number;
}

type Encodable = Readonly<Record<string, unknown>> & { readonly unknown?: Uint8Array | undefined };

/**
 * An encoder for the messages of a schema, by the protobuf encoding: fields in the order of the table, repeated numbers
 * packed, then the unknown fields as they were. Large byte fields become chunks that are not copied; the same message
 * always gives the same bytes.
 *
 * The encoder throws `wire-too-deep` where messages nest deeper than any reader allows.
 */
export function messageEncoder<S extends Schema>(
  schema: S,
): <M extends keyof S & string>(name: M, message: Message<S, M>) => EncodedMessage {
  const tables: Tables = new Map(Object.entries(schema).map(([name, fields]) => [name, Object.entries(fields)]));
  return (name, message) => {
    const writer = new MessageWriter();
    encodeInto(writer, tables, name, message as Encodable, 0);
    return writer.finish();
  };
}

/** The fields of each message by its name, in the order of the table. */
type Tables = ReadonlyMap<string, readonly (readonly [string, Field])[]>;

function encodeInto(writer: MessageWriter, tables: Tables, type: string, message: Encodable, depth: number): void {
  if (depth >= MAX_MESSAGE_DEPTH) {
    fail({
      code: 'wire-too-deep',
      at: type,
      message: `messages are nested deeper than ${MAX_MESSAGE_DEPTH}`,
      hint: 'Nest fewer subgraphs.',
    });
  }
  for (const [name, field] of tables.get(type)!) {
    const value = message[name];
    if (value === undefined) continue;
    if (field[2] === 'repeated') encodeRepeated(writer, tables, field, value as readonly unknown[], depth);
    else encodeOne(writer, tables, field, value, depth);
  }
  if (message.unknown !== undefined) writer.chunk(message.unknown);
}

function encodeRepeated(
  writer: MessageWriter,
  tables: Tables,
  field: Field,
  values: readonly unknown[],
  depth: number,
): void {
  const [number, type] = field;
  if (values.length === 0) return;
  if (type === 'int32' || type === 'int64' || type === 'uint64' || type === 'float') {
    writer.varint(number * 8 + DELIMITED);
    const start = writer.open();
    for (const value of values) putNumber(writer, type, value);
    writer.close(start);
    return;
  }
  for (const value of values) encodeOne(writer, tables, field, value, depth);
}

function encodeOne(writer: MessageWriter, tables: Tables, field: Field, value: unknown, depth: number): void {
  const [number, type] = field;
  switch (type as ScalarType) {
    case 'int32':
    case 'int64':
    case 'uint64':
      writer.varint(number * 8);
      putNumber(writer, type as ScalarType, value);
      return;
    case 'float':
      writer.varint(number * 8 + FIXED32);
      writer.float(value as number);
      return;
    case 'string':
      writer.varint(number * 8 + DELIMITED);
      writer.string(value as string);
      return;
    case 'bytes':
    case 'text':
    case 'floats':
    case 'doubles':
      writer.varint(number * 8 + DELIMITED);
      writer.varint(chunkLength(value as Chunk));
      writer.chunk(value as Chunk);
      return;
    default: {
      writer.varint(number * 8 + DELIMITED);
      const start = writer.open();
      encodeInto(writer, tables, type, value as Encodable, depth + 1);
      writer.close(start);
    }
  }
}

function putNumber(writer: MessageWriter, type: ScalarType, value: unknown): void {
  if (type === 'float') writer.float(value as number);
  else if (type === 'int32') writer.varint64(BigInt(value as number));
  else writer.varint64(value as bigint);
}
