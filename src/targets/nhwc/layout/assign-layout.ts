import type { Graph } from '../../../ir/graph.ts';
import { isOp, type Node } from '../../../ir/node.ts';
import { elementCount } from '../../../ir/tensor.ts';
import type { Value } from '../../../ir/value.ts';
import { type LayoutRule, layoutRuleOf } from './layout-rule.ts';
import { MinCut } from './min-cut.ts';
import { type AxisOrder, channelsLast, identityOrder, sameData } from './permutation.ts';
import { staticShape } from './static-shape.ts';

/** In which order a node reads its operands and writes its results. */
export interface NodeLayout {
  /** One entry per operand; `undefined` where the operand is broadcast or a parameter. */
  readonly operands: readonly (AxisOrder | undefined)[];
  readonly results: readonly (AxisOrder | undefined)[];
}

/** What it costs to move a tensor; the number of moves decides, their size only between equal numbers. */
const MOVE = 1000;
/** What counts as one more unit of `MOVE`, in elements. */
const ELEMENTS_PER_UNIT = 65_536;
/** More than all moves of a graph together. */
const NEVER = 1e12;

/**
 * Chooses the order of axes that every node works in, so that as few tensors as possible have to be moved in memory.
 *
 * Convolutions and their like ask for channels last; from them the order that values would have is carried over all
 * operators that can work in any order, through reshapes and transposes as well. Each such operator then takes either
 * the carried order or the model's own, by a minimum cut over the whole graph: of all these choices none needs fewer
 * moves. Constants do not count, they are stored as needed.
 *
 * @param graph of which every shape is proven.
 */
export function assignLayout(graph: Graph): ReadonlyMap<Node, NodeLayout> {
  const carried = carriedOrders(graph);
  const candidates = new Map<Node, Candidate>();
  for (const node of graph.nodes()) candidates.set(node, candidateOf(node, carried));
  const chosen = choose(graph, carried, candidates);
  const layouts = new Map<Node, NodeLayout>();
  for (const [node, candidate] of candidates) {
    layouts.set(node, chosen.has(node) ? candidate.carried! : logicalLayout(node));
  }
  return layouts;
}

interface Candidate {
  readonly rule: LayoutRule;
  /** How the node works when it takes the carried order; absent where it cannot. */
  readonly carried: NodeLayout | undefined;
}

/** The order that each value has when nothing is moved after the nearest operator that asks for one. */
function carriedOrders(graph: Graph): ReadonlyMap<Value, AxisOrder> {
  const orders = new Map<Value, AxisOrder>();
  const queue: Value[] = [];
  const learn = (value: Value | undefined, order: AxisOrder | undefined): void => {
    if (value === undefined || order === undefined || value.constant !== undefined || orders.has(value)) return;
    orders.set(value, order);
    queue.push(value);
  };
  for (const node of graph.nodes()) {
    const rule = layoutRuleOf(node);
    if (rule.kind !== 'channels-last') continue;
    for (const value of [...rule.operands.map((index) => node.inputs[index]), ...node.outputs]) {
      learn(value, channelsLast(staticShape(value)?.length ?? 0));
    }
  }
  for (const value of queue) {
    const order = orders.get(value)!;
    const { producer } = value;
    const rule = producer === undefined ? undefined : layoutRuleOf(producer);
    if (producer !== undefined && rule?.kind === 'carries') {
      for (const [index, operand] of producer.inputs.entries()) learn(operand, rule.backward(producer, index, order));
      for (const result of producer.outputs) learn(result, sameRank(value, result) ? order : undefined);
    }
    for (const { node, index } of value.uses) {
      const rule = layoutRuleOf(node);
      if (rule.kind !== 'carries' || node.graph !== graph) continue;
      const forward = rule.forward(node, index, order);
      for (const result of node.outputs) learn(result, forward);
    }
  }
  return orders;
}

