import { floatsOf, intOf, textOf } from '../../src/ir/attribute.ts';
import type { Node } from '../../src/ir/node.ts';
import { type Shape, sameShape } from '../../src/ir/shape.ts';
import { toNumbers } from '../../src/ir/tensor.ts';
import type { Value } from '../../src/ir/value.ts';
import { shapeOf } from '../../src/ir/value-type.ts';
import { constantIntegers, integersOf } from '../../src/rewrite/constant-numbers.ts';
import { padAmounts } from '../../src/rewrite/pad-amounts.ts';
import { op, v } from '../../src/rewrite/pattern.ts';
import { provesSameShape } from '../../src/rewrite/reshape-target.ts';
import { type AnyRule, defineRule } from '../../src/rewrite/rule.ts';

/** Ends of a Slice from here on mean "to the end": the operator recommends INT_MAX for it. */
const SLICE_TO_END = 2 ** 31 - 1;

/** Operators that keep the elements and their order, so that the same shape means the same tensor. */
const keepsShape = defineRule({
  name: 'shape-stays',
  match: op(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Expand', 'Tile'], v('x')).variadic().as('node'),
  reject: ({ x, node }, { opset }) => {
    if (node.op === 'Tile' && opset < 6) return 'Tile before opset 6 takes an axis';
    return staysAsItIs(node, x) ? undefined : 'the shape is not proven to stay';
  },
  rewrite: ({ x }) => x,
});

const sliceOfAll = defineRule({
  name: 'slice-of-all',
  match: op('Slice', v('x')).variadic().as('slice'),
  reject: ({ x, slice }) => sliceReason(slice, shapeOf(x.type)),
  rewrite: ({ x }) => x,
});

const padOfNothing = defineRule({
  name: 'pad-of-nothing',
  match: op('Pad', v('x')).variadic().as('pad'),
  reject: ({ pad }) => {
    const amounts = padAmounts(pad);
    if (typeof amounts === 'string') return amounts;
    const none = [...amounts.begin, ...amounts.end].every((amount) => amount === 0);
    return none ? undefined : 'the Pad changes the size';
  },
  rewrite: ({ x }) => x,
});

/** Where points of the result lie in the operand; with these, not at its own points even where the size stays. */
const SHIFTED = ['tf_crop_and_resize', 'tf_half_pixel_for_nn'];

const resizeToSameSize = defineRule({
  name: 'resize-to-same-size',
  match: op(['Resize', 'Upsample'], v('x')).variadic().as('resize'),
  reject: ({ x, resize }, { opset }) => {
    if (resize.op === 'Upsample' && opset < 7) return 'Upsample before opset 7 is another operator';
    if (SHIFTED.includes(textOf(resize, 'coordinate_transformation_mode') ?? '')) return 'the points may be shifted';
    return staysAsLarge(resize, x, opset) ? undefined : 'the size is not proven to stay';
  },
  rewrite: ({ x }) => x,
});

/** Whether scales keep all sizes, or sizes are those at hand: other scales may come to the same size after rounding. */
function staysAsLarge(resize: Node, x: Value, opset: number): boolean {
  const scales = scalesOf(resize, opset);
  if (scales !== undefined && scales.length > 0) return scales.every((scale) => scale === 1);
  const hasSizes = resize.op === 'Resize' && resize.inputs[3] !== undefined;
  return hasSizes && sameShape(shapeOf(x.type), shapeOf(resize.outputs[0]?.type));
}

/** The factors of a Resize or Upsample in the forms of all opsets; undefined where they are computed or absent. */
function scalesOf(resize: Node, opset: number): readonly number[] | undefined {
  const held = floatsOf(resize, 'scales');
  if (held !== undefined) return held;
  const scales = resize.inputs[resize.op === 'Resize' && opset >= 11 ? 2 : 1]?.constant;
  return scales === undefined ? undefined : toNumbers(scales);
}

const onlyOperand = defineRule({
  name: 'only-operand',
  match: op(['Concat', 'Sum', 'Max', 'Min', 'Mean'], v('x')),
  rewrite: ({ x }) => x,
});

const splitIntoOne = defineRule({
  name: 'split-into-one',
  match: op('Split', v('x'))
    .variadic()
    .where((node) => node.outputs.length === 1),
  rewrite: ({ x }) => x,
});

/** Operators that give their operand's shape back. */
export const SHAPE_RULES: readonly AnyRule[] = [
  keepsShape,
  sliceOfAll,
  padOfNothing,
  resizeToSameSize,
  onlyOperand,
  splitIntoOne,
];

function staysAsItIs(node: Node, x: Value): boolean {
  const before = shapeOf(x.type);
  const after = shapeOf(node.outputs[0]?.type);
  if (sameShape(before, after) || (!['Expand', 'Tile'].includes(node.op) && provesSameShape(before, after)))
    return true;
  const numbers = constantIntegers(node.inputs[1]);
  switch (node.op) {
    case 'Flatten':
      return before?.length === 2 && [1, -1].includes(intOf(node, 'axis') ?? 1);
    case 'Tile':
      return numbers?.every((times) => times === 1) ?? false;
    case 'Expand':
      return (
        before !== undefined &&
        (numbers?.length ?? Number.POSITIVE_INFINITY) <= before.length &&
        numbers!.every((dim) => dim === 1)
      );
    default:
      return false;
  }
}

/** Why a Slice may leave something out or turn it around. */
function sliceReason(slice: Node, before: Shape | undefined): string | undefined {
  const starts = integersOf(slice, 'starts', 1);
  const ends = integersOf(slice, 'ends', 2);
  const axes = integersOf(slice, 'axes', 3);
  const steps = integersOf(slice, 'steps', 4);
  if (steps === 'unknown' || (steps !== 'absent' && steps.some((step) => step !== 1)))
    return 'the Slice is not proven to step by 1';
  if (sameShape(before, shapeOf(slice.outputs[0]?.type))) return undefined;
  if (typeof starts === 'string' || typeof ends === 'string' || axes === 'unknown')
    return 'the range of the Slice is not constant';
  const all = starts.every((start, index) => {
    const axis = axes === 'absent' ? index : axes[index]!;
    const dim = before?.at(axis);
    const end = ends[index]!;
    const fromStart = start === 0 || (typeof dim === 'number' && start <= -dim);
    return fromStart && (end >= SLICE_TO_END || (typeof dim === 'number' && end >= dim));
  });
  return all ? undefined : 'the Slice leaves something out';
}
