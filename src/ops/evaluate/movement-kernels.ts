import { intOf, intsOf } from '../../ir/attribute.ts';
import { elementCount, type Tensor, toNumbers } from '../../ir/tensor.ts';
import { broadcastDims } from './broadcast.ts';
import { broadcastStrides, joinElements, stridedPositions, stridesOf, takeElements, withDims } from './index-map.ts';
import { CannotEvaluate, type KernelCall, type KernelTable, normalizeAxis, operand } from './kernel.ts';

/** Operators that move, copy or rename elements and compute nothing; any element type. */
export const MOVEMENT_KERNELS: KernelTable = {
  Identity: (call) => [operand(call, 0)],
  Reshape: (call) => {
    const x = operand(call, 0);
    const wanted = call.opset < 5 ? intsOf(call.node, 'shape') : toNumbers(operand(call, 1));
    return [withDims(x, reshapedDims(x, wanted ?? [], intOf(call.node, 'allowzero') === 1))];
  },
  Flatten: (call) => {
    const x = operand(call, 0);
    const given = intOf(call.node, 'axis') ?? 1;
    const axis = given < 0 ? given + x.dims.length : given;
    return [withDims(x, [elementCount(x.dims.slice(0, axis)), elementCount(x.dims.slice(axis))])];
  },
  Squeeze: (call) => {
    const x = operand(call, 0);
    const axes = axesOf(call, 13)?.map((axis) => normalizeAxis(axis, x.dims.length));
    for (const axis of axes ?? []) if (x.dims[axis] !== 1) throw new CannotEvaluate(`axis ${axis} is not 1`);
    return [
      withDims(
        x,
        x.dims.filter((dim, axis) => (axes === undefined ? dim !== 1 : !axes.includes(axis))),
      ),
    ];
  },
  Unsqueeze: (call) => {
    const x = operand(call, 0);
    const given = axesOf(call, 13) ?? [];
    const rank = x.dims.length + given.length;
    const axes = new Set(given.map((axis) => normalizeAxis(axis, rank)));
    if (axes.size !== given.length) throw new CannotEvaluate('an axis is named twice');
    const rest = [...x.dims];
    return [
      withDims(
        x,
        Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : rest.shift()!)),
      ),
    ];
  },
  Transpose: (call) => {
    const x = operand(call, 0);
    const perm = intsOf(call.node, 'perm') ?? x.dims.map((_, axis) => x.dims.length - 1 - axis);
    if (perm.length !== x.dims.length || new Set(perm).size !== perm.length)
      throw new CannotEvaluate('the axes are no permutation');
    const strides = stridesOf(x.dims);
    const dims = perm.map((axis) => x.dims[normalizeAxis(axis, x.dims.length)]!);
    return [
      takeElements(
        x,
        stridedPositions(
          dims,
          perm.map((axis) => strides[axis]!),
        ),
        dims,
      ),
    ];
  },
  Expand: (call) => {
    const x = operand(call, 0);
    const dims = broadcastDims(x.dims, toNumbers(operand(call, 1)));
    return [takeElements(x, stridedPositions(dims, broadcastStrides(x.dims, dims)), dims)];
  },
  Tile: (call) => {
    const x = operand(call, 0);
    const repeats = toNumbers(operand(call, 1));
    if (call.opset < 6 || repeats.length !== x.dims.length) throw new CannotEvaluate('repeats do not match the rank');
    const strides = stridesOf(x.dims);
    // [r0, d0, r1, d1, ...] with stride 0 along the repeats.
    const doubled = x.dims.flatMap((dim, axis) => [repeats[axis]!, dim]);
    const positions = stridedPositions(
      doubled,
      strides.flatMap((stride) => [0, stride]),
    );
    return [
      takeElements(
        x,
        positions,
        x.dims.map((dim, axis) => dim * repeats[axis]!),
      ),
    ];
  },
  Concat: (call) => {
    const parts = call.inputs.map((_, index) => operand(call, index));
    return [concat(parts, intOf(call.node, 'axis') ?? 1)];
  },
  Slice: (call) => [slice(call)],
  Split: (call) => split(call),
  Gather: (call) => {
    const x = operand(call, 0);
    const indices = operand(call, 1);
    const axis = normalizeAxis(intOf(call.node, 'axis') ?? 0, x.dims.length);
    const at = toNumbers(indices).map((index) => normalizeAxis(index, x.dims[axis]!));
    const inner = elementCount(x.dims.slice(axis + 1));
    const outer = elementCount(x.dims.slice(0, axis));
    const positions = new Int32Array(outer * at.length * inner);
    let i = 0;
    for (let o = 0; o < outer; o++) {
      for (const index of at) for (let k = 0; k < inner; k++) positions[i++] = (o * x.dims[axis]! + index) * inner + k;
    }
    return [takeElements(x, positions, [...x.dims.slice(0, axis), ...indices.dims, ...x.dims.slice(axis + 1)])];
  },
};

