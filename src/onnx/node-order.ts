import { fail } from '../diagnostics/modelpress-error.ts';
import type { Proto } from './schema.ts';

type NodeProto = Proto<'NodeProto'>;
type GraphProto = Proto<'GraphProto'>;

/** A graph's nodes so that each stands after those it reads. */
export interface NodeOrder {
  readonly nodes: readonly NodeProto[];
  /** Whether the file had them in another order. */
  readonly sorted: boolean;
}

/**
 * Orders nodes by what they and the subgraphs inside them read. A name that the graph itself defines hides the same
 * name further out, wherever it is defined, as ONNX Runtime resolves it. Nodes keep their order where they can.
 *
 * @throws ModelpressError `onnx-cycle` when nodes read each other in a circle, `onnx-duplicate-name` when two define the
 * same name.
 */
export function orderNodes(nodes: readonly NodeProto[], graph: string): NodeOrder {
  const definedBy = new Map<string, number>();
  for (const [index, node] of nodes.entries()) {
    for (const name of node.output ?? []) {
      if (name === '') continue;
      if (definedBy.has(name)) duplicateName(name, graph);
      definedBy.set(name, index);
    }
  }
  const readBy = nodes.map((node) =>
    [...namesRead(node)].map((name) => definedBy.get(name)).filter((index) => index !== undefined),
  );
  if (readBy.every((sources, index) => sources.every((source) => source < index))) return { nodes, sorted: false };
  return { nodes: sortedIndices(readBy, nodes, graph).map((index) => nodes[index]!), sorted: true };
}

export function duplicateName(name: string, graph: string): never {
  fail({
    code: 'onnx-duplicate-name',
    at: name,
    message: `graph '${graph}' defines '${name}' more than once; a name stands for one value`,
    hint: 'Export the model again.',
  });
}

/** Depth first over what each node reads, with a stack of its own: a chain of nodes may be as long as the file. */
function sortedIndices(readBy: readonly (readonly number[])[], nodes: readonly NodeProto[], graph: string): number[] {
  const NEW = 0;
  const OPEN = 1;
  const DONE = 2;
  const state = new Uint8Array(nodes.length);
  const order: number[] = [];
  for (let root = 0; root < nodes.length; root++) {
    const stack = [root];
    for (let at = stack.at(-1); at !== undefined; at = stack.at(-1)) {
      if (state[at] === NEW) {
        state[at] = OPEN;
        for (const source of readBy[at]!.toSorted((a, b) => b - a)) {
          if (state[source] === OPEN) cycle(nodes[at]!, graph);
          if (state[source] === NEW) stack.push(source);
        }
        continue;
      }
      if (state[at] === OPEN) {
        state[at] = DONE;
        order.push(at);
      }
      stack.pop();
    }
  }
  return order;
}

/** Names that a node takes from the graph it stands in or from those around it. */
function namesRead(node: NodeProto): Set<string> {
  const names = new Set(node.input);
  for (const attribute of node.attribute ?? []) {
    if (attribute.g !== undefined) addFreeNames(attribute.g, names);
    for (const graph of attribute.graphs ?? []) addFreeNames(graph, names);
  }
  names.delete('');
  return names;
}

/** Adds the names that a subgraph uses and does not define. Its depth is bounded by that of the message. */
function addFreeNames(graph: GraphProto, names: Set<string>): void {
  const own = new Set<string | undefined>();
  for (const { name } of graph.input ?? []) own.add(name);
  for (const { name } of graph.initializer ?? []) own.add(name);
  for (const { values } of graph.sparseInitializer ?? []) own.add(values?.name);
  for (const node of graph.node ?? []) for (const name of node.output ?? []) own.add(name);
  for (const node of graph.node ?? []) for (const name of namesRead(node)) if (!own.has(name)) names.add(name);
  for (const { name } of graph.output ?? []) if (name !== undefined && !own.has(name)) names.add(name);
}

function cycle(node: NodeProto, graph: string): never {
  const label = node.name || node.output?.[0] || '';
  fail({
    code: 'onnx-cycle',
    at: label,
    message: `graph '${graph}' has a cycle through ${node.opType ?? ''} '${label}'`,
    hint: 'Export the model again.',
  });
}
