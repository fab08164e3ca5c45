import { Reader } from 'protobufjs/minimal.js';
import { fail } from '../diagnostics/modelpress-error.ts';
import {
  type Field,
  MAX_MESSAGE_BYTES,
  MAX_MESSAGE_DEPTH,
  MAX_MESSAGES,
  type Message,
  type ScalarType,
  type Schema,
} from './message-schema.ts';

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** Wire type of one element of each scalar. */
const WIRE_TYPES: Readonly<Record<ScalarType, number>> = {
  int32: VARINT,
  int64: VARINT,
  uint64: VARINT,
  float: FIXED32,
  string: DELIMITED,
  bytes: DELIMITED,
  text: DELIMITED,
  floats: FIXED32,
  doubles: FIXED64,
};

type Decoded = Record<string, unknown> & { unknown?: Uint8Array };

interface Entry {
  readonly name: string;
  readonly type: string;
  readonly scalar: ScalarType | undefined;
  readonly label: Field[2];
}

type Entries = ReadonlyMap<number, Entry>;

interface State {
  readonly reader: Reader;
  readonly tables: ReadonlyMap<string, Entries>;
  /** Fields that lead to where the reader stands, for messages, each with its place in a list or '' after it. */
  readonly path: (string | number)[];
  messages: number;
}

/**
 * A decoder for the messages of a schema, by the protobuf encoding: fields in any order, repeated scalars packed or
 * not, the last of a singular scalar wins, singular messages merge, of a `oneof` the last stays, and what the schema
 * does not name (or stands there with another wire type) is kept in `unknown`. Byte fields are views onto the input.
 *
 * The decoder throws `wire-truncated` where the outermost message ends too early and `wire-malformed` for everything
 * else that is no encoding of a message, both naming the field.
 */
export function messageDecoder<S extends Schema>(
  schema: S,
): <M extends keyof S & string>(name: M, bytes: Uint8Array) => Message<S, M> {
  const tables = new Map(Object.entries(schema).map(([name, fields]) => [name, entriesOf(fields)]));
  return (name, bytes) => {
    if (bytes.byteLength > MAX_MESSAGE_BYTES)
      malformed(name, `it has ${bytes.byteLength} bytes, more than a message can`);
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const state: State = { reader: new Reader(plain), tables, path: [name], messages: 0 };
    const message: Decoded = {};
    try {
      decodeInto(state, message, name, 0);
    } catch (cause) {
      if (!(cause instanceof Error) || cause.name === 'ModelpressError') throw cause;
      const cut = cause instanceof RangeError && state.path.length <= 2;
      if (!cut) malformed(pathOf(state), `${cause.message} at byte ${state.reader.pos}`, cause);
      fail(
        {
          code: 'wire-truncated',
          at: pathOf(state),
          message: `the data ends at byte ${bytes.byteLength} in the middle of ${pathOf(state)}`,
        },
        cause,
      );
    }
    return message as Message<S, typeof name>;
  };
}

function entriesOf(fields: Schema[string]): Entries {
  const entries = new Map<number, Entry>();
  for (const [name, [number, type, label]] of Object.entries(fields)) {
    entries.set(number, { name, type, scalar: type in WIRE_TYPES ? (type as ScalarType) : undefined, label });
  }
  return entries;
}

function decodeInto(state: State, message: Decoded, type: string, depth: number): void {
  const { reader } = state;
  const entries = state.tables.get(type)!;
  const unknown: Uint8Array[] = message.unknown === undefined ? [] : [message.unknown];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const tag = reader.tag();
    const number = tag >>> 3;
    const wireType = tag & 7;
    const entry = entries.get(number);
    if (entry === undefined || !accepts(entry, wireType)) {
      reader.skipType(wireType, depth, number);
      unknown.push(reader.raw(start, reader.pos));
      continue;
    }
    state.path.push(entry.name);
    if (entry.label === 'choice') clearOthers(message, entries, entry);
    if (entry.scalar === undefined) decodeChild(state, message, entry, depth);
    else if (entry.scalar === 'floats' || entry.scalar === 'doubles') decodeFixed(reader, message, entry, wireType);
    else decodeScalars(reader, message, entry, entry.scalar, wireType);
    state.path.pop();
  }
  if (unknown.length > 0) message.unknown = unknown.length === 1 ? unknown[0]! : concat(unknown);
}

function accepts(entry: Entry, wireType: number): boolean {
  const { scalar } = entry;
  if (scalar === undefined) return wireType === DELIMITED;
  const own = WIRE_TYPES[scalar];
  const packable = entry.label === 'repeated' || scalar === 'floats' || scalar === 'doubles';
  return wireType === own || (packable && own !== DELIMITED && wireType === DELIMITED);
}

