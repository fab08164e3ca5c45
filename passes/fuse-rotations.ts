import { int, intOf } from '../src/ir/attribute.ts';
import { isFloat } from '../src/ir/dtype.ts';
import { isOp, type Node } from '../src/ir/node.ts';
import { sameShape } from '../src/ir/shape.ts';
import { int64Tensor, tensorFromNumbers } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import type { Build } from '../src/rewrite/build.ts';
import { constantInteger } from '../src/rewrite/constant-numbers.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { reshapeTarget } from '../src/rewrite/reshape-target.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

/** Most entries of the last axis, whose order is stored; heads have up to 256. */
const MAX_ENTRIES = 4096;

const firstOfPair = () => op('Sub', op('Mul', v('a'), v('cos')), op('Mul', v('b'), v('sin')));
const secondOfPair = () => op('Add', op('Mul', v('a'), v('sin')), op('Mul', v('b'), v('cos')));

/** Neighbours of the last axis as the two coordinates of a point: taken apart, turned and put together again. */
const neighbours = defineRule({
  name: 'rotation-of-neighbours',
  match: op(
    'Reshape',
    op('Concat', op('Unsqueeze', firstOfPair()).variadic(), op('Unsqueeze', secondOfPair()).variadic()).as('stack'),
  )
    .variadic()
    .as('joined'),
  plan: ({ a, b, cos, sin, stack, joined }) => {
    const x = a.producer?.inputs[0];
    const pairs = shapeOf(x?.type);
    const rank = pairs?.length ?? 0;
    const half = pairs?.at(-2);
    if (x === undefined || pairs?.at(-1) !== 2 || typeof half !== 'number' || 2 * half > MAX_ENTRIES)
      return 'there are no pairs along a last axis of proven size';
    if (!takes(a.producer, x, 0, rank) || !takes(b.producer, x, 1, rank)) return 'the pairs are taken apart otherwise';
    if (!sameShape(shapeOf(stack.outputs[0]?.type), pairs)) return 'the pairs are put together otherwise';
    const reason = reasonAgainstAngles([cos, sin], half, x);
    if (reason !== undefined) return reason;
    const flat = [...pairs.slice(0, -2), 2 * half];
    const apart = reshapeTarget(pairs, flat);
    const after = shapeOf(joined.outputs[0]?.type);
    const same = sameShape(flat, after);
    const together = reshapeTarget(flat, after);
    if (apart === undefined || (!same && together === undefined)) return 'the shape cannot be said by one Reshape';
    return { x, half, apart, together: same ? undefined : together };
  },
  rewrite: ({ cos, sin }, build, { x, half, apart, together }) => {
    const flat = build.op('Reshape', [x, build.constant(int64Tensor(apart))]);
    const axis = int(apart.length - 1);
    const twin = Array.from({ length: 2 * half }, (_, place) => place ^ 1);
    const turned = build.op('Gather', [flat, build.constant(int64Tensor(twin))], { axis });
    const twice = Array.from({ length: 2 * half }, (_, place) => place >> 1);
    const result = rotated(build, { flat, turned, cos, sin }, twice, (place) => (place % 2 === 0 ? -1 : 1));
    return together === undefined ? result : build.op('Reshape', [result, build.constant(int64Tensor(together))]);
  },
});

/** The halves of the last axis as the two coordinates. */
const halves = defineRule({
  name: 'rotation-of-halves',
  match: op('Concat', firstOfPair(), secondOfPair()).as('joined'),
  plan: ({ a, b, cos, sin, joined }, { opset }) => {
    const split = a.producer;
    const x = split?.inputs[0];
    const shape = shapeOf(x?.type);
    const size = shape?.at(-1);
    if (x === undefined || shape === undefined || typeof size !== 'number' || size > MAX_ENTRIES || opset < 2)
      return 'there are no halves of a last axis of proven size';
    const half = size / 2;
    const cut = isOp(split, 'Split') && split.outputs[0] === a && split.outputs[1] === b && split.outputs.length === 2;
    const within = shapeOf(a.type);
    if (!cut || within?.at(-1) !== half || shapeOf(b.type)?.at(-1) !== half) return 'the halves are taken otherwise';
    if (!sameShape(shapeOf(joined.outputs[0]?.type), shape)) return 'the halves are put together otherwise';
    return reasonAgainstAngles([cos, sin], half, x) ?? { x, half, rank: shape.length };
  },
  rewrite: ({ a, b, cos, sin }, build, { x, half, rank }) => {
    const turned = build.op('Concat', [b, a], { axis: int(rank - 1) });
    const twice = Array.from({ length: 2 * half }, (_, place) => place % half);
    return rotated(build, { flat: x, turned, cos, sin }, twice, (place) => (place < half ? -1 : 1));
  },
});

