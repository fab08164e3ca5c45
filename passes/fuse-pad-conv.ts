import { int, intOf, ints, intsOf, textOf } from '../src/ir/attribute.ts';
import type { Node } from '../src/ir/node.ts';
import { type Shape, sameDim } from '../src/ir/shape.ts';
import { int64Tensor } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import { subDims } from '../src/ops/dims/dim-arithmetic.ts';
import type { Build } from '../src/rewrite/build.ts';
import { type PadAmounts, padAmounts } from '../src/rewrite/pad-amounts.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { reshapeTarget } from '../src/rewrite/reshape-target.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

const paddedInput = () => op('Pad', v('x')).variadic().as('pad');

const padIntoConv = defineRule({
  name: 'pad-into-conv',
  match: op('Conv', paddedInput()).variadic().as('conv'),
  plan: ({ pad, conv }) => mergedPads(padAmounts(pad), conv),
  rewrite: ({ x, conv }, build, { pads }) => paddingConv(build, conv, x, pads),
});

const padBeforeTransposeIntoConv = defineRule({
  name: 'pad-before-transpose-into-conv',
  match: op('Conv', op('Transpose', paddedInput()).as('order')).variadic().as('conv'),
  plan: ({ pad, order, conv }) => {
    const amounts = padAmounts(pad);
    if (typeof amounts === 'string') return amounts;
    const { begin, end } = amounts;
    const perm = intsOf(order, 'perm') ?? begin.map((_, axis) => begin.length - 1 - axis);
    const moved = (of: readonly number[]): number[] => perm.map((axis) => of[axis] ?? 0);
    return mergedPads({ ...amounts, begin: moved(begin), end: moved(end) }, conv);
  },
  rewrite: ({ x, order, conv }, build, { pads }) =>
    paddingConv(build, conv, build.copy(order, { inputs: [x] }).outputs[0]!, pads),
});

const padBeforeReshapeIntoConv = defineRule({
  name: 'pad-before-reshape-into-conv',
  match: op('Conv', op('Reshape', paddedInput(), v('target')).as('view'))
    .variadic()
    .as('conv'),
  plan: ({ x, pad, view, conv }) => {
    const amounts = padAmounts(pad);
    if (typeof amounts === 'string') return amounts;
    const seen = shapeOf(view.outputs[0]?.type);
    const places = placesOfAxes(shapeOf(pad.outputs[0]?.type), seen, amounts);
    if (seen === undefined || places === undefined) return 'the Reshape is not proven to keep the padded axes';
    const moved = (of: readonly number[]): number[] => places.map((axis) => (axis === undefined ? 0 : of[axis]!));
    const begin = moved(amounts.begin);
    const end = moved(amounts.end);
    const merged = mergedPads({ ...amounts, begin, end }, conv);
    if (typeof merged === 'string') return merged;
    const inside = seen.map((dim, axis) => subDims(dim, begin[axis]! + end[axis]!));
    const target = reshapeTarget(shapeOf(x.type), inside);
    return target === undefined ? 'the shape without the padding cannot be said' : { ...merged, target };
  },
  rewrite: ({ x, conv }, build, { pads, target }) =>
    paddingConv(build, conv, build.op('Reshape', [x, build.constant(int64Tensor(target))]), pads),
});

