import type { Graph } from '../../ir/graph.ts';
import type { Node } from '../../ir/node.ts';
import type { Value } from '../../ir/value.ts';
import { enclosing } from '../../ir/walk.ts';
import { bytesOfType, type DimBindings, type TypeOf, typeInGraph } from './sizes.ts';

/** Bytes of the tensors that a graph computes. */
export interface ActivationMemory {
  /** All results together. */
  readonly total: number;
  /** The most that is alive at once when nodes run in order, with graph inputs, and no memory is shared. */
  readonly peak: number;
  /** Results whose size is not proven; they count as nothing. */
  readonly unknown: readonly Value[];
}

/**
 * Sizes of the activations of one graph, nested graphs left out. A lower bound of what a runtime needs: its kernels take
 * scratch memory of their own.
 */
export function activationMemory(
  graph: Graph,
  bindings: DimBindings = new Map(),
  typeOf: TypeOf = typeInGraph,
): ActivationMemory {
  const lastUse = lastUses(graph);
  const unknown: Value[] = [];
  const size = (value: Value): number => {
    const bytes = bytesOfType(typeOf(value), bindings);
    if (bytes === undefined) unknown.push(value);
    return bytes ?? 0;
  };
  const held = new Map<Value, number>();
  for (const input of graph.inputs) held.set(input, size(input));
  let alive = sum(held.values());
  let [total, peak] = [0, alive];
  for (const node of graph.nodes()) {
    for (const output of node.outputs) {
      if (output === undefined) continue;
      const bytes = size(output);
      held.set(output, bytes);
      total += bytes;
      alive += bytes;
    }
    peak = Math.max(peak, alive);
    for (const value of lastUse.get(node) ?? []) alive -= held.get(value) ?? 0;
  }
  return { total, peak, unknown };
}

/** The values that die after each node: the last to read them, in this graph or inside a node of it. */
function lastUses(graph: Graph): Map<Node, Value[]> {
  const order = new Map<Node, number>();
  for (const node of graph.nodes()) order.set(node, order.size);
  const dying = new Map<Node, Value[]>();
  const values = [...graph.inputs, ...[...order.keys()].flatMap((node) => node.outputs)];
  for (const value of values) {
    if (value === undefined || value.outputCount > 0) continue;
    let last = value.producer;
    for (const { node } of value.uses) {
      const reader = readerIn(graph, node);
      if (reader !== undefined && (last === undefined || order.get(reader)! > order.get(last)!)) last = reader;
    }
    if (last !== undefined) dying.set(last, [...(dying.get(last) ?? []), value]);
  }
  return dying;
}

/** The node of `graph` that is, or holds, `node`. */
function readerIn(graph: Graph, node: Node): Node | undefined {
  if (node.graph === graph || node.graph === undefined) return node;
  for (const at of enclosing(node.graph)) if (at.owner?.graph === graph) return at.owner;
  return undefined;
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const each of numbers) total += each;
  return total;
}
