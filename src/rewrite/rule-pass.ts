import { definePass, type Pass, type PassEffect } from '../pass/define-pass.ts';
import { applyRules } from './apply-rules.ts';
import type { AnyRule } from './rule.ts';

/** A pass that is nothing but rules. */
export interface RulePass extends Pass<Record<never, never>> {
  readonly rules: readonly AnyRule[];
}

/** A pass that applies rules to each graph until none fires. */
export function rulePass(spec: {
  readonly name: string;
  readonly summary: string;
  readonly effect: PassEffect;
  readonly rules: readonly AnyRule[];
}): RulePass {
  const { name, summary, effect, rules } = spec;
  const pass = definePass({
    name,
    summary,
    effect,
    options: {},
    run: (graph, context) => applyRules(graph, rules, context),
  });
  return { ...pass, rules };
}
