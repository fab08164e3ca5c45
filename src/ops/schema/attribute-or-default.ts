import { type Attribute, type AttributeKind, float, floats, int, ints, text } from '../../ir/attribute.ts';
import type { Node } from '../../ir/node.ts';
import type { AttributeDefault, AttributeSpec } from './operator-schema.ts';
import { schemaOf } from './schema-of.ts';

/**
 * An attribute of a node, or what the operator's version in `opset` says it is where the node does not give it. A
 * `reference` inside a function body is returned as it stands.
 */
export function attributeOrDefault(node: Node, name: string, opset: number): Attribute | undefined {
  const given = node.attributes.get(name);
  if (given !== undefined) return given;
  const spec = schemaOf(node.domain, node.op, opset)?.attributes.get(name);
  return spec === undefined ? undefined : defaultOf(spec);
}

/** Every node that leaves an attribute out has the same one. */
const defaults = new WeakMap<AttributeSpec, Attribute>();

/** The default of an attribute, if the operator tables know one. */
export function defaultOf(spec: AttributeSpec): Attribute | undefined {
  if (spec.default === undefined) return undefined;
  const known = defaults.get(spec);
  if (known !== undefined) return known;
  const attribute = defaultAttribute(spec.kind, spec.default);
  if (attribute !== undefined) defaults.set(spec, attribute);
  return attribute;
}

function defaultAttribute(kind: AttributeKind, value: AttributeDefault): Attribute | undefined {
  switch (kind) {
    case 'int':
      return int(value as number);
    case 'float':
      return float(value as number);
    case 'string':
      return text(value as string);
    case 'ints':
      return ints(value as readonly number[]);
    case 'floats':
      return floats(value as readonly number[]);
    case 'strings': {
      const encoder = new TextEncoder();
      return { kind: 'strings', value: (value as readonly string[]).map((item) => encoder.encode(item)) };
    }
    default:
      return undefined;
  }
}
