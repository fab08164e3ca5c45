import type { Graph } from '../../../ir/graph.ts';
import { isOp, type Node } from '../../../ir/node.ts';
import { scalarTensor } from '../../../ir/tensor.ts';
import type { Value } from '../../../ir/value.ts';
import { constantScalar } from '../../../rewrite/constant-numbers.ts';
import { inlineGraph } from './inline-graph.ts';
import { MAX_UNROLLED_NODES, stacked } from './unroll-scans.ts';

/** Writes Loop nodes out that run a known number of times. Returns whether there was one. */
export function unrollLoops(graph: Graph): boolean {
  let changed = false;
  for (const node of graph.nodes()) {
    const body = isOp(node, 'Loop') ? node.attributes.get('body') : undefined;
    if (body?.kind !== 'graph') continue;
    const rounds = roundsOf(node, body.value);
    if (rounds === undefined || rounds * body.value.nodeCount > MAX_UNROLLED_NODES) continue;
    changed = unroll(graph, node, body.value, rounds) || changed;
  }
  return changed;
}

/** How often a loop runs, where that is known: its condition must stay what it is. */
function roundsOf(node: Node, body: Graph): number | undefined {
  const [trips, condition] = node.inputs;
  const count = trips === undefined ? undefined : constantScalar(trips);
  const enters = condition === undefined ? 1 : constantScalar(condition);
  const next = body.outputs[0]?.value;
  if (count === undefined || enters === undefined || next === undefined) return undefined;
  if (enters === 0) return 0;
  const stays = unchanged(next) === body.inputs[1] ? 1 : constantScalar(next);
  if (stays === undefined) return undefined;
  return stays === 0 ? Math.min(1, count) : count;
}

/** What an Identity hands on. */
function unchanged(value: Value): Value {
  let source = value;
  while (isOp(source.producer, 'Identity')) source = source.producer.inputs[0]!;
  return source;
}

function unroll(graph: Graph, node: Node, body: Graph, rounds: number): boolean {
  let states = node.inputs.slice(2) as Value[];
  const collected: Value[][] = Array.from({ length: node.outputs.length - states.length }, () => []);
  // Nothing can be stacked where there is no round.
  if (rounds === 0 && collected.length > 0) return false;
  const yes = graph.addConstant(scalarTensor('bool', 1));
  for (let round = 0; round < rounds; round++) {
    const at = graph.addConstant(scalarTensor('int64', round));
    const bindings = new Map<Value, Value>([
      [body.inputs[0]!, at],
      [body.inputs[1]!, yes],
      ...states.map((state, k) => [body.inputs[k + 2]!, state] as const),
    ]);
    const results = inlineGraph(node, body, bindings);
    for (const [k, list] of collected.entries()) list.push(results[1 + states.length + k]!);
    states = results.slice(1, 1 + states.length) as Value[];
  }
  for (const [k, output] of node.outputs.entries()) {
    if (output === undefined || (output.uses.size === 0 && output.outputCount === 0)) continue;
    const result = k < states.length ? states[k]! : stacked(graph, node, collected[k - states.length]!, 0);
    graph.replaceAllUses(output, result, { outputs: true });
  }
  graph.erase(node);
  return true;
}
