import { intOf, intsOf } from '../../src/ir/attribute.ts';
import { DATA_TYPES } from '../../src/ir/dtype.ts';
import { dtypeOf, shapeOf } from '../../src/ir/value-type.ts';
import { op, v } from '../../src/rewrite/pattern.ts';
import { type AnyRule, defineRule } from '../../src/rewrite/rule.ts';

const castToSameType = defineRule({
  name: 'cast-to-same-type',
  match: op('Cast', v('x')).as('cast'),
  reject: ({ x, cast }) => {
    const from = dtypeOf(x.type);
    if (from === undefined) return 'the element type is not proven';
    return from === DATA_TYPES[(intOf(cast, 'to') ?? 0) - 1] ? undefined : 'the Cast changes the element type';
  },
  rewrite: ({ x }) => x,
});

const castLikeSameType = defineRule({
  name: 'cast-like-same-type',
  match: op('CastLike', v('x'), v('like')),
  reject: ({ x, like }) => {
    const from = dtypeOf(x.type);
    const to = dtypeOf(like.type);
    if (from === undefined || to === undefined) return 'the element type is not proven';
    return from === to ? undefined : 'the CastLike changes the element type';
  },
  rewrite: ({ x }) => x,
});

const transposeInOrder = defineRule({
  name: 'transpose-in-order',
  match: op('Transpose', v('x')).as('transpose'),
  reject: ({ x, transpose }) => {
    const order = intsOf(transpose, 'perm');
    if (order !== undefined)
      return order.every((axis, index) => axis === index) ? undefined : 'the Transpose changes the order';
    const rank = shapeOf(x.type)?.length;
    return rank !== undefined && rank < 2 ? undefined : 'the Transpose reverses the order';
  },
  rewrite: ({ x }) => x,
});

/** Casts to the type at hand, and transpositions into the order at hand. */
export const TYPE_AND_ORDER_RULES: readonly AnyRule[] = [castToSameType, castLikeSameType, transposeInOrder];
