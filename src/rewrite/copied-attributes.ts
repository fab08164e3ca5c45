import type { Attribute } from '../ir/attribute.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { copyAttribute } from './copy-branch.ts';

const NO_VALUES: ReadonlyMap<Value, Value> = new Map();

/** The attributes of a node for another one; a graph belongs to one node, so the other gets a copy. */
export function copiedAttributes({ attributes }: Node): Record<string, Attribute> {
  return Object.fromEntries(Array.from(attributes, ([name, attribute]) => [name, copyAttribute(attribute, NO_VALUES)]));
}
