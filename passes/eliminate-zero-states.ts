import type { Node } from '../src/ir/node.ts';
import { op } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';
import { uniformValue } from '../src/rewrite/uniform-value.ts';

/** The places of a recurrent layer's first hidden state and, in an LSTM, first cell state. */
const STATES = [5, 6];

const zeroState = defineRule({
  name: 'zero-state',
  match: op(['GRU', 'LSTM', 'RNN'])
    .variadic()
    .where((node) => STATES.some((place) => node.inputs[place] !== undefined))
    .as('layer'),
  plan: ({ layer }) => {
    const zero = STATES.filter((place) => Object.is(uniformValue(layer.inputs[place]), 0));
    return zero.length === 0 ? 'no state is proven to be zero' : { zero };
  },
  rewrite: ({ layer }, build, { zero }) => build.copy(layer, { inputs: withoutThese(layer, zero) }).outputs,
  results: 3,
});

/**
 * Leaves out the first states of recurrent layers that are zero, which is what absent ones are. Exporters compute them
 * from the batch size; all of that is then dead.
 */
export const eliminateZeroStates = rulePass({
  name: 'eliminate-zero-states',
  summary: 'Leave out the first states of recurrent layers that are zero anyway',
  effect: 'exact',
  rules: [zeroState],
});

function withoutThese(layer: Node, places: readonly number[]): Node['inputs'] {
  const inputs = layer.inputs.map((value, place) => (places.includes(place) ? undefined : value));
  return inputs.slice(0, inputs.findLastIndex((value) => value !== undefined) + 1);
}
