import { intOf } from '../src/ir/attribute.ts';
import { constantScalar } from '../src/rewrite/constant-numbers.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

const dropoutToOperand = defineRule({
  name: 'dropout-to-operand',
  match: op('Dropout', v('x')).variadic().as('dropout'),
  reject: ({ dropout }, { opset }) => {
    if (opset < 7) return (intOf(dropout, 'is_test') ?? 0) === 0 ? 'the Dropout is in training mode' : undefined;
    const mode = dropout.inputs[2];
    if (opset < 12 || mode === undefined) return undefined;
    if (mode.constant === undefined) return 'the training mode is not constant';
    return constantScalar(mode) === 0 ? undefined : 'the Dropout is in training mode';
  },
  rewrite: ({ x }) => x,
});

/** Removes Dropout nodes at inference. One whose mask is read stays. */
export const eliminateDropout = rulePass({
  name: 'eliminate-dropout',
  summary: 'Remove Dropout nodes at inference',
  effect: 'exact',
  rules: [dropoutToOperand],
});
