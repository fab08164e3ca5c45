import { int, intOf } from '../src/ir/attribute.ts';
import { isOp, type Node } from '../src/ir/node.ts';
import { isStatic, type Shape, sameDim, sameShape } from '../src/ir/shape.ts';
import { int64Tensor } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { productOfDims } from '../src/ops/dims/dim-arithmetic.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { applyRules } from '../src/rewrite/apply-rules.ts';
import { constantInteger } from '../src/rewrite/constant-numbers.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { reshapeTarget } from '../src/rewrite/reshape-target.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { transposeOrder } from '../src/rewrite/transpose-order.ts';

/** Most entries of a permutation that is stored; channels are far fewer. */
const MAX_ENTRIES = 4096;

/** Along `axis` of the operand, entry i of the result is entry `order[i]`; all other axes stay. */
interface Shuffle {
  readonly axis: number;
  readonly order: readonly number[];
}

/** A value taken apart, turned and joined again. */
const shuffle = () =>
  op('Reshape', op('Transpose', op('Reshape', v('x')).variadic().as('apart')).as('turned')).variadic();

const wholeShuffle = defineRule({
  name: 'shuffle-to-gather',
  match: shuffle().as('joined'),
  plan: ({ x, apart, turned, joined }): (Shuffle & { readonly target: readonly number[] | undefined }) | string => {
    const before = shapeOf(x.type);
    const after = shapeOf(joined.outputs[0]?.type);
    const found = shuffleOf(x, shapeOf(apart.outputs[0]?.type), turned);
    if (typeof found === 'string') return found;
    if (found.order.every((entry, index) => entry === index)) return 'the order of elements stays';
    if (sameShape(before, after)) return { ...found, target: undefined };
    const target = reshapeTarget(before, after);
    return target === undefined ? 'the shape cannot be said by one Reshape' : { ...found, target };
  },
  rewrite: ({ x }, build, { axis, order, target }) => {
    const shuffled = build.op('Gather', [x, build.constant(int64Tensor(order))], { axis: int(axis) }, x.type);
    return target === undefined ? shuffled : build.op('Reshape', [shuffled, build.constant(int64Tensor(target))]);
  },
});

/** The same where several parts are taken of it. */
const sharedShuffle = () =>
  op(
    'Reshape',
    op('Transpose', op('Reshape', v('x')).variadic().as('apart').shared())
      .as('turned')
      .shared(),
  )
    .variadic()
    .as('joined')
    .shared();

const partOfShuffle = defineRule({
  name: 'part-of-shuffle',
  match: op('Gather', sharedShuffle(), v('index')).as('gather'),
  plan: ({ x, apart, turned, joined, index, gather }) => {
    const before = shapeOf(x.type);
    const between = shapeOf(joined.outputs[0]?.type);
    const found = shuffleOf(x, shapeOf(apart.outputs[0]?.type), turned);
    if (typeof found === 'string') return found;
    const joinedOnly = [...joined.outputs[0]!.uses].every(({ node }) => isOp(node, 'Gather'));
    if (!joinedOnly || joined.outputs[0]!.outputCount > 0) return 'the whole is needed too';
    const { axis, order } = found;
    const part = constantInteger(index);
    const count = between?.[0];
    if (part === undefined || shapeOf(index.type)?.length !== 0 || (intOf(gather, 'axis') ?? 0) !== 0)
      return 'the Gather does not take one constant part';
    // The parts are consecutive only if nothing but the shuffled axis is cut.
    const outer = productOfDims(before!.slice(0, axis));
    if (outer !== 1 || typeof count !== 'number' || part < 0 || part >= count || order.length % count !== 0)
      return 'the part is not one of the shuffled axis';
    const length = order.length / count;
    const wanted = before!.map((dim, at) => (at === axis ? length : dim));
    if (!sameShape(wanted, between!.slice(1))) return 'the part has another shape';
    const entries = order.slice(part * length, (part + 1) * length);
    return { axis, entries };
  },
  // A Slice with steps would say the same; ONNX Runtime copies it element by element, and a Gather channel by channel.
  rewrite: ({ x }, build, { axis, entries }) =>
    build.op('Gather', [x, build.constant(int64Tensor(entries))], { axis: int(axis) }),
});

/**
 * Says channel shuffles, which exporters write as Reshape, Transpose, Reshape, as one Gather of channels; and the halves
 * that are then taken of them as one Gather each. Whole channels are copied once.
 */
export const fuseShuffles = definePass({
  name: 'fuse-shuffles',
  summary: 'Turn Reshape, Transpose, Reshape that permute one axis into a Gather along it',
  effect: 'exact',
  options: {},
  run(graph, context) {
    // The whole comes last: where only its parts are read it is dead by then.
    for (const rule of [partOfShuffle, wholeShuffle]) applyRules(graph, [rule], context);
  },
});

/** What a Transpose between two views of `before` does, if it permutes entries of one axis; else why not. */
function shuffleOf(x: Value, apart: Shape | undefined, turned: Node): Shuffle | string {
  const before = shapeOf(x.type);
  const dtype = dtypeOf(x.type);
  // ONNX Runtime moves texts by other kernels than numbers, which do not take all forms.
  if (dtype === undefined || dtype === 'string') return 'the elements are not proven to be numbers';
  const perm = transposeOrder(turned, apart?.length);
  if (before === undefined || apart === undefined || perm === undefined) return 'the shapes are not proven';
  const first = perm.findIndex((from, to) => from !== to);
  const last = perm.findLastIndex((from, to) => from !== to);
  if (first < 0) return 'the Transpose changes nothing';
  // Axes beside the turned ones may belong to the same axis of the operand.
  for (let from = first; from >= 0; from--) {
    for (let to = last; to < perm.length; to++) {
      const sizes = apart.slice(from, to + 1);
      const axis = axisOf(before, apart.slice(0, from), sizes, apart.slice(to + 1));
      if (axis === undefined) continue;
      const order = permuted(
        sizes as readonly number[],
        perm.slice(from, to + 1).map((source) => source - from),
      );
      return { axis, order };
    }
  }
  return 'no single axis of proven size is permuted';
}

/** The axis of `shape` that has been split into `sizes`, between what was made of the axes before and behind it. */
function axisOf(shape: Shape, outer: Shape, sizes: Shape, inner: Shape): number | undefined {
  const length = productOfDims(sizes);
  if (typeof length !== 'number' || length > MAX_ENTRIES || !isStatic(sizes)) return undefined;
  const axis = shape.findIndex(
    (dim, at) =>
      dim === length &&
      sameDim(productOfDims(shape.slice(0, at)), productOfDims(outer)) &&
      sameDim(productOfDims(shape.slice(at + 1)), productOfDims(inner)),
  );
  return axis < 0 ? undefined : axis;
}

/** The places, in row-major order of the result, that a Transpose of a tensor of these sizes takes its elements from. */
function permuted(sizes: readonly number[], perm: readonly number[]): readonly number[] {
  const strides = sizes.map((_, axis) => sizes.slice(axis + 1).reduce((product, size) => product * size, 1));
  return perm.reduce<readonly number[]>(
    (places, axis) =>
      places.flatMap((place) => Array.from({ length: sizes[axis]! }, (_, i) => place + i * strides[axis]!)),
    [0],
  );
}
