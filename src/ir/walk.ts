import { type Graph, subgraphsOf } from './graph.ts';
import type { Model } from './model.ts';
import type { Node } from './node.ts';

/** A graph and every graph nested in its nodes, outermost first, without recursion. */
export function* graphsWithin(graph: Graph): Generator<Graph, void, undefined> {
  const pending: Graph[] = [graph];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    yield at;
    const inner: Graph[] = [];
    for (const node of at.nodes()) for (const graph of subgraphsOf(node)) inner.push(graph);
    for (const graph of inner.reverse()) pending.push(graph);
  }
}

/** Every graph of a model: the main graph with all nested ones, then the function bodies with theirs. */
export function* graphsOf(model: Model): Generator<Graph, void, undefined> {
  yield* graphsWithin(model.graph);
  for (const definition of model.functions) yield* graphsWithin(definition.graph);
}

/** Every node of a graph and of the graphs nested in it. */
export function* nodesWithin(graph: Graph): Generator<Node, void, undefined> {
  for (const at of graphsWithin(graph)) yield* at.nodes();
}

/** The graphs around `graph`, from itself outwards. */
export function* enclosing(graph: Graph): Generator<Graph, void, undefined> {
  for (let at: Graph | undefined = graph; at !== undefined; at = at.owner?.graph) yield at;
}
