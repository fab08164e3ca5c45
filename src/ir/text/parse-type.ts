import type { DataType } from '../dtype.ts';
import type { Dim, Shape } from '../shape.ts';
import type { ValueType } from '../value-type.ts';
import type { TextCursor } from './parse-cursor.ts';
import { TYPE_WORDS } from './print-literal.ts';
import { DATA_TYPE_WORDS } from './print-type.ts';

/**
 * Deepest nesting of types and of graphs that a text may have. It is what fits into a message of the ONNX format, where a
 * graph takes three of a hundred levels.
 */
export const MAX_TEXT_DEPTH = 32;

/** Whether a type comes next. */
export function seesType(cursor: TextCursor): boolean {
  const { word } = cursor;
  return word !== undefined && word !== 'updatable' && (DATA_TYPE_WORDS.has(word) || TYPE_WORDS.has(word));
}

/** A type; see `printType`. */
export function parseType(cursor: TextCursor, depth = 0): ValueType {
  if (depth > MAX_TEXT_DEPTH) cursor.fail(`types are nested deeper than ${MAX_TEXT_DEPTH}`);
  const word = cursor.identifier();
  const dtype = DATA_TYPE_WORDS.get(word);
  if (dtype !== undefined) return { kind: 'tensor', dtype, ...parseShape(cursor) };
  cursor.expect('(');
  const type = parseCompound(cursor, word, depth);
  cursor.expect(')');
  return type;
}

/** Names with dots between. */
export function parseQualified(cursor: TextCursor): string {
  const parts = [cursor.name()];
  while (cursor.takes('.')) parts.push(cursor.name());
  return parts.join('.');
}

function parseCompound(cursor: TextCursor, word: string, depth: number): ValueType {
  switch (word) {
    case 'seq':
      return { kind: 'sequence', element: parseElement(cursor, depth) };
    case 'optional':
      return { kind: 'optional', element: parseElement(cursor, depth) };
    case 'map': {
      const key = parseDataType(cursor);
      cursor.expect(',');
      return { kind: 'map', key, value: parseElement(cursor, depth) };
    }
    case 'sparse_tensor':
      return { kind: 'sparse-tensor', dtype: parseDataType(cursor), ...parseShape(cursor) };
    case 'opaque': {
      if (!cursor.seesName) return { kind: 'opaque', domain: '', name: '' };
      const first = parseQualified(cursor);
      return cursor.takes(',')
        ? { kind: 'opaque', domain: first, name: cursor.name() }
        : { kind: 'opaque', domain: '', name: first };
    }
    default:
      return cursor.fail(`'${word}' is no type`);
  }
}

function parseElement(cursor: TextCursor, depth: number): ValueType | undefined {
  return seesType(cursor) ? parseType(cursor, depth + 1) : undefined;
}

function parseDataType(cursor: TextCursor): DataType {
  return DATA_TYPE_WORDS.get(cursor.word ?? '') === undefined
    ? cursor.fail('expected an element type')
    : DATA_TYPE_WORDS.get(cursor.identifier())!;
}

/** No brackets: a scalar. Empty ones: the rank is not known. */
function parseShape(cursor: TextCursor): { readonly shape?: Shape } {
  if (!cursor.takes('[')) return { shape: [] };
  if (cursor.takes(']')) return {};
  return { shape: cursor.list(']', () => parseDim(cursor)) };
}

function parseDim(cursor: TextCursor): Dim {
  if (cursor.takes('?')) return undefined;
  if (cursor.seesName) return cursor.name();
  const size = cursor.integer();
  return size >= 0n && size <= Number.MAX_SAFE_INTEGER ? Number(size) : cursor.fail('expected a size before this');
}
