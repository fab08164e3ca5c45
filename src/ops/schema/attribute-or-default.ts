import { type Attribute, type AttributeKind, float, floats, int, ints, text } from '../../ir/attribute.ts';
import type { Node } from '../../ir/node.ts';
import type { AttributeDefault } from './operator-schema.ts';
import { schemaOf } from './schema-of.ts';

/**
 * An attribute of a node, or what the operator's version in `opset` says it is where the node does not give it. A
 * `reference` inside a function body is returned as it stands.
 */
export function attributeOrDefault(node: Node, name: string, opset: number): Attribute | undefined {
  const given = node.attributes.get(name);
  if (given !== undefined) return given;
  const spec = schemaOf(node.domain, node.op, opset)?.attributes.get(name);
  return spec?.default === undefined ? undefined : defaultAttribute(spec.kind, spec.default);
}

/** A default from the operator tables as an attribute. */
export function defaultAttribute(kind: AttributeKind, value: AttributeDefault): Attribute | undefined {
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
