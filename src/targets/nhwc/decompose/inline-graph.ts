import type { Attribute } from '../../../ir/attribute.ts';
import { cloneGraph } from '../../../ir/clone.ts';
import type { Graph } from '../../../ir/graph.ts';
import type { Node } from '../../../ir/node.ts';
import type { Value } from '../../../ir/value.ts';

/**
 * Writes the nodes of a nested graph out before a node of the graph around it, and returns the values that stand for the
 * nested graph's outputs.
 *
 * @param bindings what stands for the nested graph's inputs.
 */
export function inlineGraph(anchor: Node, body: Graph, bindings: ReadonlyMap<Value, Value>): readonly Value[] {
  const graph = anchor.graph!;
  const values = new Map(bindings);
  const here = (value: Value): Value => values.get(value) ?? value;
  for (const constant of body.constants()) {
    const tensor = constant.constant ?? constant.initial;
    if (tensor !== undefined) values.set(constant, graph.addConstant(tensor, constant.name));
  }
  for (const node of body.nodes()) {
    const copy = graph.insertBefore(anchor, {
      op: node.op,
      domain: node.domain,
      overload: node.overload,
      name: node.name,
      inputs: node.inputs.map((value) => value && here(value)),
      outputs: node.outputs.map((value) => value && { name: value.name }),
      attributes: new Map(Array.from(node.attributes, ([name, value]) => [name, copied(value, values)])),
      origin: node.origin,
      extra: node.extra,
    });
    for (const [index, value] of node.outputs.entries()) if (value) values.set(value, copy.outputs[index]!);
  }
  return body.outputs.map((output) => here(output.value));
}

function copied(attribute: Attribute, outer: ReadonlyMap<Value, Value>): Attribute {
  if (attribute.kind === 'graph') return { ...attribute, value: cloneGraph(attribute.value, outer).graph };
  if (attribute.kind !== 'graphs') return attribute;
  return { ...attribute, value: attribute.value.map((graph) => cloneGraph(graph, outer).graph) };
}