/** Dimensions that Reshape gives: 0 copies (unless `allowZero`), -1 is what remains. */
function reshapedDims(x: Tensor, wanted: readonly number[], allowZero: boolean): number[] {
  const dims = wanted.map((dim, axis) => (dim === 0 && !allowZero ? (x.dims[axis] ?? Number.NaN) : dim));
  const hole = dims.indexOf(-1);
  const count = elementCount(x.dims);
  if (hole >= 0) {
    const rest = elementCount(dims.filter((_, axis) => axis !== hole));
    dims[hole] = rest === 0 ? Number.NaN : count / rest;
  }
  if (!dims.every((dim) => Number.isInteger(dim) && dim >= 0) || elementCount(dims) !== count) {
    throw new CannotEvaluate(`[${x.dims.join(',')}] does not reshape to [${wanted.join(',')}]`);
  }
  return dims;
}

function concat(parts: readonly Tensor[], givenAxis: number): Tensor {
  const [first] = parts;
  if (first === undefined) throw new CannotEvaluate('nothing to concatenate');
  const axis = normalizeAxis(givenAxis, first.dims.length);
  const rank = first.dims.length;
  if (parts.some(({ dims }) => dims.length !== rank || dims.some((dim, at) => at !== axis && dim !== first.dims[at])))
    throw new CannotEvaluate('the parts do not fit together');
  const dims = [...first.dims];
  dims[axis] = parts.reduce((sum, part) => sum + part.dims[axis]!, 0);
  const outer = elementCount(dims.slice(0, axis));
  const positions = new Int32Array(elementCount(dims));
  const chunks = parts.map((part) => elementCount(part.dims.slice(axis)));
  const starts: number[] = [];
  let total = 0;
  for (const part of parts) {
    starts.push(total);
    total += elementCount(part.dims);
  }
  let i = 0;
  for (let o = 0; o < outer; o++) {
    for (const [p, chunk] of chunks.entries())
      for (let k = 0; k < chunk; k++) positions[i++] = starts[p]! + o * chunk + k;
  }
  return takeElements(joinElements(parts), positions, dims);
}

/** Slice: starts, ends, axes and steps as attributes before opset 10, as operands from then on. */
function slice(call: KernelCall): Tensor {
  const x = operand(call, 0);
  const parameter = (name: string, index: number): number[] | undefined => {
    if (call.opset < 10) return intsOf(call.node, name);
    const tensor = call.inputs[index];
    return tensor === undefined ? undefined : toNumbers(tensor);
  };
  const starts = parameter('starts', 1) ?? [];
  const ends = parameter('ends', 2) ?? [];
  const axes = parameter('axes', 3) ?? starts.map((_, i) => i);
  const steps = parameter('steps', 4) ?? starts.map(() => 1);
  const strides = stridesOf(x.dims);
  const dims = [...x.dims];
  let offset = 0;
  for (const [i, given] of axes.entries()) {
    const axis = normalizeAxis(given, x.dims.length);
    const size = x.dims[axis]!;
    const step = steps[i]!;
    if (step === 0) throw new CannotEvaluate('a step of 0');
    const fromFront = (at: number): number => (at < 0 ? at + size : at);
    const clamp = (at: number, low: number, high: number): number => Math.min(Math.max(fromFront(at), low), high);
    const start = step > 0 ? clamp(starts[i]!, 0, size) : clamp(starts[i]!, 0, size - 1);
    const end = step > 0 ? clamp(ends[i]!, 0, size) : clamp(ends[i]!, -1, size - 1);
    dims[axis] = Math.max(0, Math.ceil((end - start) / step));
    offset += start * strides[axis]!;
    strides[axis] = strides[axis]! * step;
  }
  return takeElements(x, stridedPositions(dims, strides, offset), dims);
}

function split(call: KernelCall): Tensor[] {
  const x = operand(call, 0);
  const axis = normalizeAxis(intOf(call.node, 'axis') ?? 0, x.dims.length);
  const size = x.dims[axis]!;
  const given = call.opset < 13 ? intsOf(call.node, 'split') : call.inputs[1] && toNumbers(call.inputs[1]);
  const count = call.node.outputs.length;
  const part = Math.ceil(size / count);
  const sizes = given ?? Array.from({ length: count }, (_, i) => Math.max(0, Math.min(part, size - i * part)));
  if (sizes.reduce((sum, one) => sum + one, 0) !== size) throw new CannotEvaluate('the parts of a split do not add up');
  const strides = stridesOf(x.dims);
  let start = 0;
  return sizes.map((length) => {
    const dims = x.dims.map((dim, i) => (i === axis ? length : dim));
    const positions = stridedPositions(dims, strides, start * strides[axis]!);
    start += length;
    return takeElements(x, positions, dims);
  });
}

/** Axes as an attribute before opset `since`, as the second operand from then on. */
function axesOf(call: KernelCall, since: number): number[] | undefined {
  if (call.opset < since) return intsOf(call.node, 'axes');
  const tensor = call.inputs[1];
  return tensor === undefined ? undefined : toNumbers(tensor);
}