function candidateOf(node: Node, carried: ReadonlyMap<Value, AxisOrder>): Candidate {
  const rule = layoutRuleOf(node);
  const result = node.outputs.find((value) => value !== undefined);
  switch (rule.kind) {
    case 'logical':
      return { rule, carried: undefined };
    case 'channels-last':
      return { rule, carried: channelsLastLayout(node, rule.operands) };
    case 'carries': {
      const order = result && carried.get(result);
      if (order === undefined) return { rule, carried: undefined };
      const shape = staticShape(result) ?? [];
      // An operator that drops axes can take an operand's own carried order although its result does not tell it.
      const operands = node.inputs.map((value, index) => {
        const own = value && carried.get(value);
        const forward = own && rule.forward(node, index, own);
        return forward && sameData(shape, forward, order) ? own : rule.backward(node, index, order);
      });
      if (operands[0] === undefined && !operands.some((each) => each !== undefined))
        return { rule, carried: undefined };
      return { rule, carried: { operands, results: node.outputs.map((value) => value && order) } };
    }
  }
}

/** The nodes that take the carried order. */
function choose(
  graph: Graph,
  carried: ReadonlyMap<Value, AxisOrder>,
  candidates: ReadonlyMap<Node, Candidate>,
): ReadonlySet<Node> {
  const cut = new MinCut();
  const vertices = new Map<Node, number>();
  const vertexOf = (node: Node | undefined): number => (node && vertices.get(node)) ?? MinCut.SECOND;
  for (const [node, candidate] of candidates) {
    if (candidate.carried === undefined) vertices.set(node, MinCut.SECOND);
    else if (candidate.rule.kind === 'channels-last') vertices.set(node, MinCut.FIRST);
    else {
      const vertex = cut.addVertex();
      vertices.set(node, vertex);
      // A Transpose that takes the carried order is nothing; in the model's own order it moves its operand.
      if (isOp(node, 'Transpose')) cut.addEdge(MinCut.FIRST, vertex, moveCost(node.inputs[0]!));
    }
  }
  for (const value of valuesOf(graph)) {
    const order = carried.get(value);
    const shape = staticShape(value);
    if (order === undefined || shape === undefined) continue;
    if (sameData(shape, order, identityOrder(shape.length))) continue;
    const cost = moveCost(value);
    const producer = vertexOf(value.producer);
    // One copy in the other order serves every reader that wants it.
    const copyInCarried = cut.addVertex();
    const copyInLogical = cut.addVertex();
    cut.addEdge(copyInCarried, producer, cost);
    cut.addEdge(producer, copyInLogical, cost);
    if (value.outputCount > 0) cut.addEdge(copyInLogical, MinCut.SECOND, NEVER);
    for (const { node, index } of value.uses) {
      const reader = vertexOf(node);
      const wanted = candidates.get(node)?.carried?.operands[index];
      const fits = wanted !== undefined && sameData(shape, wanted, order);
      if (fits) cut.addEdge(reader, copyInCarried, NEVER);
      else cut.addEdge(reader, MinCut.SECOND, wanted === undefined ? 0 : cost);
      cut.addEdge(copyInLogical, reader, NEVER);
    }
  }
  const first = cut.solve();
  return new Set([...vertices].filter(([, vertex]) => first[vertex]).map(([node]) => node));
}

function moveCost(value: Value): number {
  return MOVE + Math.min(MOVE / 2, Math.floor(elementCount(staticShape(value) ?? []) / ELEMENTS_PER_UNIT));
}

function channelsLastLayout(node: Node, operands: readonly number[]): NodeLayout {
  const orderOf = (value: Value | undefined): AxisOrder | undefined =>
    value && channelsLast(staticShape(value)?.length ?? 0);
  return {
    operands: node.inputs.map((value, index) => (operands.includes(index) ? orderOf(value) : undefined)),
    results: node.outputs.map(orderOf),
  };
}

/** Everything in the model's own order. */
function logicalLayout(node: Node): NodeLayout {
  const orderOf = (value: Value | undefined): AxisOrder | undefined => {
    const shape = staticShape(value);
    return shape && identityOrder(shape.length);
  };
  return { operands: node.inputs.map(orderOf), results: node.outputs.map(orderOf) };
}

function sameRank(a: Value, b: Value | undefined): boolean {
  return staticShape(a)?.length === staticShape(b)?.length;
}

function* valuesOf(graph: Graph): Generator<Value, void, undefined> {
  yield* graph.inputs;
  for (const node of graph.nodes()) for (const value of node.outputs) if (value !== undefined) yield value;
}
