import { operatorKey } from '../operator-key.ts';
import type { InferRule, ValueRule } from './infer-rule.ts';
import { ASSEMBLY_RULES } from './rules/assembly.ts';
import { ATTENTION_RULES } from './rules/attention.ts';
import { CONSTANT_RULES } from './rules/constant.ts';
import { CONTROL_FLOW_RULES } from './rules/control-flow.ts';
import { CONVOLUTION_RULES } from './rules/convolution.ts';
import { ELEMENTWISE_RULES } from './rules/elementwise.ts';
import { GATHER_SCATTER_RULES } from './rules/gather-scatter.ts';
import { IMAGE_RULES } from './rules/image.ts';
import { LOSS_RULES } from './rules/loss.ts';
import { MATMUL_RULES } from './rules/matmul.ts';
import { MICROSOFT_RULES } from './rules/microsoft.ts';
import { ML_RULES } from './rules/ml.ts';
import { NORMALIZATION_RULES } from './rules/normalization.ts';
import { POOLING_RULES } from './rules/pooling.ts';
import { QUANTIZATION_RULES } from './rules/quantization.ts';
import { RANDOM_RULES } from './rules/random.ts';
import { RECURRENT_RULES } from './rules/recurrent.ts';
import { REDUCTION_RULES } from './rules/reduction.ts';
import { RESHAPE_RULES } from './rules/reshape.ts';
import { SEQUENCE_RULES } from './rules/sequence.ts';
import { SIGNAL_RULES } from './rules/signal.ts';
import { SLICE_RULES } from './rules/slice.ts';
import { STRING_RULES } from './rules/strings.ts';

import { TRAINING_RULES } from './rules/training.ts';
import { ELEMENTWISE_VALUES } from './values/elementwise-values.ts';
import { MOVEMENT_VALUES } from './values/movement-values.ts';
import { SOURCE_VALUES } from './values/source-values.ts';

const INFER_RULES: ReadonlyMap<string, InferRule> = new Map(
  [
    ELEMENTWISE_RULES,
    RESHAPE_RULES,
    SLICE_RULES,
    ASSEMBLY_RULES,
    GATHER_SCATTER_RULES,
    CONSTANT_RULES,
    REDUCTION_RULES,
    MATMUL_RULES,
    CONVOLUTION_RULES,
    POOLING_RULES,
    NORMALIZATION_RULES,
    RECURRENT_RULES,
    ATTENTION_RULES,
    QUANTIZATION_RULES,
    CONTROL_FLOW_RULES,
    SEQUENCE_RULES,
    RANDOM_RULES,
    IMAGE_RULES,
    SIGNAL_RULES,
    STRING_RULES,
    LOSS_RULES,
    ML_RULES,
    MICROSOFT_RULES,
    TRAINING_RULES,
  ].flatMap(Object.entries<InferRule>),
);

const VALUE_RULES: ReadonlyMap<string, ValueRule> = new Map(
  [ELEMENTWISE_VALUES, MOVEMENT_VALUES, SOURCE_VALUES].flatMap(Object.entries<ValueRule>),
);

/** How the types of an operator's results follow from its operands. */
export function inferRuleOf(domain: string, op: string): InferRule | undefined {
  return INFER_RULES.get(operatorKey(domain, op));
}

/** How the elements of an operator's results follow from its operands'. */
export function valueRuleOf(domain: string, op: string): ValueRule | undefined {
  return VALUE_RULES.get(operatorKey(domain, op));
}
