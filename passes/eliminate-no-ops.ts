import { rulePass } from '../src/rewrite/rule-pass.ts';
import { ARITHMETIC_RULES } from './no-ops/arithmetic.ts';
import { POOLING_RULES } from './no-ops/pooling.ts';
import { SHAPE_RULES } from './no-ops/shape.ts';
import { TYPE_AND_ORDER_RULES } from './no-ops/type-and-order.ts';

/**
 * Removes nodes that are proven to give their operand back bit for bit: casts to the same type, reshapes to the same
 * shape, neutral arithmetic, pooling of single elements and the like. Shapes count only where they are inferred.
 */
export const eliminateNoOps = rulePass({
  name: 'eliminate-no-ops',
  summary: 'Remove nodes that give their operand back unchanged',
  effect: 'exact',
  rules: [...TYPE_AND_ORDER_RULES, ...SHAPE_RULES, ...ARITHMETIC_RULES, ...POOLING_RULES],
});