/** The zeros of the Pad are part of the average, so the pool must count the padding that it now does itself. */
const padIntoAveragePool = defineRule({
  name: 'pad-into-average-pool',
  match: op('AveragePool', paddedInput()).as('pool'),
  plan: ({ pad, pool }, { opset }) => {
    if (opset < 7) return 'AveragePool before opset 7 never counts its padding';
    if (intOf(pool, 'ceil_mode') === 1) return 'the AveragePool rounds its size up';
    const own = intsOf(pool, 'pads') ?? [];
    if (intOf(pool, 'count_include_pad') !== 1 && own.some((amount) => amount !== 0)) {
      return 'the AveragePool does not count its own padding';
    }
    const merged = mergedPads(padAmounts(pad), pool);
    if (typeof merged === 'string') return merged;
    const kernel = intsOf(pool, 'kernel_shape') ?? [];
    const fits = merged.pads.every((amount, index) => amount < kernel[index % kernel.length]!);
    return fits ? merged : 'the padding is not smaller than the kernel';
  },
  rewrite: ({ x, pool }, build, { pads }) =>
    build.copy(pool, {
      inputs: [x],
      attributes: { pads: ints(pads), count_include_pad: int(1), auto_pad: undefined },
    }).outputs[0]!,
});

/**
 * Folds a Pad that adds zeros to spatial axes into the padding of the Conv or AveragePool that reads it, for a Conv also
 * where its axes come in another order or beside others of size 1 in between. MaxPool is left
 * alone: it pads with minus infinity, and a zero is larger than negative data.
 */
export const fusePadConv = rulePass({
  name: 'fuse-pad-conv',
  summary: 'Fold zero Pad nodes into the padding of the Conv or AveragePool after them',
  effect: 'reassociates',
  rules: [padIntoConv, padBeforeTransposeIntoConv, padBeforeReshapeIntoConv, padIntoAveragePool],
});

/** A Conv of `x` with other padding. */
function paddingConv(build: Build, conv: Node, x: Value, pads: readonly number[]): Value {
  const attributes = { pads: ints(pads), auto_pad: undefined };
  return build.copy(conv, { inputs: [x, ...conv.inputs.slice(1)], attributes }).outputs[0]!;
}

/**
 * For each axis of `seen` the axis of `padded` that it is; none for axes of size 1. Nothing where a Reshape from one to
 * the other does more than that, or an axis of size 1 is padded.
 */
function placesOfAxes(
  padded: Shape | undefined,
  seen: Shape | undefined,
  { begin, end }: PadAmounts,
): readonly (number | undefined)[] | undefined {
  if (padded === undefined || seen === undefined || padded.length !== begin.length) return undefined;
  const kept = padded.flatMap((dim, axis) => (dim === 1 ? [] : [axis]));
  const places = seen.map((dim) => (dim === 1 ? undefined : kept.shift()));
  const same = seen.every(
    (dim, axis) => dim === 1 || (places[axis] !== undefined && sameDim(dim, padded[places[axis]])),
  );
  const plain = padded.every((dim, axis) => dim !== 1 || (begin[axis] === 0 && end[axis] === 0));
  return same && plain && kept.length === 0 ? places : undefined;
}

/** The `pads` attribute with which a node does the padding of the Pad before it, or why it cannot. */
function mergedPads(amounts: PadAmounts | string, node: Node): { readonly pads: readonly number[] } | string {
  if (typeof amounts === 'string') return amounts;
  const { mode, fill, begin, end } = amounts;
  if (mode !== 'constant') return `the Pad is in mode ${mode}`;
  if (fill !== 0)
    return fill === undefined ? 'the number that the Pad adds is not constant' : 'the Pad adds another number than 0';
  const all = [...begin, ...end];
  if (all.some((amount) => amount < 0)) return 'the Pad takes away';
  if ([begin[0], begin[1], end[0], end[1]].some((amount) => amount !== 0))
    return 'the Pad adds to the batch or the channels';
  const auto = textOf(node, 'auto_pad') ?? 'NOTSET';
  if (auto !== 'NOTSET' && auto !== 'VALID') return `the padding of the ${node.op} depends on its input (${auto})`;
  const spatial = [...begin.slice(2), ...end.slice(2)];
  const own = auto === 'VALID' ? [] : (intsOf(node, 'pads') ?? []);
  if (own.length > 0 && own.length !== spatial.length) return `the ${node.op} has another rank than the Pad`;
  return { pads: spatial.map((amount, index) => amount + (own[index] ?? 0)) };
}
