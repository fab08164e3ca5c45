import { intOf } from '../src/ir/attribute.ts';
import { copiedAttributes } from '../src/ir/copy-attribute.ts';
import { type Graph, subgraphsOf } from '../src/ir/graph.ts';
import type { Node } from '../src/ir/node.ts';
import { isUnused, type Value } from '../src/ir/value.ts';
import { graphsWithin } from '../src/ir/walk.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { opsetAt } from '../src/rewrite/opset-at.ts';

/** The opset from which Scan has no batch axis and no lengths before its states. */
const SCAN_SINCE = 9;

/** Where the states of a loop lie among its operands and results, and among those of its body. */
interface States {
  readonly body: Graph;
  readonly count: number;
  /** The place of state 0 among the node's operands, and among the body's inputs. */
  readonly operands: number;
  /** The place of state 0 among the body's outputs; among the node's results it is 0. */
  readonly results: number;
}

/**
 * Removes the states of Loop and Scan that nothing but themselves depends on: the counters that exporters keep beside
 * the position that the loop itself counts.
 */
export const eliminateDeadStates = definePass({
  name: 'eliminate-dead-states',
  summary: 'Remove the states of Loop and Scan that no other state and no result depends on',
  effect: 'exact',
  options: {},
  run(graph, { model, count }) {
    const opset = opsetAt(model, graph);
    for (const node of [...graph.nodes()]) {
      const states = statesOf(node, opset);
      if (states === undefined) continue;
      const dead = deadStates(node, states);
      // A node without any result is none; where nothing is read of it, it goes as a whole.
      if (dead.length === 0 || node.outputs.every((_, at) => dead.includes(at))) continue;
      withoutStates(graph, node, states, dead);
      count('states removed', dead.length);
    }
  },
});

function statesOf(node: Node, opset: number): States | undefined {
  const body = node.attributes.get('body');
  if (body?.kind !== 'graph') return undefined;
  if (node.domain !== '') return undefined;
  if (node.op === 'Loop') return { body: body.value, count: node.inputs.length - 2, operands: 2, results: 1 };
  if (node.op !== 'Scan' || opset < SCAN_SINCE) return undefined;
  const count = node.inputs.length - (intOf(node, 'num_scan_inputs') ?? 0);
  return { body: body.value, count, operands: 0, results: 0 };
}

/** States whose last value is not read, and whose value in the body leads to no output but their own or another's of these. */
function deadStates(node: Node, { body, count, operands, results }: States): readonly number[] {
  const stateOutputs = body.outputs.slice(results, results + count);
  if (count < 1 || stateOutputs.length < count || body.inputs.length < operands + count) return [];
  const pending: Value[] = body.outputs
    .filter((_, at) => at < results || at >= results + count)
    .map(({ value }) => value);
  const live = new Set<number>();
  const keep = (state: number): void => {
    if (live.has(state)) return;
    live.add(state);
    pending.push(stateOutputs[state]!.value);
  };
  for (let state = 0; state < count; state++) {
    const last = node.outputs[state];
    if (last !== undefined && !isUnused(last)) keep(state);
  }
  const places = new Map(body.inputs.map((input, at) => [input, at - operands]));
  const seen = new Set<Value>();
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    const state = places.get(value) ?? -1;
    if (state >= 0 && state < count) keep(state);
    if (value.producer !== undefined && value.producer.graph === body) pending.push(...readBy(value.producer));
  }
  return Array.from({ length: count }, (_, state) => state).filter((state) => !live.has(state));
}

/** The values that a node and the graphs inside it read. */
function* readBy(node: Node): Generator<Value, void, undefined> {
  for (const input of node.inputs) if (input !== undefined) yield input;
  for (const inner of subgraphsOf(node).flatMap((graph) => [...graphsWithin(graph)])) {
    for (const { value } of inner.outputs) yield value;
    for (const { inputs } of inner.nodes()) for (const input of inputs) if (input !== undefined) yield input;
  }
}

/** Puts a node with fewer states in the place of `node`; what its body computed for them is dead in the copy. */
function withoutStates(graph: Graph, node: Node, states: States, dead: readonly number[]): void {
  const { operands, results } = states;
  const attributes = copiedAttributes(node);
  const copied = attributes.body;
  if (copied?.kind !== 'graph') return;
  const body = copied.value;
  const gone = dead.map((state) => body.inputs[operands + state]!);
  for (const state of [...dead].reverse()) body.removeOutput(results + state);
  // What is left to read these inputs leads nowhere: no output, and no state that stays.
  for (const inner of [...body.nodesReversed()]) if (inner.outputs.every(isAbsentOrUnused)) body.erase(inner);
  for (const input of gone) body.eraseValue(input);
  const stays = <T>(list: readonly T[], first: number): T[] => list.filter((_, at) => !dead.includes(at - first));
  const replacement = graph.insertBefore(node, {
    domain: node.domain,
    op: node.op,
    name: node.name,
    inputs: stays(node.inputs, operands),
    attributes,
    outputs: stays(node.outputs, 0).map((output) => output && { name: output.name, type: output.type }),
    origin: node.origin,
    extra: node.extra,
  });
  for (const [at, output] of stays(node.outputs, 0).entries()) {
    if (output !== undefined) graph.replaceAllUses(output, replacement.outputs[at]!, { outputs: true });
  }
  graph.erase(node);
}

function isAbsentOrUnused(value: Value | undefined): boolean {
  return value === undefined || isUnused(value);
}
