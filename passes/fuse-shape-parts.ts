import { int, intOf } from '../src/ir/attribute.ts';
import { isOp, type Node } from '../src/ir/node.ts';
import type { Value } from '../src/ir/value.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import type { Build } from '../src/rewrite/build.ts';
import { constantIntegers, integersOf } from '../src/rewrite/constant-numbers.ts';
import { constant, op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';
import { sliceRanges } from '../src/rewrite/slice-ranges.ts';

/** The opset from which Shape gives parts of a shape. */
const PARTS_SINCE = 15;

/** INT32_MAX: ends of a Slice from here on mean "to the end". */
const TO_THE_END = 2 ** 31 - 1;

/** The dimensions that are wanted, as Shape's attributes say them; no end: to the last. */
interface Part {
  readonly start: number;
  readonly end: number | undefined;
}

const gathered = defineRule({
  name: 'gather-of-shape',
  match: op('Gather', op('Shape', v('x')).as('shape').shared(), constant('index')).as('gather'),
  plan: ({ x, shape, index, gather }, { opset }) => {
    if (index.constant.dims.length !== 1 || (intOf(gather, 'axis') ?? 0) !== 0)
      return 'the Gather does not give a list';
    return reason(shape, opset) ?? partOf(constantIntegers(index) ?? [], shapeOf(x.type)?.length);
  },
  rewrite: ({ x }, build, part) => buildPart(build, x, part),
});

const oneDimension = defineRule({
  name: 'dimension-of-shape',
  match: op('Unsqueeze', op('Gather', op('Shape', v('x')).as('shape').shared(), constant('index')).as('gather'))
    .variadic()
    .as('unsqueeze'),
  plan: ({ x, shape, index, gather, unsqueeze }, { opset }) => {
    const axes = integersOf(unsqueeze, 'axes', 1);
    if (index.constant.dims.length !== 0 || (intOf(gather, 'axis') ?? 0) !== 0) return 'the Gather gives no scalar';
    if (typeof axes === 'string' || axes.length !== 1) return 'the Unsqueeze does not make a list';
    return reason(shape, opset) ?? partOf(constantIntegers(index) ?? [], shapeOf(x.type)?.length);
  },
  rewrite: ({ x }, build, part) => buildPart(build, x, part),
});

const sliced = defineRule({
  name: 'slice-of-shape',
  match: op('Slice', op('Shape', v('x')).as('shape').shared())
    .variadic()
    .as('slice'),
  plan: ({ shape, slice }, { opset }): Part | string => {
    const ranges = sliceRanges(slice);
    if (typeof ranges === 'string') return ranges;
    const [range] = ranges;
    if (range === undefined || ranges.length > 1 || range.step !== 1) return 'the Slice does not step by 1';
    const part = { start: range.start, end: range.end >= TO_THE_END ? undefined : range.end };
    return reason(shape, opset) ?? part;
  },
  rewrite: ({ x }, build, part) => buildPart(build, x, part),
});

/** Reads the wanted dimensions with Shape itself instead of cutting them out of its result. */
export const fuseShapeParts = rulePass({
  name: 'fuse-shape-parts',
  summary: 'Let Shape give the dimensions that are taken of its result',
  effect: 'exact',
  rules: [gathered, oneDimension, sliced],
});

function reason(shape: Node, opset: number): string | undefined {
  if (opset < PARTS_SINCE) return 'Shape before opset 15 gives all dimensions';
  if (shape.attributes.size > 0) return 'the Shape gives a part already';
  const [whole] = shape.outputs;
  const cut = [...whole!.uses].every(({ node, index }) => isOp(node, 'Gather', 'Slice') && index === 0);
  return cut && whole!.outputCount === 0 ? undefined : 'the whole shape is needed too';
}

/** Consecutive dimensions that are there: one that is not is an error for Gather, and nothing for Shape. */
function partOf(indices: readonly number[], rank: number | undefined): Part | string {
  const [start] = indices;
  if (rank === undefined) return 'the rank is not proven';
  if (start === undefined || indices.some((index, at) => index !== start + at))
    return 'the dimensions are not consecutive';
  const end = start + indices.length;
  if (start < -rank || end > rank || (start < 0 && end > 0)) return 'the dimensions are not consecutive';
  return { start, end: end === 0 ? undefined : end };
}

function buildPart(build: Build, x: Value, { start, end }: Part): Value {
  return build.op('Shape', [x], { start: int(start), end: end === undefined ? undefined : int(end) });
}
