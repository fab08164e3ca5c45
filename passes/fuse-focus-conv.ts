import { intOf, ints, intsOf, textOf } from '../src/ir/attribute.ts';
import { isOp, type Node } from '../src/ir/node.ts';
import { type Tensor, tensorBytes } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import { constant, op } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';
import { sliceRanges } from '../src/rewrite/slice-ranges.ts';

/** Ends of a Slice from here on mean "to the end". */
const TO_THE_END = 2 ** 31 - 1;

/** Pixels of blocks laid over one another as channels: of which value, of which size, and in which order. */
interface Focus {
  readonly x: Value;
  readonly block: number;
  /** For each group of channels its place within the block: row times `block` plus column. */
  readonly places: readonly number[];
}

const focusConv = defineRule({
  name: 'focus-into-conv',
  match: op('Conv', op('Concat').variadic().as('concat'), constant('weights')).variadic().as('conv'),
  plan: ({ concat, weights, conv }) => {
    const focus = focusOf(concat);
    if (focus === undefined) return 'what is joined are not the pixels of blocks';
    if ((intOf(conv, 'group') ?? 1) !== 1 || (intsOf(conv, 'dilations') ?? []).some((step) => step !== 1))
      return 'the Conv has groups or dilations';
    const mode = textOf(conv, 'auto_pad') ?? 'NOTSET';
    if (mode !== 'NOTSET' && mode !== 'VALID') return 'the padding of the Conv depends on the size';
    return weights.constant.storage.kind === 'strings' ? 'the weights are not numbers' : focus;
  },
  rewrite: ({ weights, conv }, build, { x, block, places }) => {
    const turned = build.constant(spread(weights.constant, block, places), weights);
    const times = (name: string, otherwise: readonly number[]) =>
      ints((intsOf(conv, name) ?? otherwise).map((number) => number * block));
    const attributes = {
      kernel_shape: ints(weights.constant.dims.slice(2).map((size) => size * block)),
      strides: times('strides', [1, 1]),
      pads: times('pads', [0, 0, 0, 0]),
    };
    return build.copy(conv, { inputs: [x, turned, ...conv.inputs.slice(2)], attributes }).outputs[0]!;
  },
});

/**
 * Says the "focus" at the start of detectors, which cuts an image into its even and odd pixels and lays them over one
 * another as channels for a Conv, as a Conv of the image itself with a larger kernel and step: the same products.
 */
export const fuseFocusConv = rulePass({
  name: 'fuse-focus-conv',
  summary: 'Let a Conv read the pixels of blocks itself instead of Slices and a Concat',
  effect: 'reassociates',
  rules: [focusConv],
});

/** Slices of every pixel of a block, joined along the channels, of an image whose sizes are multiples of the block's. */
function focusOf(concat: Node): Focus | undefined {
  const block = Math.sqrt(concat.inputs.length);
  const axis = intOf(concat, 'axis');
  if (!Number.isInteger(block) || block < 2 || (axis !== 1 && axis !== -3)) return undefined;
  const slices = concat.inputs.map((value) => value?.producer);
  const x = slices[0]?.inputs[0];
  const shape = shapeOf(x?.type);
  if (x === undefined || shape?.length !== 4 || typeof shape[1] !== 'number') return undefined;
  if (shape.slice(2).some((size) => typeof size !== 'number' || size % block !== 0)) return undefined;
  const places = slices.map((slice) => (slice?.inputs[0] === x ? placeOf(slice, block) : undefined));
  const all = places.every((place) => place !== undefined) && new Set(places).size === block * block;
  return all ? { x, block, places: places as number[] } : undefined;
}

/** Which pixel of each block a Slice takes. */
function placeOf(slice: Node, block: number): number | undefined {
  if (!isOp(slice, 'Slice')) return undefined;
  const ranges = sliceRanges(slice);
  if (typeof ranges === 'string' || ranges.length !== 2) return undefined;
  const [row, column] = [2, 3].map((axis) => ranges.find((range) => range.axis === axis));
  const starts = [row, column].map((range) =>
    range?.step === block && range.end >= TO_THE_END && range.start >= 0 && range.start < block
      ? range.start
      : undefined,
  );
  const [top, left] = starts;
  return top === undefined || left === undefined ? undefined : top * block + left;
}

/** Weights [O, block * block * C, kh, kw] as [O, C, block * kh, block * kw]. */
function spread(weights: Tensor, block: number, places: readonly number[]): Tensor {
  const [outputs = 0, groups = 0, height = 0, width = 0] = weights.dims;
  const channels = groups / places.length;
  const dims = [outputs, channels, height * block, width * block];
  const from = tensorBytes(weights);
  const bytes = new Uint8Array(from.length);
  const size = from.length / Math.max(1, outputs * groups * height * width);
  let source = 0;
  for (let o = 0; o < outputs; o++) {
    for (const place of places) {
      const [top, left] = [Math.floor(place / block), place % block];
      for (let c = 0; c < channels; c++) {
        for (let h = 0; h < height; h++) {
          for (let w = 0; w < width; w++, source += size) {
            const row = (o * channels + c) * height * block + h * block + top;
            const to = (row * width * block + w * block + left) * size;
            bytes.set(from.subarray(source, source + size), to);
          }
        }
      }
    }
  }
  return { dtype: weights.dtype, dims, storage: { kind: 'bytes', bytes } };
}
