import { tensorType } from '../../../ir/value-type.ts';
import type { InferRule, InferRules } from '../infer-rule.ts';
import { dtypeOfNumber } from './elementwise.ts';

/** A tensor of the size in the attribute `shape`. */
const fromShape: InferRule = (call) => {
  const dtype = dtypeOfNumber(call.int('dtype') ?? 1);
  return [dtype && tensorType(dtype, call.ints('shape'))];
};

/** A tensor like operand 0, of its element type unless `dtype` says another. */
const likeOperand: InferRule = (call) => {
  const dtype = dtypeOfNumber(call.int('dtype')) ?? call.dtype(0);
  return [dtype && tensorType(dtype, call.shape(0))];
};

export const RANDOM_RULES: InferRules = {
  RandomNormal: fromShape,
  RandomUniform: fromShape,
  RandomNormalLike: likeOperand,
  RandomUniformLike: likeOperand,
  Bernoulli: likeOperand,
  Multinomial: (call) => {
    const dtype = dtypeOfNumber(call.int('dtype') ?? 6);
    return [dtype && tensorType(dtype, [call.shape(0)?.[0], call.int('sample_size') ?? 1])];
  },
};
