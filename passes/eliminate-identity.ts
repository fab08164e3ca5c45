import { op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

const identityToOperand = defineRule({
  name: 'identity-to-operand',
  match: op('Identity', v('x')),
  rewrite: ({ x }) => x,
});

/** Removes Identity nodes. One between a graph input and a graph output comes back when the model is written. */
export const eliminateIdentity = rulePass({
  name: 'eliminate-identity',
  summary: 'Remove Identity nodes',
  effect: 'exact',
  rules: [identityToOperand],
});
