import type { Value } from '../src/ir/value.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { broadcastsInto } from '../src/rewrite/broadcast.ts';
import { buildClip, type ClipBounds, clipBounds, clipTypeReason } from '../src/rewrite/clip-bounds.ts';
import { constantScalar } from '../src/rewrite/constant-numbers.ts';
import { type ConstantValue, constant, op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

/** Cutting twice cuts to the second range, from where the bounds of the first come to lie in it. */
const clipOfClip = defineRule({
  name: 'clip-of-clip',
  match: op(['Clip', 'Relu'], op(['Clip', 'Relu'], v('x')).variadic().as('first'))
    .variadic()
    .as('second'),
  plan: ({ x, first, second }, { opset }): ClipBounds | string => {
    const unable = clipTypeReason(dtypeOf(x.type), opset);
    if (unable !== undefined) return unable;
    const inner = clipBounds(first);
    const outer = clipBounds(second);
    if (typeof inner === 'string') return inner;
    if (typeof outer === 'string') return outer;
    return { min: cut(inner.min, outer), max: cut(inner.max, outer) };
  },
  rewrite: ({ x }, build, bounds) => buildClip(build, x, bounds, dtypeOf(x.type)!),
});

const clipToRelu = defineRule({
  name: 'clip-to-relu',
  match: op('Clip', v('x')).variadic().as('clip'),
  plan: ({ x, clip }, { opset }): ClipBounds | string => {
    const bounds = clipBounds(clip);
    if (typeof bounds === 'string') return bounds;
    if (bounds.min !== 0 || bounds.max !== Number.POSITIVE_INFINITY) return 'the range is not that of Relu';
    return clipTypeReason(dtypeOf(x.type), opset) ?? bounds;
  },
  rewrite: ({ x }, build) => build.op('Relu', [x]),
});

const maxToClip = defineRule({
  name: 'max-to-clip',
  match: op('Max', v('x'), constant('bound')),
  plan: ({ x, bound }, { opset }): ClipBounds | string => {
    const min = oneBound(x, bound, opset);
    return typeof min === 'string' ? min : { min, max: Number.POSITIVE_INFINITY };
  },
  rewrite: ({ x }, build, bounds) => buildClip(build, x, bounds, dtypeOf(x.type)!),
});

const minToClip = defineRule({
  name: 'min-to-clip',
  match: op('Min', v('x'), constant('bound')),
  plan: ({ x, bound }, { opset }): ClipBounds | string => {
    const max = oneBound(x, bound, opset);
    return typeof max === 'string' ? max : { min: Number.NEGATIVE_INFINITY, max };
  },
  rewrite: ({ x }, build, bounds) => buildClip(build, x, bounds, dtypeOf(x.type)!),
});

/**
 * Says every cut to a constant range by one Relu or Clip: Max and Min with a number, cuts in a row, Clip from 0 up. Not
 * `exact` because which zero comes out, and what becomes of NaN, differs between these operators in the runtimes.
 */
export const canonicalizeClip = rulePass({
  name: 'canonicalize-clip',
  summary: 'Say cuts to a constant range by one Relu or Clip',
  effect: 'reassociates',
  rules: [clipOfClip, clipToRelu, maxToClip, minToClip],
});

function cut(number: number, { min, max }: ClipBounds): number {
  return Math.min(Math.max(number, min), max);
}

/** The one number of a constant that a Max or Min takes beside `x`, or why it is not one bound for all elements. */
function oneBound(x: Value, bound: ConstantValue, opset: number): number | string {
  const number = constantScalar(bound);
  if (number === undefined) return 'the constant is not one number';
  if (Number.isNaN(number)) return 'the bound is not a number';
  if (opset < 8) return 'Max and Min before opset 8 do not broadcast';
  if (!broadcastsInto(bound.constant.dims, shapeOf(x.type))) return 'the constant may widen the result';
  return clipTypeReason(dtypeOf(x.type), opset) ?? number;
}
