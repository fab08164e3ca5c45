import { Writer } from 'protobufjs/minimal.js';
import { fail } from '../diagnostics/modelpress-error.ts';
import { type Chunk, chunkLength } from './byte-source.ts';
import { type Field, MAX_MESSAGE_DEPTH, type Message, type ScalarType, type Schema } from './message-schema.ts';

/**
 * Byte fields from this length on are handed through as chunks of their own instead of being copied. One page: below
 * it the bookkeeping of a chunk costs more than the copy.
 */
const OWN_CHUNK_BYTES = 4096;

const DELIMITED = 2;

/** A message as pieces to be written one after the other. */
export interface EncodedMessage {
  readonly chunks: readonly Chunk[];
  readonly byteLength: number;
}

/** Pieces that are finished, and the writer that gathers the small fields since the last of them. */
interface Sink {
  chunks: Chunk[];
  /** Bytes in `chunks`; those in `writer` are not counted. */
  byteLength: number;
  writer: Writer;
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
  return (name, message) => {
    const sink: Sink = { chunks: [], byteLength: 0, writer: Writer.create() };
    encodeInto(sink, schema, name, message as Encodable, 0);
    flush(sink);
    return { chunks: sink.chunks, byteLength: sink.byteLength };
  };
}

function encodeInto(sink: Sink, schema: Schema, type: string, message: Encodable, depth: number): void {
  if (depth >= MAX_MESSAGE_DEPTH) {
    fail({
      code: 'wire-too-deep',
      at: type,
      message: `messages are nested deeper than ${MAX_MESSAGE_DEPTH}`,
      hint: 'Nest fewer subgraphs.',
    });
  }
  for (const [name, field] of Object.entries(schema[type]!)) {
    const value = message[name];
    if (value === undefined) continue;
    if (field[2] === 'repeated') encodeRepeated(sink, schema, field, value as readonly unknown[], depth);
    else encodeOne(sink, schema, field, value, depth);
  }
  if (message.unknown !== undefined) putRaw(sink, message.unknown);
}

function encodeRepeated(sink: Sink, schema: Schema, field: Field, values: readonly unknown[], depth: number): void {
  const [number, type] = field;
  if (values.length === 0) return;
  if (type === 'int32' || type === 'int64' || type === 'uint64' || type === 'float') {
    sink.writer.uint32(number * 8 + DELIMITED).fork();
    for (const value of values) putNumber(sink.writer, type, value);
    sink.writer.ldelim();
    return;
  }
  for (const value of values) encodeOne(sink, schema, field, value, depth);
}

function encodeOne(sink: Sink, schema: Schema, field: Field, value: unknown, depth: number): void {
  const [number, type] = field;
  switch (type as ScalarType) {
    case 'int32':
    case 'int64':
    case 'uint64':
      sink.writer.uint32(number * 8);
      putNumber(sink.writer, type as ScalarType, value);
      return;
    case 'float':
      sink.writer.uint32(number * 8 + 5).float(value as number);
      return;
    case 'string':
      sink.writer.uint32(number * 8 + DELIMITED).string(value as string);
      return;
    case 'bytes':
    case 'text':
    case 'floats':
    case 'doubles':
      sink.writer.uint32(number * 8 + DELIMITED).uint32(chunkLength(value as Chunk));
      putRaw(sink, value as Chunk);
      return;
    default: {
      const child: Sink = { chunks: [], byteLength: 0, writer: Writer.create() };
      encodeInto(child, schema, type, value as Encodable, depth + 1);
      flush(child);
      sink.writer.uint32(number * 8 + DELIMITED).uint32(child.byteLength);
      for (const chunk of child.chunks) putRaw(sink, chunk);
    }
  }
}

function putNumber(writer: Writer, type: ScalarType, value: unknown): void {
  switch (type) {
    case 'int32':
      writer.int32(value as number);
      return;
    case 'float':
      writer.float(value as number);
      return;
    default:
      putVarint64(writer, value as bigint);
  }
}

/** A 64-bit varint; negative numbers as their two's complement. */
function putVarint64(writer: Writer, value: bigint): void {
  if (value >= 0n && value <= 0x7fffffffn) {
    writer.uint32(Number(value));
    return;
  }
  const bits = BigInt.asUintN(64, value);
  const low = Number(bits & 0xffffffffn) | 0;
  const high = Number(bits >> 32n) | 0;
  writer.uint64({ low, high, unsigned: true } as Parameters<Writer['uint64']>[0]);
}

function putRaw(sink: Sink, chunk: Chunk): void {
  if (chunk instanceof Uint8Array && chunk.byteLength < OWN_CHUNK_BYTES) {
    if (chunk.byteLength > 0) sink.writer.raw(chunk);
    return;
  }
  flush(sink);
  sink.chunks.push(chunk);
  sink.byteLength += chunkLength(chunk);
}

function flush(sink: Sink): void {
  const bytes = sink.writer.finish();
  if (bytes.byteLength === 0) return;
  sink.chunks.push(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  sink.byteLength += bytes.byteLength;
  sink.writer = Writer.create();
}
