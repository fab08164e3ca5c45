import type { Graph } from '../src/ir/graph.ts';
import type { Value } from '../src/ir/value.ts';
import { definePass } from '../src/pass/define-pass.ts';

/**
 * Gives every value and node inside the model a short name. Exporters make names of hundreds of letters, which quantized
 * models repeat at every QuantizeLinear; in a small model they outweigh the weights. The interface keeps its names.
 */
export const shortenNames = definePass({
  name: 'shorten-names',
  summary: 'Give everything but inputs and outputs a short name',
  effect: 'exact',
  options: {},
  run(graph, context) {
    const prefix = prefixOf(graph, context.model.graph);
    const names = new Set(graph.outputs.map((output) => output.name));
    // What stands in an output is written under the output's name, and takes no other away.
    const standing = new Set(graph.outputs.map((output) => output.value));
    const isKept = (value: Value): boolean => names.has(value.name) || standing.has(value);
    let next = 0;
    const shorten = (value: { readonly name: string }, rename: (name: string) => void): void => {
      const name = `${prefix}${(next++).toString(36)}`;
      if (value.name === name) return;
      rename(name);
      context.count('names shortened');
    };
    for (const value of graph.constants()) if (!isKept(value)) shorten(value, (name) => graph.rename(value, name));
    for (const node of graph.nodes()) {
      for (const value of node.outputs) {
        if (value !== undefined && !isKept(value)) shorten(value, (name) => graph.rename(value, name));
      }
      shorten(node, (name) => graph.rename(node, name));
    }
  },
});

/** Names inside a nested graph must not be those of a graph around it: one more letter for each level. */
function prefixOf(graph: Graph, root: Graph): string {
  let depth = 0;
  for (let at: Graph | undefined = graph.owner?.graph; at !== undefined; at = at.owner?.graph) depth++;
  return graph === root ? '' : `${'_'.repeat(depth)}`;
}
