import { int } from '../src/ir/attribute.ts';
import type { Graph } from '../src/ir/graph.ts';
import { isOp, type Node } from '../src/ir/node.ts';
import { scalarTensor } from '../src/ir/tensor.ts';
import { isUnused, type Value } from '../src/ir/value.ts';
import { nodesWithin } from '../src/ir/walk.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { buildWithAxes } from '../src/rewrite/axes-operand.ts';
import { type Build, createBuild } from '../src/rewrite/build.ts';
import { constantInteger } from '../src/rewrite/constant-numbers.ts';
import { copyBranch } from '../src/rewrite/copy-branch.ts';
import { opsetAt } from '../src/rewrite/opset-at.ts';

/** Operands of a Loop before those that it carries (trips, condition), and outputs of its body before them (condition). */
const LOOP_OPERANDS = 2;
const BODY_OUTPUTS = 1;

/**
 * Writes a Loop out whose number of trips is constant and that nothing ends early, within a budget of nodes: what it
 * computes can then be folded, quantized and lowered like the rest of the graph.
 */
export const unrollLoops = definePass({
  name: 'unroll-loops',
  summary: 'Write out Loops with a constant number of trips, within a budget of nodes',
  effect: 'exact',
  options: {
    maxTrips: { kind: 'number', default: 64, min: 1, integer: true, help: 'Most trips of a Loop that is written out' },
    maxNodes: { kind: 'number', default: 2000, min: 1, integer: true, help: 'Most nodes that one Loop may become' },
  },
  run(graph, { model, options, count }) {
    const pending = [...graph.nodes()].filter((node) => isOp(node, 'Loop'));
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      const body = node.attributes.get('body');
      if (body?.kind !== 'graph' || body.value.annotations.length > 0 || !fits(node, body.value)) continue;
      const trips = tripsOf(node, body.value);
      if (trips === undefined) {
        count('kept: the number of trips is not known');
        continue;
      }
      if (trips > options.maxTrips || trips * [...nodesWithin(body.value)].length > options.maxNodes) {
        count('kept: over budget');
        continue;
      }
      const site = { model, graph, opset: opsetAt(model, graph), root: node };
      const copies = unroll(createBuild(site, node.origin, []), node, body.value, trips);
      pending.push(...copies.filter((copy) => isOp(copy, 'Loop')));
      count('loops written out');
    }
  },
});

/** Whether a body takes and gives as much as its Loop says: a damaged one is the runtime's to refuse. */
function fits(node: Node, body: Graph): boolean {
  const carried = node.inputs.length - LOOP_OPERANDS;
  const given = node.inputs.slice(LOOP_OPERANDS).every((value) => value !== undefined);
  return (
    carried >= 0 &&
    given &&
    body.inputs.length === carried + LOOP_OPERANDS &&
    body.outputs.length >= carried + BODY_OUTPUTS &&
    node.outputs.length <= body.outputs.length - BODY_OUTPUTS
  );
}

/** How often a Loop runs, where that is known and what it gives can be said. */
function tripsOf(node: Node, body: Graph): number | undefined {
  const [limit, condition] = node.inputs;
  const most = constantInteger(limit);
  const enters = condition === undefined ? 1 : constantInteger(condition);
  if (most === undefined || enters === undefined) return undefined;
  const goesOn = stays(body) ? 1 : constantInteger(body.outputs[0]?.value);
  if (goesOn === undefined) return undefined;
  const trips = enters === 0 ? 0 : goesOn === 0 ? Math.min(1, most) : most;
  // Nothing can be stacked where there is no trip.
  const collects = body.outputs.length > BODY_OUTPUTS + node.inputs.length - LOOP_OPERANDS;
  return trips < 1 && collects ? undefined : Math.max(0, trips);
}

/** Whether a body hands its condition on as it was. */
function stays(body: Graph): boolean {
  let after = body.outputs[0]?.value;
  while (isOp(after?.producer, 'Identity')) after = after.producer.inputs[0];
  return after !== undefined && after === body.inputs[1];
}

function unroll(build: Build, node: Node, body: Graph, trips: number): readonly Node[] {
  const { graph } = build;
  const carriedCount = node.inputs.length - LOOP_OPERANDS;
  let carried = node.inputs.slice(LOOP_OPERANDS) as Value[];
  const collected: Value[][] = Array.from({ length: body.outputs.length - BODY_OUTPUTS - carriedCount }, () => []);
  const going = build.constant(scalarTensor('bool', 1));
  const all: Node[] = [];
  for (let trip = 0; trip < trips; trip++) {
    const values = new Map<Value, Value>();
    const inputs = [build.constant(scalarTensor('int64', trip)), going, ...carried];
    for (const [i, input] of body.inputs.entries()) values.set(input, inputs[i]!);
    all.push(...copyBranch(body, graph, values, node));
    const results = body.outputs.map(({ value }) => values.get(value) ?? value);
    carried = results.slice(BODY_OUTPUTS, BODY_OUTPUTS + carriedCount);
    for (const [i, list] of collected.entries()) list.push(results[BODY_OUTPUTS + carriedCount + i]!);
  }
  for (const [i, output] of node.outputs.entries()) {
    if (output === undefined || isUnused(output)) continue;
    const result = i < carriedCount ? carried[i]! : stacked(build, collected[i - carriedCount]!);
    graph.replaceAllUses(output, result, { outputs: true });
  }
  graph.erase(node);
  return all;
}

/** What the trips gave one after the other, along a new first axis. */
function stacked(build: Build, values: readonly Value[]): Value {
  const widened = values.map((value) => buildWithAxes(build, 'Unsqueeze', value, [0]));
  return build.op('Concat', widened, { axis: int(0) });
}
