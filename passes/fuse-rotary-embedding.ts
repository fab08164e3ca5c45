import { int, intOf } from '../src/ir/attribute.ts';
import { isOp } from '../src/ir/node.ts';
import { type Shape, sameDim, sameShape } from '../src/ir/shape.ts';
import { int64Tensor } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import type { Build } from '../src/rewrite/build.ts';
import { toFloat64 } from '../src/rewrite/constant-numbers.ts';
import { constant, op, v } from '../src/rewrite/pattern.ts';
import { reshapeTarget } from '../src/rewrite/reshape-target.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

/** The first opset with the operator. */
const SINCE = 23;

/** Where the heads of a tensor lie: `[batch, length, heads, size]` or `[batch, heads, length, size]`. */
type HeadAxis = 1 | 2;

/** How a rotation is said by the operator. */
interface Rotation {
  readonly x: Value;
  readonly interleaved: boolean;
  readonly headAxis: HeadAxis;
  /** Operands of the Reshapes to `[batch, length, heads * size]` and back, where the heads lie behind the length. */
  readonly flat:
    | { readonly together: readonly number[]; readonly apart: readonly number[]; readonly heads: number }
    | undefined;
  readonly cosines: Value;
  readonly sines: Value;
}

/** `x * cos + turned(x) * (sin * signs)`, each angle there for both coordinates: what `fuse-rotations` makes. */
const rotation = defineRule({
  name: 'rotary-embedding',
  since: SINCE,
  match: op(
    'Add',
    op('Mul', v('one'), v('other')),
    op('Mul', v('turned'), op('Mul', v('sin'), constant('signs')).shared()),
  ),
  plan: ({ one, other, turned, sin, signs }): Rotation | string => {
    const turn = turnOf(turned);
    if (turn === undefined) return 'nothing is turned by neighbours or halves';
    const { x, interleaved, size } = turn;
    if (x !== one && x !== other) return 'another value is turned';
    if (dtypeOf(x.type) !== 'float32') return 'the element type is not proven to be float32';
    const half = size / 2;
    const isNegative = (place: number): boolean => (interleaved ? place % 2 === 0 : place < half);
    const numbers = toFloat64(signs.constant);
    const signed = numbers.length === size && numbers.every((sign, place) => sign === (isNegative(place) ? -1 : 1));
    if (!signed || signs.constant.dims.at(-1) !== size) return 'the signs are others';
    const cosines = anglesOf(x === one ? other : one, size, interleaved);
    const sines = anglesOf(sin, size, interleaved);
    if (cosines === undefined || sines === undefined) return 'the angles are not there for both coordinates';
    const shape = shapeOf(x.type);
    const headAxis = headAxisOf(shape, shapeOf(cosines.type));
    if (shape === undefined || headAxis === undefined || headAxis !== headAxisOf(shape, shapeOf(sines.type)))
      return 'the angles are not one for each place in the length';
    if (headAxis === 1) return { x, interleaved, headAxis, flat: undefined, cosines, sines };
    const heads = shape[2];
    if (typeof heads !== 'number' || heads < 1) return 'the number of heads is not known';
    const wide = [shape[0]!, shape[1]!, heads * size];
    const together = reshapeTarget(shape, wide);
    const apart = reshapeTarget(wide, shape);
    if (together === undefined || apart === undefined) return 'the shape cannot be said by one Reshape';
    return { x, interleaved, headAxis, flat: { together, apart, heads }, cosines, sines };
  },
  rewrite: (_, build, { x, interleaved, headAxis, flat, cosines, sines }) => {
    const attributes = interleaved ? { interleaved: int(1) } : {};
    const angles = [withoutHeads(build, cosines, headAxis), withoutHeads(build, sines, headAxis)];
    if (flat === undefined) return build.op('RotaryEmbedding', [x, ...angles], attributes, x.type);
    const wide = build.op('Reshape', [x, build.constant(int64Tensor(flat.together))]);
    const turned = build.op('RotaryEmbedding', [wide, ...angles], { ...attributes, num_heads: int(flat.heads) });
    return build.op('Reshape', [turned, build.constant(int64Tensor(flat.apart))], {}, x.type);
  },
});

