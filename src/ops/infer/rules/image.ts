import type { Dim, Shape } from '../../../ir/shape.ts';
import { floorDivDims, mulDims } from '../../dims/dim-arithmetic.ts';
import { normalizeAxes, unknownShape } from '../axis.ts';
import type { InferRule, InferRules } from '../infer-rule.ts';
import type { NodeCall } from '../node-call.ts';

/**
 * `floor(dim * scale)` as runtimes compute it, in float32; unknown where another precision would give another size.
 * Scales that are whole numbers or whose inverse is a power of two are exact for symbols too.
 */
export function scaledDim(dim: Dim, scale: Dim): Dim {
  if (typeof scale !== 'number' || !(scale > 0)) return undefined;
  if (typeof dim === 'number') {
    const single = Math.floor(Math.fround(Math.fround(dim) * Math.fround(scale)));
    return single === Math.floor(dim * scale) ? single : undefined;
  }
  if (Number.isInteger(scale)) return mulDims(dim, scale);
  const denominator = 2 ** 10;
  return Number.isInteger(scale * denominator)
    ? floorDivDims(mulDims(dim, scale * denominator), denominator)
    : undefined;
}

/** Places of the operands of `Resize`: opset 10 has scales only, later ones a region of interest before and sizes after. */
function resizeOperands(call: NodeCall): { readonly scales: number; readonly sizes: number } {
  return call.since < 11 ? { scales: 1, sizes: -1 } : { scales: 2, sizes: 3 };
}

const resize: InferRule = (call) => {
  const data = call.shape(0);
  if (data === undefined) return [undefined];
  const places = resizeOperands(call);
  const axes = call.ints('axes') === undefined ? data.map((_, i) => i) : normalizeAxes(call.ints('axes'), data.length);
  const resized = axes && (sizesOf(call, places.sizes, axes, data) ?? scaledOf(call, places.scales, axes, data));
  if (resized === undefined || axes === undefined) return [unknownShape(data.length)];
  const result: Dim[] = [...data];
  for (const [i, axis] of axes.entries()) result[axis] = resized[i];
  return [result];
};

function sizesOf(call: NodeCall, index: number, axes: readonly number[], data: Shape): readonly Dim[] | undefined {
  if (index < 0 || !call.has(index) || call.shape(index)?.[0] === 0) return undefined;
  const sizes = call.elements(index);
  if (sizes?.length !== axes.length) return undefined;
  const policy = call.text('keep_aspect_ratio_policy') ?? 'stretch';
  return policy === 'stretch'
    ? sizes
    : keptAspect(
        sizes,
        axes.map((axis) => data[axis]),
        policy === 'not_larger',
      );
}

/** One scale for all axes, the smallest or the largest that the sizes ask for; sizes are rounded. */
function keptAspect(sizes: readonly Dim[], dims: readonly Dim[], smallest: boolean): readonly Dim[] | undefined {
  const scales = sizes.map((size, i) =>
    typeof size === 'number' && typeof dims[i] === 'number' ? size / dims[i] : Number.NaN,
  );
  const scale = smallest ? Math.min(...scales) : Math.max(...scales);
  if (!(scale > 0)) return undefined;
  return dims.map((dim) => {
    const exact = (dim as number) * scale;
    return Math.abs(exact - Math.floor(exact) - 0.5) < 1e-3 ? undefined : Math.round(exact);
  });
}

function scaledOf(call: NodeCall, index: number, axes: readonly number[], data: Shape): readonly Dim[] | undefined {
  const scales = call.elements(index);
  if (scales?.length !== axes.length || call.text('coordinate_transformation_mode') === 'tf_crop_and_resize')
    return undefined;
  return axes.map((axis, i) => scaledDim(data[axis], scales[i]));
}

/** Scales are attributes in opsets 1 (`height_scale`, `width_scale`) and 7 (`scales`), operand 1 from 9 on. */
const upsample: InferRule = (call) => {
  const data = call.shape(0);
  if (data === undefined) return [undefined];
  const old =
    call.since < 7 ? [1, 1, call.float('height_scale') ?? 1, call.float('width_scale') ?? 1] : call.floats('scales');
  const scales: readonly Dim[] | undefined = call.since < 9 ? old : call.elements(1);
  return [scales?.length === data.length ? data.map((dim, i) => scaledDim(dim, scales[i])) : unknownShape(data.length)];
};

/** `[N, C]` of the data and the sizes of the grid without its last axis, which holds coordinates. */
const gridSample: InferRule = (call) => {
  const data = call.shape(0);
  const grid = call.shape(1);
  return [data && grid && [data[0], data[1], ...grid.slice(1, -1)]];
};

const affineGrid: InferRule = (call) => {
  const size = call.elements(1);
  return [size && [size[0], ...size.slice(2), size.length - 2]];
};

export const IMAGE_RULES: InferRules = {
  Resize: resize,
  Upsample: upsample,
  GridSample: gridSample,
  AffineGrid: affineGrid,
  ImageDecoder: (call) => [[undefined, undefined, call.text('pixel_format') === 'Grayscale' ? 1 : 3]],
  'com.microsoft.GridSample': gridSample,
};
