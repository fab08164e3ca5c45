import type { InferRule, InferRules } from '../infer-rule.ts';

/** A loss per sample, or one number where `reduction` sums or averages. */
const loss: InferRule = (call) => [
  call.text('reduction') === 'none' ? call.shape(1) : [],
  call.node.op === 'SoftmaxCrossEntropyLoss' ? call.shape(0) : undefined,
];

export const LOSS_RULES: InferRules = { NegativeLogLikelihoodLoss: loss, SoftmaxCrossEntropyLoss: loss };
