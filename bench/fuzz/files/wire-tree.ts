import type { Field } from '../../../src/bytes/message-schema.ts';
import { ONNX } from '../../../src/onnx/schema.ts';

type MessageName = keyof typeof ONNX;

/** One field as it stands on the wire; `children` where the schema says that it is a message. */
export interface WireField {
  number: number;
  /** Protobuf's wire type: 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  wire: number;
  /** Of a varint. */
  value: bigint;
  /** Of everything else, without the length. */
  bytes: Uint8Array;
  children: WireField[] | undefined;
  /** The name and type that the schema has for it; empty where it has none. */
  name: string;
  type: string;
  /** The message that it stands in. */
  message: string;
  /** A length that is written in place of the true one. */
  length: bigint | undefined;
}

const BY_NUMBER = new Map(
  Object.entries(ONNX).map(([message, fields]) => [
    message,
    new Map(
      Object.entries(fields as Readonly<Record<string, Field>>).map(([name, field]) => [
        field[0],
        { name, type: field[1] },
      ]),
    ),
  ]),
);

/** Nesting that is taken apart; deeper messages stay bytes. */
const MAX_DEPTH = 24;

/** The fields of a message; undefined where the bytes are none. */
export function parseWire(bytes: Uint8Array, message: string = 'ModelProto', depth = 0): WireField[] | undefined {
  const fields: WireField[] = [];
  let at = 0;
  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n && at < bytes.length; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag === undefined || tag < 8n || tag > 2n ** 32n) return undefined;
    const number = Number(tag >> 3n);
    const wire = Number(tag & 7n);
    const known = BY_NUMBER.get(message)?.get(number) ?? { name: '', type: '' };
    const field: WireField = {
      number,
      wire,
      value: 0n,
      bytes: NOTHING,
      children: undefined,
      length: undefined,
      message,
      ...known,
    };
    if (wire === 0) {
      const value = varint();
      if (value === undefined) return undefined;
      field.value = value;
    } else {
      const length = wire === 1 ? 8 : wire === 5 ? 4 : wire === 2 ? Number(varint() ?? -1n) : -1;
      if (length < 0 || at + length > bytes.length) return undefined;
      field.bytes = bytes.subarray(at, at + length);
      at += length;
      if (wire === 2 && isMessage(known.type) && depth < MAX_DEPTH)
        field.children = parseWire(field.bytes, known.type, depth + 1);
    }
    fields.push(field);
  }
  return fields;
}

/** The bytes of fields, whatever has been done to them. */
export function printWire(fields: readonly WireField[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { number, wire, value, bytes, children, length } of fields) {
    parts.push(varintBytes((BigInt(number) << 3n) | BigInt(wire)));
    if (wire === 0) parts.push(varintBytes(value));
    else {
      const content = children === undefined ? bytes : printWire(children);
      if (wire === 2) parts.push(varintBytes(length ?? BigInt(content.length)));
      parts.push(content);
    }
  }
  return Buffer.concat(parts);
}

/** A field of a tree, with the list that it stands in. */
export interface Place {
  readonly field: WireField;
  readonly list: WireField[];
}

/** Every field of a tree. */
export function allFields(fields: WireField[]): readonly Place[] {
  const places: Place[] = [];
  const pending: WireField[][] = [fields];
  for (let list = pending.pop(); list !== undefined; list = pending.pop()) {
    for (const field of list) {
      places.push({ field, list });
      if (field.children !== undefined) pending.push(field.children);
    }
  }
  return places;
}

/** A copy that shares bytes and nothing else. */
export function copyOf(field: WireField): WireField {
  return { ...field, children: field.children?.map(copyOf) };
}

/** A new field of a message by its name in the schema. */
export function newField(
  message: MessageName,
  name: string,
  content: bigint | Uint8Array | string | WireField[],
): WireField {
  const [number, type] = (ONNX[message] as Readonly<Record<string, Field>>)[name]!;
  const base = { number, name, type, message, length: undefined, value: 0n, bytes: NOTHING, children: undefined };
  if (typeof content === 'bigint') return { ...base, wire: 0, value: content };
  if (typeof content === 'string') return { ...base, wire: 2, bytes: Buffer.from(content) };
  if (Array.isArray(content)) return { ...base, wire: 2, children: content };
  return { ...base, wire: 2, bytes: content };
}

const NOTHING = new Uint8Array(0);

function isMessage(type: string): boolean {
  return Object.hasOwn(ONNX, type);
}

function varintBytes(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
