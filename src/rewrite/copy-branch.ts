import { copyAttribute } from '../ir/copy-attribute.ts';
import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';

/**
 * A branch of an If that can be put in another place: one with a result for each of the node's, and without inputs and
 * annotations. Files have others, which no runtime takes.
 */
export function movableBranch(node: Node, name: 'then_branch' | 'else_branch'): Graph | undefined {
  const branch = node.attributes.get(name);
  if (branch?.kind !== 'graph') return undefined;
  const { inputs, outputs, annotations } = branch.value;
  const fits = inputs.length === 0 && outputs.length === node.outputs.length && annotations.length === 0;
  return fits ? branch.value : undefined;
}

/**
 * Copies the constants and nodes of a branch into a graph, where what is outside the branch can be read too.
 *
 * @param before the node that the copies stand before; at the end of the graph where absent.
 * @param values what stands for values outside the branch; afterwards also for those of the branch.
 * @returns the copied nodes.
 */
export function copyBranch(branch: Graph, graph: Graph, values: Map<Value, Value>, before?: Node): readonly Node[] {
  const copies: Node[] = [];
  for (const constant of branch.constants()) values.set(constant, copyConstant(graph, constant));
  for (const node of branch.nodes()) {
    const spec = {
      ...node,
      inputs: node.inputs.map((value) => value && (values.get(value) ?? value)),
      attributes: new Map(Array.from(node.attributes, ([name, attribute]) => [name, copyAttribute(attribute, values)])),
    };
    const copy = before === undefined ? graph.append(spec) : graph.insertBefore(before, spec);
    copies.push(copy);
    for (const [index, value] of node.outputs.entries()) {
      if (value !== undefined) values.set(value, copy.outputs[index]!);
    }
  }
  return copies;
}

function copyConstant(graph: Graph, { constant, initial, sparse, name, declared, extra }: Value): Value {
  if (sparse !== undefined) return graph.addSparseConstant(sparse, name, extra);
  return graph.addConstant((constant ?? initial)!, name, { updatable: constant === undefined, declared, extra });
}
