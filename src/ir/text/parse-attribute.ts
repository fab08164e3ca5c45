import type { Attribute, AttributeKind, AttributeValue } from '../attribute.ts';
import type { Graph } from '../graph.ts';
import { floatOfText, type TextCursor } from './parse-cursor.ts';
import { parseElements, parseSparseParts, refuseElided } from './parse-tensor.ts';
import { parseType, seesType } from './parse-type.ts';
import { KIND_WORDS } from './print-graph.ts';

type DirectKind = Exclude<AttributeKind, 'reference'>;

const KINDS: ReadonlyMap<string, DirectKind> = new Map(
  Object.entries(KIND_WORDS).map(([kind, word]) => [word, kind as DirectKind]),
);

/** The kind of a list of values of a kind. */
const LIST_KINDS: Partial<Record<DirectKind, DirectKind>> = {
  float: 'floats',
  int: 'ints',
  string: 'strings',
  tensor: 'tensors',
  graph: 'graphs',
  'sparse-tensor': 'sparse-tensors',
  type: 'types',
};

/** Parses a graph in the place of an attribute's value. */
export type ParseSubgraph = () => Graph;

/** An attribute after its name, from the `:` or `=` on. */
export function parseAttribute(cursor: TextCursor, subgraph: ParseSubgraph): Attribute {
  const kind = cursor.takes(':')
    ? (KINDS.get(cursor.identifier()) ?? cursor.fail('expected a kind of attribute before this'))
    : undefined;
  cursor.expect('=');
  if (cursor.takes('@')) {
    const value = cursor.name();
    return {
      kind: 'reference',
      value,
      of: kind ?? cursor.fail(`the reference to '${value}', before this, needs a kind ('name: int = @${value}')`),
    };
  }
  const value = cursor.takes('[') ? parseList(cursor, kind, subgraph) : parseSingle(cursor, kind === 'float', subgraph);
  if (kind !== undefined && kind !== value.kind)
    cursor.fail(`expected a value of kind ${kind} before this, not ${value.kind}`);
  return value;
}

function parseList(cursor: TextCursor, kind: DirectKind | undefined, subgraph: ParseSubgraph): AttributeValue {
  refuseElided(cursor);
  const items = cursor.list(']', () => parseSingle(cursor, kind === 'floats', subgraph));
  if (items.length === 0)
    return { kind: kind ?? cursor.fail('an empty list, before this, needs a kind'), value: [] } as AttributeValue;
  const someFloat = items.some((item) => item.kind === 'float');
  const alike = items.map((item) =>
    someFloat && item.kind === 'int' ? { kind: 'float', value: Number(item.value) } : item,
  );
  const first = alike[0]!.kind as DirectKind;
  if (alike.some((item) => item.kind !== first))
    cursor.fail('the values of the list before this are of different kinds');
  return { kind: LIST_KINDS[first]!, value: alike.map((item) => item.value) } as AttributeValue;
}

function parseSingle(cursor: TextCursor, float: boolean, subgraph: ParseSubgraph): AttributeValue {
  if (cursor.seesNumber || cursor.seesHex) return parseNumber(cursor, float);
  if (seesType(cursor)) return parseTyped(cursor);
  if (cursor.sees('"')) return parseQuoted(cursor, subgraph);
  if (cursor.word !== undefined) return { kind: 'graph', value: subgraph() };
  return cursor.fail('expected the value of an attribute');
}

function parseNumber(cursor: TextCursor, float: boolean): AttributeValue {
  const literal = cursor.literal();
  if (literal.kind === 'string') return { kind: 'string', value: literal.bytes };
  if (literal.kind === 'int' && !float) {
    const value = BigInt(literal.text);
    return BigInt.asIntN(64, value) === value
      ? { kind: 'int', value }
      : cursor.fail(`${value}, before this, does not fit 64 bits`);
  }
  return { kind: 'float', value: Math.fround(floatOfText(literal.text)) };
}

/** A type, or a tensor if elements follow. */
function parseTyped(cursor: TextCursor): AttributeValue {
  const type = parseType(cursor);
  if (type.kind === 'sparse-tensor' && cursor.sees('{'))
    return { kind: 'sparse-tensor', value: parseSparseParts(cursor, type) };
  const name = cursor.seesName ? cursor.name() : undefined;
  cursor.takes('=');
  if (!cursor.sees('{') && name === undefined) return { kind: 'type', value: type };
  const tensor = parseElements(cursor, type);
  return { kind: 'tensor', value: name === undefined ? tensor : { ...tensor, name } };
}

/** A string, or a graph with a quoted name. */
function parseQuoted(cursor: TextCursor, subgraph: ParseSubgraph): AttributeValue {
  const mark = cursor.mark();
  const text = cursor.string();
  if (!cursor.sees('(')) return { kind: 'string', value: new TextEncoder().encode(text) };
  cursor.reset(mark);
  return { kind: 'graph', value: subgraph() };
}
