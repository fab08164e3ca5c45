import { isFloat } from '../src/ir/dtype.ts';
import type { Tensor } from '../src/ir/tensor.ts';
import { toFloat64 } from '../src/rewrite/constant-numbers.ts';
import { constant, op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';
import { wideningReason } from './no-ops/arithmetic.ts';

const addZero = defineRule({
  name: 'add-zero',
  match: op('Add', v('x'), constant('neutral', isFloatZeros)),
  reject: wideningReason,
  rewrite: ({ x }) => x,
});

const subtractZero = defineRule({
  name: 'sub-zero',
  match: op('Sub', v('x'), constant('neutral', isFloatZeros)),
  reject: wideningReason,
  rewrite: ({ x }) => x,
});

/**
 * Removes the addition of zeros to floats. Not part of `eliminate-no-ops` because -0 + 0 is +0: what stays after this
 * pass may be the other zero.
 */
export const eliminateZeroAdd = rulePass({
  name: 'eliminate-zero-add',
  summary: 'Remove the addition of zeros to floats, up to the sign of zero',
  effect: 'reassociates',
  rules: [addZero, subtractZero],
});

function isFloatZeros(tensor: Tensor): boolean {
  return isFloat(tensor.dtype) && toFloat64(tensor).every((number) => number === 0);
}
