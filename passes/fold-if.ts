import type { Attribute } from '../src/ir/attribute.ts';
import { cloneGraph } from '../src/ir/clone.ts';
import type { Graph } from '../src/ir/graph.ts';
import { isOp, type Node } from '../src/ir/node.ts';
import type { Value } from '../src/ir/value.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { constantScalar } from '../src/rewrite/constant-numbers.ts';

/** Puts the branch that an If always takes in its place, where the condition is constant, in nested graphs too. */
export const foldIf = definePass({
  name: 'fold-if',
  summary: 'Replace an If whose condition is constant by the branch that it takes',
  effect: 'exact',
  options: {},
  run(graph, { count }) {
    const pending = [...graph.nodes()].filter((node) => isOp(node, 'If'));
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      const condition = constantScalar(node.inputs[0]);
      if (condition === undefined) continue;
      const attribute = node.attributes.get(condition === 0 ? 'else_branch' : 'then_branch');
      if (attribute?.kind !== 'graph' || attribute.value.annotations.length > 0) continue;
      const { copies, results } = inline(graph, node, attribute.value);
      for (const [index, value] of node.outputs.entries()) {
        if (value !== undefined) graph.replaceAllUses(value, results[index]!, { outputs: true });
      }
      graph.erase(node);
      pending.push(...copies.filter((copy) => isOp(copy, 'If')));
      count('branches inlined');
    }
  },
});

/** Copies the constants and nodes of a branch to before its If, and gives what stands for the branch's outputs. */
function inline(
  graph: Graph,
  before: Node,
  branch: Graph,
): { readonly copies: readonly Node[]; readonly results: readonly Value[] } {
  const copies: Node[] = [];
  const values = new Map<Value, Value>();
  const copied = (value: Value): Value => values.get(value) ?? value;
  for (const constant of branch.constants()) values.set(constant, copyConstant(graph, constant));
  for (const node of branch.nodes()) {
    const copy = graph.insertBefore(before, {
      ...node,
      inputs: node.inputs.map((value) => value && copied(value)),
      attributes: new Map(Array.from(node.attributes, ([name, attribute]) => [name, copyAttribute(attribute, values)])),
    });
    copies.push(copy);
    for (const [index, value] of node.outputs.entries()) {
      if (value !== undefined) values.set(value, copy.outputs[index]!);
    }
  }
  return { copies, results: branch.outputs.map(({ value }) => copied(value)) };
}

function copyConstant(graph: Graph, { constant, initial, sparse, name, declared, extra }: Value): Value {
  if (sparse !== undefined) return graph.addSparseConstant(sparse, name, extra);
  return graph.addConstant((constant ?? initial)!, name, { updatable: constant === undefined, declared, extra });
}

function copyAttribute(attribute: Attribute, values: ReadonlyMap<Value, Value>): Attribute {
  if (attribute.kind === 'graph') return { ...attribute, value: cloneGraph(attribute.value, values).graph };
  if (attribute.kind !== 'graphs') return attribute;
  return { ...attribute, value: attribute.value.map((inner) => cloneGraph(inner, values).graph) };
}
