import type { ValueType } from '../../../ir/value-type.ts';
import type { InferRule, InferRules } from '../infer-rule.ts';

/**
 * An optimizer's step: after the rate and the step count come the tensors, their gradients and `states` lists of
 * states, all equally long. The results are the new tensors and states.
 */
function optimizer(states: number): InferRule {
  return (call) => {
    const types = call.node.inputs.slice(2).map((_, i) => call.type(i + 2));
    const count = types.length / (states + 2);
    if (!Number.isInteger(count)) return [];
    return [...types.slice(0, count), ...types.slice(2 * count)] satisfies (ValueType | undefined)[];
  };
}

export const TRAINING_RULES: InferRules = {
  'ai.onnx.preview.training.Adagrad': optimizer(1),
  'ai.onnx.preview.training.Momentum': optimizer(1),
  'ai.onnx.preview.training.Adam': optimizer(2),
};
