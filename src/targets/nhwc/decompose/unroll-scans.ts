import { int, intOf, intsOf } from '../../../ir/attribute.ts';
import type { Graph } from '../../../ir/graph.ts';
import { isOp, type Node } from '../../../ir/node.ts';
import { int64Tensor, scalarTensor } from '../../../ir/tensor.ts';
import type { Value } from '../../../ir/value.ts';
import { copyBranch } from '../../../rewrite/copy-branch.ts';
import { staticShape } from '../layout/static-shape.ts';

/** Most nodes that one Scan or Loop may become; beyond it a file has more operators than weights. */
export const MAX_UNROLLED_NODES = 20_000;

/** Writes Scan nodes of opset 9 and later out step by step. Returns whether there was one. */
export function unrollScans(graph: Graph): boolean {
  let changed = false;
  for (const node of graph.nodes()) {
    if (!isOp(node, 'Scan')) continue;
    const body = node.attributes.get('body');
    const count = intOf(node, 'num_scan_inputs');
    if (body?.kind !== 'graph' || count === undefined) continue;
    changed = unroll(graph, node, body.value, count) || changed;
  }
  return changed;
}

function unroll(graph: Graph, node: Node, body: Graph, scanned: number): boolean {
  const states = node.inputs.length - scanned;
  const scanInputs = node.inputs.slice(states);
  const axes = intsOf(node, 'scan_input_axes') ?? new Array<number>(scanned).fill(0);
  const backwards = intsOf(node, 'scan_input_directions') ?? [];
  const outputAxes = intsOf(node, 'scan_output_axes') ?? [];
  const outputBackwards = intsOf(node, 'scan_output_directions') ?? [];
  const steps = lengthOf(scanInputs[0], axes[0] ?? 0);
  if (steps === undefined || steps * body.nodeCount > MAX_UNROLLED_NODES || steps === 0) return false;
  let state = node.inputs.slice(0, states) as Value[];
  const collected: Value[][] = Array.from({ length: node.outputs.length - states }, () => []);
  for (let step = 0; step < steps; step++) {
    const bindings = new Map<Value, Value>();
    for (const [k, value] of state.entries()) bindings.set(body.inputs[k]!, value);
    for (const [k, value] of scanInputs.entries()) {
      const at = backwards[k] === 1 ? steps - 1 - step : step;
      bindings.set(body.inputs[states + k]!, sliceAt(graph, node, value!, at, axes[k] ?? 0));
    }
    copyBranch(body, graph, bindings, node);
    const results = body.outputs.map(({ value }) => bindings.get(value) ?? value);
    state = results.slice(0, states) as Value[];
    for (const [k, list] of collected.entries()) list.push(results[states + k]!);
  }
  for (const [k, output] of node.outputs.entries()) {
    if (output === undefined || (output.uses.size === 0 && output.outputCount === 0)) continue;
    if (k < states) {
      graph.replaceAllUses(output, state[k]!, { outputs: true });
      continue;
    }
    const list = collected[k - states]!;
    if (outputBackwards[k - states] === 1) list.reverse();
    graph.replaceAllUses(output, stacked(graph, node, list, outputAxes[k - states] ?? 0), { outputs: true });
  }
  graph.erase(node);
  return true;
}

function lengthOf(value: Value | undefined, axis: number): number | undefined {
  return staticShape(value)?.at(axis);
}

/** One element of an axis, without the axis. */
function sliceAt(graph: Graph, anchor: Node, value: Value, at: number, axis: number): Value {
  const index = graph.addConstant(scalarTensor('int64', at));
  return graph.insertBefore(anchor, { op: 'Gather', inputs: [value, index], attributes: { axis: int(axis) } })
    .outputs[0]!;
}

/** Values along a new axis. */
function stacked(graph: Graph, anchor: Node, values: readonly Value[], axis: number): Value {
  // Opset 13 takes the axes as an operand, older ones as an attribute; a Reshape would need the shape.
  const widened = values.map((value) => {
    const axes = graph.addConstant(int64Tensor([axis]));
    return graph.insertBefore(anchor, { op: 'Unsqueeze', inputs: [value, axes] }).outputs[0]!;
  });
  return graph.insertBefore(anchor, { op: 'Concat', inputs: widened, attributes: { axis: int(axis) } }).outputs[0]!;
}