/** Says rotary position embedding (Su et al. 2021, arXiv:2104.09864) in the form of `fuse-rotations` by RotaryEmbedding. */
export const fuseRotaryEmbedding = rulePass({
  name: 'fuse-rotary-embedding',
  summary: 'Say rotary position embedding by RotaryEmbedding',
  effect: 'reassociates',
  rules: [rotation],
});

/** What is turned by a quarter, where a value is something turned. */
function turnOf(
  turned: Value,
): { readonly x: Value; readonly interleaved: boolean; readonly size: number } | undefined {
  const node = turned.producer;
  const shape = shapeOf(turned.type);
  const size = shape?.at(-1);
  if (node === undefined || shape === undefined || typeof size !== 'number' || size < 2 || size % 2 !== 0)
    return undefined;
  const axis = intOf(node, 'axis') ?? 0;
  if (axis !== -1 && axis !== shape.length - 1) return undefined;
  const [data, other, more] = node.inputs;
  if (isOp(node, 'Gather')) {
    const swapped = holds(other, size, (place) => place ^ 1);
    if (data === undefined || !swapped || !sameShape(shapeOf(data.type), shape)) return undefined;
    return { x: data, interleaved: true, size };
  }
  return isOp(node, 'Concat') && more === undefined ? turnOfHalves(other, data, shape) : undefined;
}

/** What a Split takes the two halves from that change places. */
function turnOfHalves(first: Value | undefined, second: Value | undefined, shape: Shape): ReturnType<typeof turnOf> {
  const size = Number(shape.at(-1));
  const split = first?.producer;
  const x = split?.inputs[0];
  if (x === undefined || !isOp(split, 'Split') || split.outputs.length !== 2) return undefined;
  const halves = split.outputs[0] === first && split.outputs[1] === second && shapeOf(first?.type)?.at(-1) === size / 2;
  return halves && sameShape(shapeOf(x.type), shape) ? { x, interleaved: false, size } : undefined;
}

/** The angles, one for each pair, that a Gather writes out for both coordinates. */
function anglesOf(spread: Value, size: number, interleaved: boolean): Value | undefined {
  const node = spread.producer;
  const [angles, places] = node?.inputs ?? [];
  const rank = shapeOf(angles?.type)?.length ?? 0;
  if (node === undefined || !isOp(node, 'Gather') || angles === undefined || rank < 2) return undefined;
  const axis = intOf(node, 'axis') ?? 0;
  if ((axis !== -1 && axis !== rank - 1) || shapeOf(angles.type)?.at(-1) !== size / 2) return undefined;
  if (dtypeOf(angles.type) !== 'float32') return undefined;
  return holds(places, size, (place) => (interleaved ? place >> 1 : place % (size / 2))) ? angles : undefined;
}

/** Whether a constant is the list of `size` indices that a rule gives. */
function holds(indices: Value | undefined, size: number, index: (place: number) => number): boolean {
  if (indices?.constant?.dims.length !== 1) return false;
  const numbers = toFloat64(indices.constant);
  return numbers.length === size && numbers.every((number, place) => number === index(place));
}

/** The axis of heads, along which all angles are the same; along batch and length there is one of them for each entry. */
function headAxisOf(shape: Shape | undefined, angles: Shape | undefined): HeadAxis | undefined {
  if (shape?.length !== 4 || angles === undefined || angles.length > 4) return undefined;
  const whole = [...new Array<number>(4 - angles.length).fill(1), ...angles];
  const along = (axis: number): boolean => sameDim(whole[axis], shape[axis]);
  if (!along(0)) return undefined;
  if (whole[2] === 1 && along(1)) return 2;
  return whole[1] === 1 && along(2) ? 1 : undefined;
}

/** Angles as `[batch, length, size / 2]`. */
function withoutHeads(build: Build, angles: Value, headAxis: HeadAxis): Value {
  const shape = shapeOf(angles.type)!;
  if (shape.length === 4) return build.op('Squeeze', [angles, build.constant(int64Tensor([headAxis]))]);
  const whole = [...new Array<number>(4 - shape.length).fill(1), ...shape].filter((_, axis) => axis !== headAxis);
  if (sameShape(whole, shape)) return angles;
  return build.op('Reshape', [angles, build.constant(int64Tensor(reshapeTarget(shape, whole)!))]);
}
