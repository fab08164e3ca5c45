import type { Graph } from '../../../ir/graph.ts';
import { isOp } from '../../../ir/node.ts';
import { constantScalar } from '../../../rewrite/constant-numbers.ts';
import { inlineGraph } from './inline-graph.ts';

/** Writes the branch out that an If with a constant condition takes. Returns whether there was one. */
export function inlineBranches(graph: Graph): boolean {
  let changed = false;
  for (const node of graph.nodes()) {
    const condition = isOp(node, 'If') ? constantScalar(node.inputs[0]) : undefined;
    if (condition === undefined) continue;
    const branch = node.attributes.get(condition !== 0 ? 'then_branch' : 'else_branch');
    if (branch?.kind !== 'graph') continue;
    const results = inlineGraph(node, branch.value, new Map());
    for (const [index, output] of node.outputs.entries()) {
      if (output !== undefined) graph.replaceAllUses(output, results[index]!, { outputs: true });
    }
    graph.erase(node);
    changed = true;
  }
  return changed;
}