function decodeChild(state: State, message: Decoded, entry: Entry, depth: number): void {
  const { reader } = state;
  if (depth + 1 >= MAX_MESSAGE_DEPTH) malformed(pathOf(state), `messages are nested deeper than ${MAX_MESSAGE_DEPTH}`);
  if (++state.messages > MAX_MESSAGES)
    malformed(pathOf(state).split('.')[0]!, `it holds more than ${MAX_MESSAGES} messages`);
  const end = endOfDelimited(reader);
  let child: Decoded;
  let place: string | number = '';
  if (entry.label === 'repeated') {
    child = {};
    const list = listOf(message, entry.name);
    place = list.length;
    list.push(child);
  } else {
    child = (message[entry.name] as Decoded | undefined) ?? {};
    message[entry.name] = child;
  }
  const outerEnd = reader.len;
  reader.len = end;
  // Inside a message whose whole length is there nothing can be cut off, only wrong: the path must be deeper than two.
  state.path.push(place);
  decodeInto(state, child, entry.type, depth + 1);
  state.path.pop();
  reader.len = outerEnd;
}

function decodeScalars(reader: Reader, message: Decoded, entry: Entry, type: ScalarType, wireType: number): void {
  if (entry.label !== 'repeated') {
    message[entry.name] = decodeScalar(reader, type);
    return;
  }
  const list = listOf(message, entry.name);
  if (wireType !== DELIMITED || WIRE_TYPES[type] === DELIMITED) {
    list.push(decodeScalar(reader, type));
    return;
  }
  const end = endOfDelimited(reader);
  const outerEnd = reader.len;
  reader.len = end;
  while (reader.pos < end) list.push(decodeScalar(reader, type));
  reader.len = outerEnd;
}

function decodeScalar(reader: Reader, type: ScalarType): unknown {
  switch (type) {
    case 'int32':
      return reader.int32();
    case 'int64':
      return toBigInt(reader.int64());
    case 'uint64':
      return toBigInt(reader.uint64());
    case 'float':
      return reader.float();
    case 'string':
      return reader.string();
    case 'bytes':
    case 'text':
    case 'floats':
    case 'doubles': {
      const end = endOfDelimited(reader);
      const bytes = reader.raw(reader.pos, end);
      reader.pos = end;
      return bytes;
    }
  }
}

/** Fixed-width numbers, packed or one by one, collected as the bytes they are. */
function decodeFixed(reader: Reader, message: Decoded, entry: Entry, wireType: number): void {
  const width = entry.scalar === 'floats' ? 4 : 8;
  const end = wireType === DELIMITED ? endOfDelimited(reader) : reader.pos + width;
  if (end > reader.len) throw new RangeError(`a number ends at byte ${end}`);
  if ((end - reader.pos) % width !== 0)
    throw new Error(`packed numbers of ${width} bytes take ${end - reader.pos} bytes`);
  const bytes = reader.raw(reader.pos, end);
  reader.pos = end;
  const before = message[entry.name] as Uint8Array | undefined;
  message[entry.name] = before === undefined ? bytes : concat([before, bytes]);
}

function pathOf({ path }: State): string {
  const words = path.map((part, index) => {
    if (typeof part === 'number') return '';
    const place = path[index + 1];
    return typeof place === 'number' ? `${part}[${place}]` : part;
  });
  return words.join('.');
}

function endOfDelimited(reader: Reader): number {
  const end = reader.size() + reader.pos;
  if (end > reader.len) throw new RangeError(`a field ends at byte ${end} of ${reader.len}`);
  return end;
}

function listOf(message: Decoded, name: string): unknown[] {
  const list = message[name] as unknown[] | undefined;
  if (list !== undefined) return list;
  const fresh: unknown[] = [];
  message[name] = fresh;
  return fresh;
}

function clearOthers(message: Decoded, entries: Entries, chosen: Entry): void {
  for (const entry of entries.values()) {
    if (entry.label === 'choice' && entry !== chosen) delete message[entry.name];
  }
}

function toBigInt(value: number | { readonly low: number; readonly high: number; readonly unsigned: boolean }): bigint {
  if (typeof value === 'number') return BigInt(value);
  if (value.high === 0) return BigInt(value.low >>> 0);
  const bits = (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0);
  return value.unsigned ? bits : BigInt.asIntN(64, bits);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.byteLength;
  }
  return joined;
}

function malformed(at: string, what: string, cause?: unknown): never {
  fail(
    {
      code: 'wire-malformed',
      at: at.replace(/\.+$/, ''),
      message: `${at.replace(/\.+$/, '')} cannot be decoded: ${what}`,
    },
    cause,
  );
}
