import type { Model } from '../src/ir/model.ts';
import { nodesWithin } from '../src/ir/walk.ts';

/** Nodes of a model, those of nested graphs and functions included, without Constant: a constant is not work. */
export function nodeCount(model: Model): number {
  let count = 0;
  for (const graph of [model.graph, ...model.functions.map((definition) => definition.graph)]) {
    for (const node of nodesWithin(graph)) if (node.op !== 'Constant' || node.domain !== '') count++;
  }
  return count;
}
