import { fail } from '../diagnostics/modelpress-error.ts';
import type { Graph } from '../ir/graph.ts';
import { describeNode, type Node } from '../ir/node.ts';
import { isUnused, type Value } from '../ir/value.ts';

/**
 * Puts `replacements` in the places of the results of `nodes[0]`, then erases those of `nodes` that nothing reads any
 * more and the constants that only they read. New values take over name, proven type and declared type of what they
 * replace; the node that computes the first one takes over the root's name. A value with a name of its own keeps it.
 *
 * @throws ModelpressError `rewrite-missing-result` when a result that is read gets no replacement.
 */
export function rewire(
  graph: Graph,
  nodes: readonly Node[],
  replacements: readonly (Value | undefined)[],
  built: readonly Node[],
): void {
  const root = nodes[0]!;
  root.outputs.forEach((old, index) => {
    if (old === undefined) return;
    const replacement = replacements[index];
    if (replacement === undefined) {
      if (isUnused(old)) return;
      fail({
        code: 'rewrite-missing-result',
        message: `a rule gave nothing for result ${index} of ${describeNode(root)}, which is still read`,
        at: describeNode(root),
        hint: 'This is a fault in the rule: give a value for it, or reject the match.',
      });
    }
    if (replacement.producer !== undefined && built.includes(replacement.producer)) inherit(graph, old, replacement);
    graph.replaceAllUses(old, replacement, { outputs: true });
  });
  const heir = replacements[0]?.producer;
  if (heir !== undefined && heir.name === '' && built.includes(heir)) graph.rename(heir, root.name);
  eraseDead(graph, [...nodes, ...built]);
}

function inherit(graph: Graph, old: Value, replacement: Value): void {
  if (replacement.name === '') graph.rename(replacement, old.name);
  if (replacement.type === undefined && old.type !== undefined) graph.setType(replacement, old.type);
  if (replacement.declared === undefined && old.declared !== undefined) graph.setDeclared(replacement, old.declared);
}

/** Erases nodes that nothing reads, in whatever order that takes, and the constants that only they read. */
function eraseDead(graph: Graph, nodes: readonly Node[]): void {
  const alive = new Set(nodes);
  const orphans = new Set<Value>();
  for (let before = -1; before !== alive.size; ) {
    before = alive.size;
    for (const node of alive) {
      if (!node.outputs.every((value) => value === undefined || isUnused(value))) continue;
      for (const value of node.inputs) if (value?.constant !== undefined) orphans.add(value);
      graph.erase(node);
      alive.delete(node);
    }
  }
  for (const value of orphans) {
    if (value.producer === undefined && !value.isInput && isUnused(value)) value.graph.eraseValue(value);
  }
}
