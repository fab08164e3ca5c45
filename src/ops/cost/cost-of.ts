import { intsOf } from '../../ir/attribute.ts';
import { type Graph, subgraphsOf } from '../../ir/graph.ts';
import type { Model } from '../../ir/model.ts';
import { isOp, type Node } from '../../ir/node.ts';
import { elementCount, type Tensor, tensorByteLength, toNumbers } from '../../ir/tensor.ts';
import { shapeOf } from '../../ir/value-type.ts';
import { graphsOf } from '../../ir/walk.ts';
import { symbolsOf } from '../dims/evaluate-dim.ts';
import { operatorKey } from '../operator-key.ts';
import { macsOf } from './macs-of.ts';
import { type DimBindings, sizeOfDim, type TypeOf, typeInGraph } from './sizes.ts';

/** What running a model once takes, as far as its proven types tell. */
export interface ModelCost {
  /** Multiply-accumulates of all nodes whose sizes are known. */
  readonly macs: number;
  /** Multiply-accumulates by node, nested graphs included, a loop's body for all its rounds. */
  readonly macsByNode: ReadonlyMap<Node, number>;
  /** Nodes that multiply and accumulate but whose sizes, or whose number of rounds, are not proven. */
  readonly unknown: readonly Node[];
  /** Elements of all constants, each tensor once. */
  readonly parameters: number;
  readonly parameterBytes: number;
  /** Symbols that had no binding and count as 1. */
  readonly assumed: readonly string[];
}

/**
 * Multiply-accumulates and parameters of a model.
 *
 * A branch of `If` counts as the dearer of the two; the body of `Loop` and `Scan` counts once per round where the number
 * of rounds is known, and its nodes are `unknown` (and count once) where it is not. Functions are not entered.
 */
export function costOf(model: Model, bindings: DimBindings = new Map(), typeOf: TypeOf = typeInGraph): ModelCost {
  const macsByNode = new Map<Node, number>();
  const unknown = new Set<Node>();
  const macs = macsOfGraph(model.graph, { bindings, typeOf, macsByNode, unknown }, 1, true);
  const tensors = constantsOf(model);
  let parameters = 0;
  let parameterBytes = 0;
  for (const tensor of tensors) {
    parameters += elementCount(tensor.dims);
    parameterBytes += tensorByteLength(tensor);
  }
  return {
    macs,
    macsByNode,
    unknown: [...unknown],
    parameters,
    parameterBytes,
    assumed: openSymbols(model.graph, bindings, typeOf),
  };
}

interface Tally {
  readonly bindings: DimBindings;
  readonly typeOf: TypeOf;
  readonly macsByNode: Map<Node, number>;
  readonly unknown: Set<Node>;
}

/** Recurses over nested graphs, whose depth readers bound. */
function macsOfGraph(graph: Graph, tally: Tally, rounds: number, sure: boolean): number {
  let total = 0;
  for (const node of graph.nodes()) {
    const own = macsOf(node, tally.bindings, tally.typeOf);
    if (own === undefined || (own > 0 && !sure)) tally.unknown.add(node);
    if (own !== undefined && own > 0) tally.macsByNode.set(node, own * rounds);
    total += (own ?? 0) * rounds;
    const inner = subgraphsOf(node);
    if (inner.length === 0) continue;
    const times = roundsOf(node, tally);
    const costs = inner.map((each) => macsOfGraph(each, tally, rounds * (times ?? 1), sure && times !== undefined));
    total += isOp(node, 'If') ? Math.max(...costs) : costs.reduce((a, b) => a + b, 0);
  }
  return total;
}

/** How often a node runs the graphs it holds. */
function roundsOf(node: Node, tally: Tally): number | undefined {
  switch (operatorKey(node.domain, node.op)) {
    case 'If':
      return 1;
    case 'Scan':
      return scanLength(node, tally);
    case 'Loop': {
      const limit = node.inputs[0]?.constant;
      return limit === undefined ? undefined : toNumbers(limit)[0];
    }
    default:
      return undefined;
  }
}

/** The length of the axis along which the last scan input is cut. */
function scanLength(node: Node, { bindings, typeOf }: Tally): number | undefined {
  const scanned = node.inputs.at(-1);
  const axes = intsOf(node, 'scan_input_axes');
  return sizeOfDim(scanned && shapeOf(typeOf(scanned))?.at(axes?.at(-1) ?? 0), bindings);
}

/** Every constant tensor of a model, in initializers and in attributes of `Constant` nodes, each once. */
function constantsOf(model: Model): ReadonlySet<Tensor> {
  const tensors = new Set<Tensor>();
  for (const graph of graphsOf(model)) {
    for (const value of [...graph.constants(), ...graph.inputs]) {
      const tensor = value.constant ?? value.initial;
      if (tensor !== undefined) tensors.add(tensor);
    }
    for (const node of graph.nodes()) {
      for (const attribute of node.attributes.values()) if (attribute.kind === 'tensor') tensors.add(attribute.value);
    }
  }
  return tensors;
}

function openSymbols(graph: Graph, bindings: DimBindings, typeOf: TypeOf): string[] {
  const symbols = new Set<string>();
  for (const input of graph.inputs) {
    for (const dim of shapeOf(typeOf(input)) ?? [])
      for (const symbol of symbolsOf(dim)) if (!bindings.has(symbol)) symbols.add(symbol);
  }
  return [...symbols].sort();
}
