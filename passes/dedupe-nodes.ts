import type { Attribute } from '../src/ir/attribute.ts';
import { calledFunction } from '../src/ir/called-function.ts';
import { subgraphsOf } from '../src/ir/graph.ts';
import type { Model } from '../src/ir/model.ts';
import type { Node } from '../src/ir/node.ts';
import { isUnused, type Value } from '../src/ir/value.ts';
import { isDeterministic } from '../src/ops/is-deterministic.ts';
import { defaultOf } from '../src/ops/schema/attribute-or-default.ts';
import { schemaOfNode } from '../src/ops/schema/schema-of.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { opsetsAt } from '../src/rewrite/opset-at.ts';
import { sameAttribute } from '../src/rewrite/same-attribute.ts';

/**
 * Keeps one of several nodes that compute the same: the same operator on the same operands, with attributes that are
 * equal once the defaults of the opset are filled in. Operators that draw random numbers or that are not known, and
 * nodes with subgraphs, are left alone.
 */
export const dedupeNodes = definePass({
  name: 'dedupe-nodes',
  summary: 'Keep one of several nodes that compute the same',
  effect: 'exact',
  options: {},
  run(graph, { model, count }) {
    const opsets = opsetsAt(model, graph);
    const seen = new Map<string, Node[]>();
    const ids = new Map<Value, number>();
    for (const node of graph.nodes()) {
      if (subgraphsOf(node).length > 0 || !isDeterministic(node, model, opsets)) continue;
      if (node.outputs.some((value) => value !== undefined && value.heldCount > 0)) continue;
      const key = keyOf(node, ids);
      const candidates = seen.get(key);
      if (candidates === undefined) {
        seen.set(key, [node]);
        continue;
      }
      const attributes = attributesOf(node, model, opsets);
      const same = candidates.find((earlier) =>
        computesSame(earlier, attributesOf(earlier, model, opsets), node, attributes),
      );
      if (same === undefined) {
        candidates.push(node);
        continue;
      }
      node.outputs.forEach((value, index) => {
        if (value === undefined || isUnused(value)) return;
        graph.replaceAllUses(value, same.outputs[index]!, { outputs: true });
      });
      graph.erase(node);
      count('nodes merged');
    }
  },
});

/** A node's attributes with the defaults of its opset, or of the function that it calls, filled in. */
function attributesOf(node: Node, model: Model, opsets: ReadonlyMap<string, number>): ReadonlyMap<string, Attribute> {
  const definition = calledFunction(node, model);
  if (definition !== undefined) return new Map([...definition.attributeDefaults, ...node.attributes]);
  const attributes = new Map(node.attributes);
  for (const spec of schemaOfNode(node, opsets)?.attributes.values() ?? []) {
    if (attributes.has(spec.name)) continue;
    const attribute = defaultOf(spec);
    if (attribute !== undefined) attributes.set(spec.name, attribute);
  }
  return attributes;
}

/** Operator and operands as text; nodes that compute the same have the same. */
function keyOf(node: Node, ids: Map<Value, number>): string {
  const operands = node.inputs.map((value) => {
    if (value === undefined) return '-';
    const id = ids.get(value) ?? ids.size;
    ids.set(value, id);
    return id;
  });
  // Absent operands at the end are the same whether they are spelled out or not.
  while (operands.at(-1) === '-') operands.pop();
  return `${node.domain}:${node.op}:${node.overload}(${operands.join(',')})`;
}

/** Whether an earlier node gives everything that is read of a later one. */
function computesSame(
  earlier: Node,
  earlierAttributes: ReadonlyMap<string, Attribute>,
  later: Node,
  attributes: ReadonlyMap<string, Attribute>,
): boolean {
  if (earlierAttributes.size !== attributes.size) return false;
  for (const [name, attribute] of attributes) {
    const other = earlierAttributes.get(name);
    if (other === undefined || !sameAttribute(attribute, other)) return false;
  }
  // Several operators do something else with another number of results (Split, BatchNormalization in training).
  if (earlier.outputs.length !== later.outputs.length) return false;
  return later.outputs.every(
    (value, index) => value === undefined || isUnused(value) || earlier.outputs[index] !== undefined,
  );
}
