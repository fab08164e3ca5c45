import type { Dim, Shape } from '../../../ir/shape.ts';
import { floorDivDims, mulDims, productOfDims } from '../../dims/dim-arithmetic.ts';
import { isAboveZero, isZeroOnlyWithSymbol, vanishesWith } from '../../dims/dim-facts.ts';
import { normalizeAxes, normalizeAxis, unknownShape } from '../axis.ts';
import type { InferRule, InferRules } from '../infer-rule.ts';
import type { NodeCall } from '../node-call.ts';

const reshape: InferRule = (call) => {
  const target = call.since < 5 ? call.ints('shape') : call.elements(1);
  return [target && reshapedShape(call.shape(0), target, call.int('allowzero') === 1)];
};

/**
 * The shape that `Reshape` gives data of shape `data` for the target `target`: 0 copies the dimension of the same
 * place (unless `allowZero`), -1 takes what is left.
 *
 * A symbolic element that turns out as 0 at run time would copy too. It is kept where that makes no difference: the
 * dimension copied is the same or 0 as well, or the data are empty because an input of the model is.
 */
export function reshapedShape(data: Shape | undefined, target: readonly Dim[], allowZero: boolean): Shape {
  const copied = new Set<number>();
  const result = target.map((element, index): Dim => {
    if (element === -1) return undefined;
    if (element !== 0 || allowZero) return element;
    copied.add(index);
    return data?.[index];
  });
  if (data === undefined) return result.map((dim) => (typeof dim === 'string' && !allowZero ? undefined : dim));
  const count = productOfDims(data);
  const kept = result.map((dim, index) =>
    copied.has(index) || allowZero || isKept(dim, data[index], count) ? dim : undefined,
  );
  const open = kept.flatMap((dim, index) => (dim === undefined && !copied.has(index) ? [index] : []));
  if (open.length !== 1) return kept;
  const left = productOfDims(data.filter((_, index) => !copied.has(index)));
  const taken = productOfDims(kept.filter((_, index) => !copied.has(index) && index !== open[0]));
  // A rest of 0 elements says nothing, except that a -1 beside it does not run.
  const size = isAboveZero(taken) || target[open[0]!] === -1 ? floorDivDims(left, taken) : undefined;
  return kept.map((dim, index) => (index === open[0] ? size : dim));
}

function isKept(dim: Dim, copied: Dim, count: Dim): boolean {
  if (typeof dim !== 'string' || dim === copied || isAboveZero(dim)) return true;
  return vanishesWith(copied, dim) || (isZeroOnlyWithSymbol(dim) && vanishesWith(count, dim));
}

const flatten: InferRule = (call) => {
  const data = call.shape(0);
  if (data === undefined) return [unknownShape(2)];
  const given = call.int('axis') ?? 1;
  const axis = given < 0 ? given + data.length : given;
  if (axis < 0 || axis > data.length) return [undefined];
  return [[productOfDims(data.slice(0, axis)), productOfDims(data.slice(axis))]];
};

/** The axes of `Squeeze` and `Unsqueeze`: an attribute before opset 13, operand 1 from then on. */
function axesOf(call: NodeCall): { readonly given: boolean; readonly axes: readonly Dim[] | undefined } {
  if (call.since >= 13) return { given: call.has(1), axes: call.elements(1) };
  const axes = call.ints('axes');
  return { given: axes !== undefined, axes };
}

const squeeze: InferRule = (call) => {
  const data = call.shape(0);
  const { given, axes } = axesOf(call);
  if (data === undefined) return [undefined];
  if (!given) {
    // Every dimension of 1 goes; where one may or may not be 1 even the rank is unknown.
    return [data.every((dim) => typeof dim === 'number') ? data.filter((dim) => dim !== 1) : undefined];
  }
  const normalized = normalizeAxes(axes, data.length);
  if (normalized !== undefined) return [data.filter((_, index) => !normalized.includes(index))];
  return [axes !== undefined && axes.length <= data.length ? unknownShape(data.length - axes.length) : undefined];
};

const unsqueeze: InferRule = (call) => {
  const data = call.shape(0);
  const { axes } = axesOf(call);
  if (data === undefined || axes === undefined) return [undefined];
  const rank = data.length + axes.length;
  const normalized = normalizeAxes(axes, rank);
  if (normalized === undefined) return [unknownShape(rank)];
  const rest = data[Symbol.iterator]();
  return [Array.from({ length: rank }, (_, index): Dim => (normalized.includes(index) ? 1 : rest.next().value))];
};

const transpose: InferRule = (call) => {
  const data = call.shape(0);
  const perm = call.ints('perm');
  if (data === undefined) return [perm && unknownShape(perm.length)];
  if (perm === undefined || perm.length === 0) return [data.toReversed()];
  const axes = perm.length === data.length ? normalizeAxes(perm, data.length) : undefined;
  return [axes === undefined ? unknownShape(data.length) : axes.map((axis) => data[axis])];
};

const depthToSpace: InferRule = (call) => blocked(call, (depth, size) => [floorDivDims(depth, size * size), size, 1]);
const spaceToDepth: InferRule = (call) => blocked(call, (depth, size) => [mulDims(depth, size * size), 1, size]);

/** `[N, C, H, W]` with the depth changed, and height and width multiplied by the second entry and divided by the third. */
function blocked(
  call: NodeCall,
  change: (depth: Dim, size: number) => readonly [Dim, number, number],
): readonly [Shape | undefined] {
  const data = call.shape(0);
  const size = call.int('blocksize');
  if (data?.length !== 4 || size === undefined || size < 1) return [undefined];
  const [depth, by, per] = change(data[1], size);
  return [[data[0], depth, ...data.slice(2).map((dim) => floorDivDims(mulDims(dim, by), per))]];
}

export const RESHAPE_RULES: InferRules = {
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  'com.microsoft.ExpandDims': (call) => {
    const data = call.shape(0);
    const at = call.scalar(1);
    const axis = data && typeof at === 'number' ? normalizeAxis(at, data.length + 1) : undefined;
    return [data && (axis === undefined ? unknownShape(data.length + 1) : data.toSpliced(axis, 0, 1))];
  },
};
