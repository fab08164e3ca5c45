import { definePass, type Pass, type PassEffect } from '../pass/define-pass.ts';
import { applyRules } from './apply-rules.ts';
import type { AnyRule } from './rule.ts';

/** A pass that applies rules to each graph until none fires. */
export function rulePass(spec: {
  readonly name: string;
  readonly summary: string;
  readonly effect: PassEffect;
  readonly rules: readonly AnyRule[];
}): Pass<Record<never, never>> {
  const { name, summary, effect, rules } = spec;
  return definePass({ name, summary, effect, options: {}, run: (graph, context) => applyRules(graph, rules, context) });
}
