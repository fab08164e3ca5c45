import type { Attribute } from '../src/ir/attribute.ts';
import { cloneGraph } from '../src/ir/clone.ts';
import { isOp, type Node } from '../src/ir/node.ts';
import type { Value } from '../src/ir/value.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { constantScalar } from '../src/rewrite/constant-numbers.ts';

/** Steps from a condition to what decides it; real models have two or three. */
const MAX_STEPS = 16;

/**
 * Asks for the condition that decides an If at last: instead of one that is negated, with the branches exchanged, and
 * instead of the rank of what another If gives, where its branches give different ranks. Ifs that depend on the same
 * then show it.
 */
export const canonicalizeIf = definePass({
  name: 'canonicalize-if',
  summary: 'Let an If depend on the condition behind a Not or behind the rank that another If gives',
  effect: 'exact',
  options: {},
  run(graph, { count }) {
    for (const node of graph.nodes()) {
      if (!isOp(node, 'If')) continue;
      const found = decisive(node.inputs[0]);
      if (found === undefined || found.value === node.inputs[0]) continue;
      const then = node.attributes.get('then_branch');
      const otherwise = node.attributes.get('else_branch');
      if (then?.kind !== 'graph' || otherwise?.kind !== 'graph') continue;
      if (found.negated) {
        // A graph belongs to one attribute, so copies change places.
        const [a, b] = [then, otherwise].map(
          (branch): Attribute => ({ ...branch, value: cloneGraph(branch.value).graph }),
        );
        graph.setAttribute(node, 'then_branch', b);
        graph.setAttribute(node, 'else_branch', a);
      }
      graph.setInput(node, 0, found.value);
      count('conditions replaced');
    }
  },
});

interface Condition {
  readonly value: Value;
  readonly negated: boolean;
}

/** The value that a condition is true for, or is false for. */
function decisive(condition: Value | undefined): Condition | undefined {
  let at = condition;
  let negated = false;
  for (let i = 0; i < MAX_STEPS; i++) {
    const producer = at?.producer;
    const inverted: Condition | undefined =
      isOp(producer, 'Not') && producer.inputs[0] !== undefined
        ? { value: producer.inputs[0], negated: true }
        : decidedByRank(producer);
    if (inverted === undefined) break;
    at = inverted.value;
    negated = negated !== inverted.negated;
  }
  return at === undefined ? undefined : { value: at, negated };
}

/** The condition of the If whose result has the rank that `equal` compares with a number, if that tells the branches apart. */
function decidedByRank(equal: Node | undefined): Condition | undefined {
  if (!isOp(equal, 'Equal')) return undefined;
  const [left, right] = equal.inputs;
  const wanted = constantScalar(right) ?? constantScalar(left);
  const size = (right?.constant === undefined ? right : left)?.producer;
  const shape = isOp(size, 'Size') ? size.inputs[0]?.producer : undefined;
  // Part of a shape is not as long as the rank.
  const whole = isOp(shape, 'Shape') && shape.attributes.size === 0;
  const value = whole ? shape.inputs[0] : undefined;
  const choice = value?.producer;
  if (wanted === undefined || value === undefined || !isOp(choice, 'If')) return undefined;
  const index = choice.outputs.indexOf(value);
  const ranks = ['then_branch', 'else_branch'].map((name) => {
    const branch = choice.attributes.get(name);
    return branch?.kind === 'graph' ? shapeOf(branch.value.outputs[index]?.value.type)?.length : undefined;
  });
  const condition = choice.inputs[0];
  if (condition === undefined || ranks.includes(undefined)) return undefined;
  const [then, otherwise] = ranks.map((rank) => rank === wanted);
  return then === otherwise ? undefined : { value: condition, negated: otherwise === true };
}
