import { calledFunction } from '../src/ir/called-function.ts';
import { type Graph, subgraphsOf } from '../src/ir/graph.ts';
import type { FunctionDef, Model } from '../src/ir/model.ts';
import { isUnused } from '../src/ir/value.ts';
import { nodesWithin } from '../src/ir/walk.ts';
import { definePass } from '../src/pass/define-pass.ts';

/**
 * Removes nodes whose results nothing reads, constants that nothing reads, and functions that nothing calls, in the main
 * graph, in nested graphs and in function bodies. Graph inputs stay: the interface is not this pass's to change. So do
 * constants of models with training information, which names them from outside the graph.
 */
export const eliminateDeadCode = definePass({
  name: 'eliminate-dead-code',
  summary: 'Remove nodes, constants and functions that nothing uses',
  effect: 'exact',
  options: {},
  scope: 'model',
  run(_, { model, count }) {
    const keepConstants = model.trainingInfo.length > 0;
    count('functions removed', removeUncalledFunctions(model));
    for (const graph of [model.graph, ...model.functions.map((definition) => definition.graph)]) {
      sweep(graph, keepConstants, count);
    }
    count('functions removed', removeUncalledFunctions(model));
  },
});

/** Removes from last to first, so that what only dead nodes read is dead when it is reached. */
function sweep(graph: Graph, keepConstants: boolean, count: (what: string, by?: number) => void): void {
  for (const node of graph.nodesReversed()) {
    if (node.outputs.every((value) => value === undefined || isUnused(value))) {
      graph.erase(node);
      count('nodes removed');
      continue;
    }
    for (const inner of subgraphsOf(node)) sweep(inner, keepConstants, count);
  }
  if (keepConstants) return;
  for (const value of [...graph.constants()]) {
    if (!isUnused(value) || value.initial !== undefined) continue;
    graph.eraseValue(value);
    count('constants removed');
  }
}

function removeUncalledFunctions(model: Model): number {
  const called = new Set<FunctionDef>();
  const pending: Graph[] = [model.graph];
  for (let graph = pending.pop(); graph !== undefined; graph = pending.pop()) {
    for (const node of nodesWithin(graph)) {
      const definition = calledFunction(node, model);
      if (definition === undefined || called.has(definition)) continue;
      called.add(definition);
      pending.push(definition.graph);
    }
  }
  const before = model.functions.length;
  if (called.size < before) model.functions = model.functions.filter((definition) => called.has(definition));
  return before - called.size;
}
