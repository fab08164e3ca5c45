import { type Graph, subgraphsOf } from '../../ir/graph.ts';
import type { Model } from '../../ir/model.ts';
import type { Node } from '../../ir/node.ts';
import { type Tensor, tensorByteLength } from '../../ir/tensor.ts';
import type { Value } from '../../ir/value.ts';
import type { ValueType } from '../../ir/value-type.ts';
import { graphsWithin } from '../../ir/walk.ts';
import { inferGraph } from '../../ops/infer/infer-graph.ts';

/** Consecutive nodes of a model's main graph that are run together. */
export interface Cut {
  readonly nodes: readonly Node[];
  /** Values of the main graph that they read and do not compute. */
  readonly reads: ReadonlySet<Value>;
  /** Values that they compute and later nodes read. */
  readonly passesOn: readonly Value[];
}

/** A model's main graph in pieces, and what is known of the values that go from one to the other. */
export interface CutModel {
  readonly cuts: readonly Cut[];
  readonly typeOf: (value: Value) => ValueType | undefined;
}

/**
 * Cuts a model's main graph into pieces to be run one after the other: nodes in order, but for what is computed from
 * constants alone, which comes where it is needed; each piece as many as take `partBytes` of weights together, or one
 * node that takes more.
 *
 * It is cut only where all that crosses are tensors of known element type; a graph that has no such place stays whole.
 * Weights are not read.
 */
export function cutModel(model: Model, partBytes: number): CutModel {
  const { graph } = model;
  const { types } = inferGraph(graph, model);
  const typeOf = (value: Value): ValueType | undefined => types.get(value) ?? value.type ?? value.declared;
  const pieces = piecesOf(lateConstants(graph), graph, partBytes, (value) => typeOf(value)?.kind === 'tensor');
  return { cuts: pieces.map((nodes, i) => cutOf(nodes, graph, pieces.slice(i + 1))), typeOf };
}

/**
 * The nodes of a graph in an order in which those that depend on constants alone, as the dequantization of weights does,
 * stand right before what reads them. At the start of the graph, where they may be, their results would all be passed on.
 */
function lateConstants(graph: Graph): readonly Node[] {
  const waiting = new Set<Node>();
  const order: Node[] = [];
  const emit = (last: Node): void => {
    const pending = [last];
    for (let node = pending.at(-1); node !== undefined; node = pending.at(-1)) {
      const before = [...readBy(node, graph)].map(({ producer }) => producer).filter((one) => one && waiting.has(one));
      if (before.length > 0) {
        for (const one of before) pending.push(one!);
        continue;
      }
      pending.pop();
      if (node !== last && !waiting.delete(node)) continue;
      order.push(node);
    }
  };
  for (const node of graph.nodes()) {
    const values = [...readBy(node, graph)];
    const constant = values.every(({ producer, isInput }) => !isInput && (!producer || waiting.has(producer)));
    if (constant) waiting.add(node);
    else emit(node);
  }
  order.push(...waiting);
  return order;
}

function piecesOf(
  nodes: readonly Node[],
  graph: Graph,
  partBytes: number,
  mayCross: (value: Value) => boolean,
): readonly Node[][] {
  const lastReader = new Map<Value, Node>();
  for (const node of nodes) for (const value of readBy(node, graph)) lastReader.set(value, node);
  const pieces: Node[][] = [[]];
  let held = new Set<Tensor>();
  let bytes = 0;
  /** Values that are computed so far, are read later on, and are such that no cut may go through them. */
  const unbroken = new Set<Value>();
  for (const node of nodes) {
    const weights = weightsOf(node, graph);
    const more = sizeOf(weights.filter((tensor) => !held.has(tensor)));
    const piece = pieces.at(-1)!;
    if (piece.length > 0 && more > 0 && bytes + more > partBytes && unbroken.size === 0) {
      pieces.push([node]);
      held = new Set(weights);
      bytes = sizeOf([...held]);
    } else {
      piece.push(node);
      for (const tensor of weights) held.add(tensor);
      bytes += more;
    }
    for (const value of readBy(node, graph)) if (lastReader.get(value) === node) unbroken.delete(value);
    for (const output of node.outputs) {
      if (output !== undefined && lastReader.has(output) && !mayCross(output)) unbroken.add(output);
    }
  }
  return pieces;
}

function cutOf(nodes: readonly Node[], graph: Graph, later: readonly (readonly Node[])[]): Cut {
  const computed = new Set(nodes.flatMap((node) => node.outputs).filter((value) => value !== undefined));
  const reads = new Set<Value>();
  for (const node of nodes) for (const value of readBy(node, graph)) if (!computed.has(value)) reads.add(value);
  const wanted = new Set<Value>();
  for (const node of later.flat()) for (const value of readBy(node, graph)) wanted.add(value);
  return { nodes, reads, passesOn: [...computed].filter((value) => wanted.has(value)) };
}

/** Values of the main graph that a node reads, itself or in the graphs nested in it, whose outputs count. */
function* readBy(node: Node, graph: Graph): Generator<Value, void, undefined> {
  for (const value of node.inputs) if (value?.graph === graph) yield value;
  for (const inner of subgraphsOf(node).flatMap((one) => [...graphsWithin(one)])) {
    for (const { value } of inner.outputs) if (value.graph === graph) yield value;
    for (const nested of inner.nodes()) for (const value of nested.inputs) if (value?.graph === graph) yield value;
  }
}

/** Weights that a node reads, those of the graphs nested in it included, each once. */
function weightsOf(node: Node, graph: Graph): readonly Tensor[] {
  const weights = new Set<Tensor>();
  const add = (value: Value): void => {
    const tensor = value.constant ?? value.initial;
    if (tensor !== undefined) weights.add(tensor);
  };
  for (const value of readBy(node, graph)) add(value);
  for (const inner of subgraphsOf(node).flatMap((one) => [...graphsWithin(one)])) {
    for (const value of inner.constants()) add(value);
  }
  return [...weights];
}

function sizeOf(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, tensor) => sum + tensorByteLength(tensor), 0);
}
