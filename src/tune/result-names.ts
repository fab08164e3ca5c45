import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import { nodesWithin } from '../ir/walk.ts';

/** Characters that mean something in a pattern or between patterns. */
const SPECIAL = /[*?|]/;

/**
 * Names by which the passes' option `exclude` finds nodes, and no others: those of their results, which are renamed where
 * a name is missing, stands for something else as well, or would be read as a pattern.
 */
export function resultNames(graph: Graph, nodes: Iterable<Node>): ReadonlyMap<Node, string> {
  const known = new Map<string, number>();
  for (const node of nodesWithin(graph)) {
    const own = new Set([node.name, node.op, ...node.outputs.map((value) => value?.name ?? '')]);
    for (const value of node.inputs) if (value?.constant !== undefined) own.add(value.name);
    for (const name of own) known.set(name, (known.get(name) ?? 0) + 1);
  }
  const names = new Map<Node, string>();
  let number = 0;
  for (const node of nodes) {
    const result = node.outputs.find((value) => value !== undefined);
    if (result === undefined) continue;
    let { name } = result;
    if (name === '' || known.get(name) !== 1 || SPECIAL.test(name)) {
      do name = `layer_${++number}`;
      while (known.has(name));
      result.graph.rename(result, name);
      known.set(name, 1);
    }
    names.set(node, name);
  }
  return names;
}
