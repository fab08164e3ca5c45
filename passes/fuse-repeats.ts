import { int } from '../src/ir/attribute.ts';
import { isOp, type Node } from '../src/ir/node.ts';
import { isStatic, type Shape, sameDim, sameShape } from '../src/ir/shape.ts';
import { int64Tensor } from '../src/ir/tensor.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import { integersOf } from '../src/rewrite/constant-numbers.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

/** Most indices that are stored; heads and channels are far fewer. */
const MAX_INDICES = 4096;

/** A value whose entries along an axis are each repeated: a new axis, copies along it, and both axes joined. */
const repeatToGather = defineRule({
  name: 'repeat-to-gather',
  match: op(
    'Reshape',
    op(['Expand', 'Tile'], op('Unsqueeze', v('x')).variadic().as('apart').shared())
      .variadic()
      .as('copied')
      .shared(),
  )
    .variadic()
    .as('joined'),
  plan: ({ x, apart, copied, joined }) => {
    const before = shapeOf(x.type);
    const between = shapeOf(copied.outputs[0]?.type);
    const after = shapeOf(joined.outputs[0]?.type);
    const axes = integersOf(apart, 'axes', 1);
    if (!isReadForShape(copied, joined)) return 'the copies are read elsewhere';
    if (before === undefined || between === undefined || after === undefined) return 'the shapes are not proven';
    if (typeof axes === 'string' || axes.length !== 1) return 'the Unsqueeze does not add one axis';
    const added = axes[0]! + (axes[0]! < 0 ? between.length : 0);
    const kept = between.filter((_, index) => index !== added);
    if (!sameShape(kept, before)) return 'other axes are copied too';
    const repeated = repeatedAxis(before, between, after, added);
    if (repeated === undefined) return 'the copies are not joined with one axis';
    const { axis, count, times } = repeated;
    if (count * times > MAX_INDICES) return 'the indices would be too many';
    // The added axis behind the other: each entry several times. Before it: all entries several times.
    const index = (place: number): number => (added > axis ? Math.floor(place / times) : place % count);
    return { axis, indices: Array.from({ length: count * times }, (_, place) => index(place)) };
  },
  rewrite: ({ x }, build, { axis, indices }) =>
    build.op('Gather', [x, build.constant(int64Tensor(indices))], { axis: int(axis) }),
});

/**
 * Says the repetition of heads in grouped attention and of channels, which exporters write as Unsqueeze, Expand or Tile,
 * Reshape, as one Gather; what computed the shapes is then dead.
 */
export const fuseRepeats = rulePass({
  name: 'fuse-repeats',
  summary: 'Turn Unsqueeze, Expand or Tile, Reshape that repeat entries of one axis into a Gather along it',
  effect: 'exact',
  rules: [repeatToGather],
});

/** Whether nothing but the Reshape reads the elements of the copies; their shape is known without them. */
function isReadForShape(copied: Node, joined: Node): boolean {
  const [copies] = copied.outputs;
  return copies?.outputCount === 0 && [...copies.uses].every(({ node }) => node === joined || isOp(node, 'Shape'));
}

/** The axis of `before` that is joined with the added one, its size and the number of copies. */
function repeatedAxis(
  before: Shape,
  between: Shape,
  after: Shape,
  added: number,
): { readonly axis: number; readonly count: number; readonly times: number } | undefined {
  if (after.length !== before.length) return undefined;
  const times = between[added];
  for (const axis of [added - 1, added]) {
    const count = before[axis];
    const sizes = [count, times];
    if (!isStatic(sizes) || after[axis] !== sizes[0]! * sizes[1]!) continue;
    const others = after.every((dim, index) => index === axis || sameDim(dim, before[index]));
    if (others) return { axis, count: sizes[0]!, times: sizes[1]! };
  }
  return undefined;
}
