import type { Attribute } from './attribute.ts';
import { cloneGraph } from './clone.ts';
import type { Node } from './node.ts';
import type { Value } from './value.ts';

const NO_VALUES: ReadonlyMap<Value, Value> = new Map();

/** An attribute for another node; graphs in it are copied, with `values` in place of what they read from outside. */
export function copyAttribute(attribute: Attribute, values: ReadonlyMap<Value, Value>): Attribute {
  if (attribute.kind === 'graph') return { ...attribute, value: cloneGraph(attribute.value, values).graph };
  if (attribute.kind !== 'graphs') return attribute;
  return { ...attribute, value: attribute.value.map((inner) => cloneGraph(inner, values).graph) };
}

/** The attributes of a node for another one; a graph belongs to one node, so the other gets a copy. */
export function copiedAttributes({ attributes }: Node): Record<string, Attribute> {
  return Object.fromEntries(Array.from(attributes, ([name, attribute]) => [name, copyAttribute(attribute, NO_VALUES)]));
}
