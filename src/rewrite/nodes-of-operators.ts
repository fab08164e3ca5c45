import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import { operatorKey } from '../ops/operator-key.ts';

/** The nodes of one state of a graph, and where in them the nodes of each operator stand. */
interface OperatorIndex {
  readonly structure: number;
  readonly nodes: readonly Node[];
  readonly places: ReadonlyMap<string, readonly number[]>;
}

/** Many passes in a row ask about a graph that none of them changes. */
const indexes = new WeakMap<Graph, OperatorIndex>();

/** The nodes of one graph that are of certain operators, by `operatorKey`, in the order of the graph. */
export function nodesOfOperators(graph: Graph, operators: Iterable<string>): readonly Node[] {
  const { nodes, places } = indexOf(graph);
  const found: number[] = [];
  let lists = 0;
  for (const operator of operators) {
    const listed = places.get(operator);
    if (listed === undefined) continue;
    found.push(...listed);
    lists++;
  }
  if (lists > 1) found.sort((a, b) => a - b);
  return found.map((place) => nodes[place]!);
}

function indexOf(graph: Graph): OperatorIndex {
  const known = indexes.get(graph);
  if (known?.structure === graph.structure) return known;
  const nodes = [...graph.nodes()];
  const places = new Map<string, number[]>();
  for (let at = 0; at < nodes.length; at++) {
    const { domain, op } = nodes[at]!;
    const key = operatorKey(domain, op);
    const listed = places.get(key);
    if (listed === undefined) places.set(key, [at]);
    else listed.push(at);
  }
  const index = { structure: graph.structure, nodes, places };
  indexes.set(graph, index);
  return index;
}
