import { int, intsOf, text } from '../src/ir/attribute.ts';
import type { Node } from '../src/ir/node.ts';
import { type Shape, sameDim } from '../src/ir/shape.ts';
import type { Value } from '../src/ir/value.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

/** A shuffle between channels and image that is one operator: where the block lies in the shape between, and the order. */
interface Shuffle {
  readonly op: 'DepthToSpace' | 'SpaceToDepth';
  readonly mode?: string;
  readonly perm: readonly number[];
  /** The shape that the operand is seen in, and that of the result. */
  between(n: Dim, c: number, h: number, w: number, block: number): readonly Dim[];
  after(n: Dim, c: number, h: number, w: number, block: number): readonly Dim[];
}

type Dim = Shape[number];

const enlarged: Shuffle['after'] = (n, c, h, w, block) => [n, c / block ** 2, h * block, w * block];

const SHUFFLES: readonly Shuffle[] = [
  {
    op: 'DepthToSpace',
    mode: 'DCR',
    perm: [0, 3, 4, 1, 5, 2],
    between: (n, c, h, w, block) => [n, block, block, c / block ** 2, h, w],
    after: enlarged,
  },
  {
    op: 'DepthToSpace',
    mode: 'CRD',
    perm: [0, 1, 4, 2, 5, 3],
    between: (n, c, h, w, block) => [n, c / block ** 2, block, block, h, w],
    after: enlarged,
  },
  {
    op: 'SpaceToDepth',
    perm: [0, 3, 5, 1, 2, 4],
    between: (n, c, h, w, block) => [n, c, h / block, block, w / block, block],
    after: (n, c, h, w, block) => [n, c * block ** 2, h / block, w / block],
  },
];

/** The mode attribute of DepthToSpace. */
const MODE_SINCE = 11;

const shuffle = defineRule({
  name: 'reshapes-to-depth-shuffle',
  match: op(
    'Reshape',
    op('Transpose', op('Reshape', v('x'), v('first')).as('opened')).as('transposed'),
    v('second'),
  ).as('closed'),
  plan: ({ x, opened, transposed, closed }, { opset }): { readonly kind: Shuffle; readonly block: number } | string => {
    if (dtypeOf(x.type) !== 'float32') return 'the element type is not proven to be float32';
    const found = shuffleOf(x, opened, transposed, closed);
    if (found === undefined) return 'the axes do not move as a depth shuffle moves them';
    // The modes differ in the order of the channels that are left; one is in no order.
    const ordered = shapeOf(closed.outputs[0]!.type)?.[1] !== 1;
    return found.kind.mode === 'CRD' && ordered && opset < MODE_SINCE ? `it needs opset ${MODE_SINCE}` : found;
  },
  rewrite: ({ x }, build, { kind, block }) => {
    const mode = build.opset < MODE_SINCE || kind.mode === undefined ? undefined : text(kind.mode);
    return build.op(kind.op, [x], { blocksize: int(block), mode });
  },
});

/** Says the three nodes that move blocks of pixels into channels, or back, by DepthToSpace and SpaceToDepth. */
export const fuseDepthToSpace = rulePass({
  name: 'fuse-depth-to-space',
  summary: 'Say reshapes around a transpose that move pixels and channels by DepthToSpace or SpaceToDepth',
  effect: 'exact',
  rules: [shuffle],
});

function shuffleOf(
  x: Value,
  opened: Node,
  transposed: Node,
  closed: Node,
): { readonly kind: Shuffle; readonly block: number } | undefined {
  const shape = shapeOf(x.type);
  const between = shapeOf(opened.outputs[0]!.type);
  const after = shapeOf(closed.outputs[0]!.type);
  const perm = String(intsOf(transposed, 'perm'));
  const [n, c, h, w] = shape ?? [];
  if (shape?.length !== 4 || ![c, h, w].every((dim) => typeof dim === 'number' && dim > 0)) return undefined;
  for (const kind of SHUFFLES) {
    // The block is what stands third between for depth (both orders), fourth for space.
    const block = between?.[kind.op === 'DepthToSpace' ? 2 : 3];
    if (perm !== String(kind.perm) || typeof block !== 'number' || block < 2) continue;
    const sizes = [n, c as number, h as number, w as number, block] as const;
    if (isShape(between, kind.between(...sizes)) && isShape(after, kind.after(...sizes))) return { kind, block };
  }
  return undefined;
}

function isShape(shape: Shape | undefined, expected: readonly Dim[]): boolean {
  return shape?.length === expected.length && expected.every((dim, index) => sameDim(dim, shape[index]));
}
