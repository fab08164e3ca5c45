import type { AttributeKind } from '../../ir/attribute.ts';
import type { AttributeDefault, AttributeSpec, OperatorSchema, Parameter } from './operator-schema.ts';
import { expandTypeSet } from './type-set.ts';

const KINDS: Readonly<Record<string, AttributeKind>> = {
  f: 'float',
  i: 'int',
  s: 'string',
  t: 'tensor',
  g: 'graph',
  sp: 'sparse-tensor',
  tp: 'type',
  fs: 'floats',
  is: 'ints',
  ss: 'strings',
  ts: 'tensors',
  gs: 'graphs',
};

const ROW = /^(\w+) (\d+)((?: \w+)*) \((.*?)\) -> \((.*?)\)(?: \{(.*)\})?(?: \[([^\]]*)\])?$/;

/**
 * Reads one row of an operator table:
 *
 *     Name SINCE flags (operands) -> (results) {attributes} [type constraints]
 *
 * An operand or result is `name:type`, with `name?` where it may be absent, `name*2` for two or more of one type and
 * `name~2` for two or more of any types. An attribute is `name:kind=default`, with `name!` where it is required and a
 * kind as in `KINDS`. A constraint is `T=float|int32` with the groups of `type-set.ts`. Flags are `deprecated`,
 * `random` and `function`.
 */
export function parseSchema(domain: string, row: string): OperatorSchema {
  const match = ROW.exec(row);
  if (match === null) throw new SyntaxError(`not a row of an operator table: ${row}`);
  const [, op, since, flags, inputs, outputs, attributes = '', constraints = ''] = match;
  const flagged = new Set(flags!.trim().split(' '));
  return {
    domain,
    op: op!,
    since: Number(since),
    deprecated: flagged.has('deprecated'),
    inputs: listed(inputs!).map(parseParameter),
    outputs: listed(outputs!).map(parseParameter),
    attributes: new Map(listed(attributes).map((text) => [attributeName(text), parseAttribute(text)])),
    typeConstraints: new Map(constraints.split(' ').filter(Boolean).map(parseConstraint)),
    deterministic: !flagged.has('random'),
    isFunction: flagged.has('function'),
  };
}

function listed(text: string): string[] {
  return text === '' ? [] : text.split(', ');
}

function parseParameter(text: string): Parameter {
  const [, name, mark, arity, type] = /^([^:?*~]+?)([?*~]?)(\d*):(.*)$/.exec(text)!;
  return {
    name: name!,
    type: type!,
    option: mark === '' ? 'single' : mark === '?' ? 'optional' : 'variadic',
    homogeneous: mark !== '~',
    minArity: Number(arity),
  };
}

function attributeName(text: string): string {
  return /^\w+/.exec(text)![0];
}

function parseAttribute(text: string): AttributeSpec {
  const [, name, required, code, fallback] = /^(\w+)(!?):(\w+)(?:=(.*))?$/.exec(text)!;
  const kind = KINDS[code!]!;
  return {
    name: name!,
    kind,
    required: required === '!',
    default: fallback === undefined ? undefined : parseDefault(kind, fallback),
  };
}

function parseDefault(kind: AttributeKind, text: string): AttributeDefault {
  const items = text.startsWith('[') ? text.slice(1, -1).split(' ').filter(Boolean) : [];
  switch (kind) {
    case 'int':
      return Number(text);
    case 'float':
      return Math.fround(Number(text));
    case 'ints':
      return items.map(Number);
    case 'floats':
      return items.map((item) => Math.fround(Number(item)));
    case 'strings':
      return items;
    default:
      return text;
  }
}

function parseConstraint(text: string): [string, readonly string[]] {
  const at = text.indexOf('=');
  return [text.slice(0, at), expandTypeSet(text.slice(at + 1))];
}
