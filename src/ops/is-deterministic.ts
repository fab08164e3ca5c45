import { intOf } from '../ir/attribute.ts';
import { calledFunction } from '../ir/called-function.ts';
import { type Graph, subgraphsOf } from '../ir/graph.ts';
import type { FunctionDef, Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import { toNumbers } from '../ir/tensor.ts';
import { schemaOfNode } from './schema/schema-of.ts';

/**
 * Whether a node gives the same results whenever it gets the same operands, so that two such nodes may be made one and
 * a constant one may be computed ahead. Looks into nested graphs and local functions; an operator that is neither known
 * nor a function of the model is taken for one that is not deterministic.
 *
 * @param opsets the opsets that the node follows: the model's, or those of the function it stands in.
 */
export function isDeterministic(
  node: Node,
  model: Model,
  opsets: ReadonlyMap<string, number> = model.opsetImports,
): boolean {
  const seen = new Set<FunctionDef>();
  const pending: { readonly node: Node; readonly opsets: ReadonlyMap<string, number> }[] = [{ node, opsets }];
  const enter = (graph: Graph, inside: ReadonlyMap<string, number>) => {
    for (const inner of graph.nodes()) pending.push({ node: inner, opsets: inside });
  };
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const { node: current, opsets: inside } = at;
    const definition = calledFunction(current, model);
    if (definition !== undefined) {
      if (!seen.has(definition)) enter(definition.graph, definition.opsetImports);
      seen.add(definition);
    } else if (!drawsNothing(current, inside)) return false;
    for (const graph of subgraphsOf(current)) enter(graph, inside);
  }
  return true;
}

function drawsNothing(node: Node, opsets: ReadonlyMap<string, number>): boolean {
  const schema = schemaOfNode(node, opsets);
  if (schema === undefined) return false;
  return schema.deterministic || (node.domain === '' && node.op === 'Dropout' && !isTraining(node, schema.since));
}

/** Whether a `Dropout` may drop anything: said by `is_test` in opsets 1 and 6, never from 7, by operand 2 from 12 on. */
function isTraining(node: Node, since: number): boolean {
  if (since < 7) return intOf(node, 'is_test') !== 1;
  const mode = node.inputs[2];
  if (since < 12 || mode === undefined) return false;
  return mode.constant === undefined || toNumbers(mode.constant)[0] !== 0;
}
