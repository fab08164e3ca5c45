import { intOf, intsOf } from '../../src/ir/attribute.ts';
import { shapeOf } from '../../src/ir/value-type.ts';
import { integersOf, normalizedAxes } from '../../src/rewrite/constant-numbers.ts';
import { op, v } from '../../src/rewrite/pattern.ts';
import { type AnyRule, defineRule } from '../../src/rewrite/rule.ts';

const averageOfOne = defineRule({
  name: 'average-pool-of-one',
  match: op('AveragePool', v('x'))
    .where((pool) => (intsOf(pool, 'kernel_shape') ?? []).every((size) => size === 1))
    .as('pool'),
  reject: ({ pool }) => {
    if ((intsOf(pool, 'strides') ?? []).some((stride) => stride !== 1)) return 'the AveragePool leaves elements out';
    return (intsOf(pool, 'pads') ?? []).every((pad) => pad === 0) ? undefined : 'the AveragePool pads';
  },
  rewrite: ({ x }) => x,
});

const globalAverageOfOne = defineRule({
  name: 'global-pool-of-one',
  match: op(['GlobalAveragePool', 'GlobalMaxPool'], v('x')),
  reject: ({ x }) => {
    const spatial = shapeOf(x.type)?.slice(2);
    return spatial?.every((dim) => dim === 1) ? undefined : 'the pooled axes are not proven to have size 1';
  },
  rewrite: ({ x }) => x,
});

const reductionOfOne = defineRule({
  name: 'reduction-of-one',
  match: op(['ReduceMean', 'ReduceSum', 'ReduceMax', 'ReduceMin', 'ReduceProd'], v('x')).variadic().as('reduce'),
  reject: ({ x, reduce }) => {
    const axes = integersOf(reduce, 'axes', 1);
    if (axes === 'unknown') return 'the axes are not constant';
    const none = axes === 'absent' || axes.length === 0;
    if (none && intOf(reduce, 'noop_with_empty_axes') === 1) return undefined;
    if (intOf(reduce, 'keepdims') === 0) return 'the reduction drops the axes';
    const shape = shapeOf(x.type);
    const reduced = none ? shape : shape && normalizedAxes(axes, shape.length)?.map((axis) => shape[axis]);
    return reduced?.every((dim) => dim === 1) ? undefined : 'the reduced axes are not proven to have size 1';
  },
  rewrite: ({ x }) => x,
});

/** Pooling and reductions of one element at a time. */
export const POOLING_RULES: readonly AnyRule[] = [averageOfOne, globalAverageOfOne, reductionOfOne];
