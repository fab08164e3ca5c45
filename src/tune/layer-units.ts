import { quantizeDynamic } from '../../passes/quantize-dynamic.ts';
import { quantizeWeights } from '../../passes/quantize-weights.ts';
import type { Model } from '../ir/model.ts';
import { isOp, type Node } from '../ir/node.ts';
import { elementCount } from '../ir/tensor.ts';
import { nodesWithin } from '../ir/walk.ts';
import { costOf } from '../ops/cost/cost-of.ts';
import { storedWeights } from '../ops/stored-weights.ts';
import { matchesNode } from '../pass/node-pattern.ts';
import { planInt8 } from '../quantize/plan-int8.ts';

/** A layer and the 8-bit operators behind it up to the next layer: what stays in float together. */
export interface LayerUnit {
  /** The layer first. */
  readonly nodes: readonly Node[];
  /** Multiply-accumulates of one run, open sizes counted as 1; where a shape is not known, one for each weight. */
  readonly macs: number;
}

/**
 * What of a prepared model quantization changes, in the order of the graph: everything that runs in 8 bits, and layers
 * whose weights are stored so, nested ones included.
 *
 * @param exclude patterns of nodes that stay float anyway.
 */
export function layerUnits(model: Model, exclude: readonly string[]): readonly LayerUnit[] {
  const { nodes: planned } = planInt8(model.graph, { exclude });
  const { macsByNode } = costOf(model);
  const units: { nodes: Node[]; macs: number }[] = [];
  for (const node of nodesWithin(model.graph)) {
    const own = planned.get(node);
    if (own === undefined && !(holdsWeights(node) && !matchesNode(node, exclude))) continue;
    const last = units.at(-1);
    if (last !== undefined && own !== undefined && own.role.kind !== 'compute') last.nodes.push(node);
    else units.push({ nodes: [node], macs: macsByNode.get(node) ?? weightsOf(node) });
  }
  return units;
}

/** Whether a product has a form that is quantized anew in every run, over the range that its operand takes in it. */
export function runsDynamically(node: Node): boolean {
  const { dims } = node.inputs[1]?.constant ?? {};
  if (!isOp(node, 'MatMul', 'Gemm') || dims?.length !== 2) return false;
  return elementCount(dims) >= quantizeDynamic.options.minElements.default;
}

function weightsOf(node: Node): number {
  return storedWeights(node).reduce(
    (sum, { operand }) => sum + elementCount(node.inputs[operand]?.constant?.dims ?? [0]),
    0,
  );
}

/** Whether a node has float weights that can be stored in 8 bits though it does not run in them. */
function holdsWeights(node: Node): boolean {
  return storedWeights(node).some(({ operand }) => {
    const tensor = node.inputs[operand]?.constant;
    if (tensor?.dtype !== 'float32' || tensor.dims.length < 2) return false;
    return elementCount(tensor.dims) >= quantizeWeights.options.minElements.default;
  });
}