/** Halves that change places, the first of them negated: the sign can as well be in what they are multiplied by. */
const negatedHalf = defineRule({
  name: 'sign-of-turned-half',
  match: op('Mul', op('Concat', op('Neg', v('b')), v('a')).as('turned'), v('sin')),
  plan: ({ a, b, sin, turned }) => {
    const size = shapeOf(turned.outputs[0]?.type)?.at(-1);
    const half = shapeOf(b.type)?.at(-1);
    const rank = shapeOf(turned.outputs[0]?.type)?.length ?? 0;
    const axis = intOf(turned, 'axis') ?? 0;
    if (typeof size !== 'number' || size > MAX_ENTRIES || (axis !== rank - 1 && axis !== -1))
      return 'there are no halves of a last axis of proven size';
    if (half !== size / 2 || shapeOf(a.type)?.at(-1) !== half) return 'the parts are no halves';
    return reasonAgainstAngles([sin], size, b) ?? { half, rank };
  },
  rewrite: ({ a, b, sin }, build, { half, rank }) => {
    const turned = build.op('Concat', [b, a], { axis: int(rank - 1) });
    return build.op('Mul', [turned, signed(build, sin, 2 * half, (place) => (place < half ? -1 : 1))]);
  },
});

/**
 * Says rotary position embedding (Su et al. 2021, arXiv:2104.09864) as `x * cos + turned(x) * sin`, with the sign in
 * `sin`, which all layers share. Every product and sum is the one that was written.
 */
export const fuseRotations = rulePass({
  name: 'fuse-rotations',
  summary: 'Compute rotary position embedding on whole heads, with the signs in the sines',
  effect: 'exact',
  rules: [neighbours, halves, negatedHalf],
});

/** Whether a node takes entry `place` of the last axis of `x`. */
function takes(node: Node | undefined, x: Value, place: number, rank: number): boolean {
  if (!isOp(node, 'Gather') || node.inputs[0] !== x) return false;
  const axis = intOf(node, 'axis') ?? 0;
  if (axis !== rank - 1 && axis !== -1) return false;
  return shapeOf(node.inputs[1]?.type)?.length === 0 && constantInteger(node.inputs[1]) === place;
}

/** Why sines and cosines cannot be written out: they must be of the type and have an entry for each of `size`. */
function reasonAgainstAngles(angles: readonly Value[], size: number, x: Value): string | undefined {
  const dtype = dtypeOf(x.type);
  if (dtype === undefined || !isFloat(dtype)) return 'the element type is not proven to be a float';
  const fits = angles.every((angle) => shapeOf(angle.type)?.at(-1) === size);
  return fits ? undefined : 'the angles are not one for each pair';
}

/** `flat * cos + turned * sin` with angles written out for both coordinates and a sign for each place. */
function rotated(
  build: Build,
  { flat, turned, cos, sin }: Readonly<Record<'flat' | 'turned' | 'cos' | 'sin', Value>>,
  twice: readonly number[],
  sign: (place: number) => number,
): Value {
  const spread = (angles: Value): Value =>
    build.op('Gather', [angles, build.constant(int64Tensor(twice))], { axis: int(shapeOf(angles.type)!.length - 1) });
  const kept = build.op('Mul', [flat, spread(cos)]);
  const sines = spread(sin);
  return build.op('Add', [kept, build.op('Mul', [turned, signed(build, sines, twice.length, sign, sin)])]);
}

function signed(build: Build, sines: Value, size: number, sign: (place: number) => number, like = sines): Value {
  const signs = tensorFromNumbers(
    dtypeOf(like.type)!,
    [size],
    Array.from({ length: size }, (_, place) => sign(place)),
  );
  return build.op('Mul', [sines, build.constant(signs)]);
}
