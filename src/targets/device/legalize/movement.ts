import { intOf, textOf } from '../../../ir/attribute.ts';
import { isFloat } from '../../../ir/dtype.ts';
import { constantIntegers, integersOf } from '../../../rewrite/constant-numbers.ts';
import { padAmounts } from '../../../rewrite/pad-amounts.ts';
import { transposition } from '../../nhwc/layout/layout-rule.ts';
import { moveBetween } from '../../nhwc/layout/permutation.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import { finishBroadcast, reshape } from './broadcast-rank.ts';
import { castOptions } from './elementwise.ts';
import type { Legalization, LegalizationTable, LegalizeCall } from './legalization.ts';

/** Reshape, Flatten, Squeeze, Unsqueeze: the same elements in another shape. */
const reshaped: Legalization = (call) => {
  const shape = call.order.map((axis) => call.resultShape()[axis]!);
  call.bind(reshape(call, call.input(0), shape));
};

const transpose: Legalization = (call) => {
  const moved = transposition(call.node)!;
  const from = call.input(0);
  // In memory the result is the operand with its axes in this order.
  const move = moveBetween(
    call.operandOrder(0),
    call.order.map((axis) => moved[axis]!),
  );
  const wide = move.filter((axis) => from.shape[axis] !== 1);
  const still = wide.every((axis, k) => k === 0 || wide[k - 1]! < axis);
  if (still)
    return call.bind(
      reshape(
        call,
        from,
        move.map((axis) => from.shape[axis]!),
      ),
    );
  call.finish('TRANSPOSE', [from, call.integers(move)]);
};

const concat: Legalization = (call) => {
  const rank = call.order.length;
  const axis = call.axis(intOf(call.node, 'axis') ?? 1, rank);
  const wanted = call.node.inputs.flatMap((_, index) => (call.shape(index).includes(0) ? [] : [index]));
  const operands = wanted.map((index) => call.input(index, call.order));
  if (operands.length === 1) return call.bind(operands[0]!);
  call.finish('CONCATENATION', operands, { axis });
};

const split: Legalization = (call) => {
  const x = call.input(0);
  const logical = intOf(call.node, 'axis') ?? 0;
  const axis = call.axis(logical);
  const sizes = call.node.outputs.map((_, index) => call.resultShape(index).at(logical)!);
  if (sizes.length === 1) return call.bind(x);
  if (sizes.every((size) => size === sizes[0])) {
    return call.finish('SPLIT', [call.integers([axis], []), x], { num_splits: sizes.length });
  }
  call.finish('SPLIT_V', [x, call.integers(sizes), call.integers([axis], [])], { num_splits: sizes.length });
};

/** Where a Slice starts and how it steps along each axis. */
function sliceSteps(call: LegalizeCall): readonly { readonly start: number; readonly step: number }[] {
  const shape = call.shape(0);
  const { node } = call;
  const starts = integersOf(node, 'starts', 1);
  const axes = integersOf(node, 'axes', 3);
  const steps = node.inputs[4] === undefined ? undefined : constantIntegers(node.inputs[4]);
  if (typeof starts === 'string' || axes === 'unknown' || (node.inputs[4] !== undefined && steps === undefined)) {
    return call.refuse({ code: 'device-parameter-not-constant', message: 'the bounds of a Slice are not constant' });
  }
  const result = shape.map(() => ({ start: 0, step: 1 }));
  starts.forEach((start, k) => {
    const at = axes === 'absent' ? k : axes[k]!;
    const axis = at < 0 ? at + shape.length : at;
    const dim = shape[axis]!;
    const step = steps?.[k] ?? 1;
    const from = start < 0 ? start + dim : start;
    result[axis] = { start: Math.max(0, Math.min(step > 0 ? dim : dim - 1, from)), step };
  });
  return result;
}

const slice: Legalization = (call) => {
  const steps = sliceSteps(call);
  const begins = call.order.map((axis) => steps[axis]!.start);
  const sizes = call.order.map((axis) => call.resultShape()[axis]!);
  const strides = call.order.map((axis) => steps[axis]!.step);
  const x = call.input(0);
  if (strides.every((step) => step === 1)) {
    return call.finish('SLICE', [x, call.integers(begins), call.integers(sizes)]);
  }
  const ends = begins.map((begin, k) => begin + (sizes[k]! - 1) * strides[k]! + Math.sign(strides[k]!));
  // An end before the first element can only be said as no end.
  const endMask = ends.reduce((mask, end, k) => (end < 0 ? mask | (1 << k) : mask), 0);
  const operands = [x, ...[begins, ends.map((end) => Math.max(0, end)), strides].map((list) => call.integers(list))];
  call.finish('STRIDED_SLICE', operands, { begin_mask: 0, end_mask: endMask });
};

/** The elements at constant places along an axis in memory. */
export function gatherAxis(call: LegalizeCall, x: TfTensor, places: readonly number[], axis: number): TfTensor {
  if (places.length === x.shape[axis] && places.every((place, k) => place === k)) return x;
  const shape = x.shape.map((dim, k) => (k === axis ? places.length : dim));
  return call.emit('GATHER', [x, call.integers(places)], { shape, type: x.type, options: { axis, batch_dims: 0 } });
}

const gather: Legalization = (call) => {
  const rank = call.shape(0).length;
  const logical = intOf(call.node, 'axis') ?? 0;
  const x = call.input(0);
  const order = gatherOrder(call, rank);
  const axis = order.indexOf(logical < 0 ? logical + rank : logical);
  const dim = x.shape[axis]!;
  const known = call.constant(1);
  const indices =
    known === undefined
      ? wrapped(call, call.input(1), dim)
      : call.integers(
          call.numbers(1, 'the indices').map((index) => (index < 0 ? index + dim : index)),
          known.dims,
        );
  call.finish('GATHER', [x, indices], { axis, batch_dims: 0 });
};

/** The order in which a Gather's operand lies: that of the result with the dropped axis back in its usual place. */
function gatherOrder(call: LegalizeCall, rank: number): readonly number[] {
  if (call.order.length === rank) return call.order;
  return call.operandOrder(0);
}

/** Indices that may count from the end, counted from the front. */
function wrapped(call: LegalizeCall, indices: TfTensor, dim: number): TfTensor {
  const type = indices.type;
  return call.emit('FLOOR_MOD', [indices, call.scalar(dim, type)], { shape: indices.shape, type });
}

/** As `wrapped`, but indices beyond either end stay beyond it. */
function fromFront(call: LegalizeCall, indices: TfTensor, dim: number): TfTensor {
  const { type, shape } = indices;
  const below = call.emit('LESS', [indices, call.scalar(0, type)], { type: 'bool', shape });
  const moved = call.emit('ADD', [indices, call.scalar(dim, type)], { type, shape });
  return call.emit('SELECT_V2', [below, moved, indices], { type, shape });
}

const pad: Legalization = (call) => {
  const amounts = padAmounts(call.node);
  if (typeof amounts === 'string') return call.refuse({ code: 'device-parameter-not-constant', message: amounts });
  const { mode, fill, begin, end } = amounts;
  let x = call.input(0);
  const inOrder = (list: readonly number[]): number[] => call.order.map((axis) => list[axis] ?? 0);
  const [before, after] = [inOrder(begin), inOrder(end)];
  if ([...before, ...after].some((amount) => amount < 0)) {
    const starts = before.map((amount) => Math.max(0, -amount));
    const shape = x.shape.map((dim, k) => dim - starts[k]! - Math.max(0, -after[k]!));
    x = call.emit('SLICE', [x, call.integers(starts), call.integers(shape)], { shape });
  }
  const grow = [before, after].map((list) => list.map((amount) => Math.max(0, amount)));
  const pads = before.flatMap((_, k) => [grow[0]![k]!, grow[1]![k]!]);
  if (pads.every((amount) => amount === 0)) return call.bind(x);
  if (mode === 'constant') {
    const operand = call.integers(pads, [before.length, 2]);
    if (fill === 0) return call.finish('PAD', [x, operand]);
    const value = fill === undefined ? reshape(call, call.input(2), []) : call.scalar(fill);
    return call.finish('PADV2', [x, operand, value]);
  }
  for (const [axis, dim] of [...x.shape].entries()) {
    const places = Array.from({ length: dim + pads[2 * axis]! + pads[2 * axis + 1]! }, (_, k) =>
      placeOf(k - pads[2 * axis]!, dim, mode),
    );
    x = gatherAxis(call, x, places, axis);
  }
  call.bind(x);
};

/** The element that stands at a place beyond the ends of an axis. */
function placeOf(place: number, dim: number, mode: string): number {
  if (mode === 'edge' || dim === 1) return Math.max(0, Math.min(dim - 1, place));
  if (mode === 'wrap') return ((place % dim) + dim) % dim;
  const period = 2 * (dim - 1);
  const folded = ((place % period) + period) % period;
  return folded < dim ? folded : period - folded;
}

const expand: Legalization = (call) => {
  const x = call.broadcast(0);
  const shape = call.order.map((axis) => call.resultShape()[axis]!);
  if (x.shape.join() === shape.join()) return call.bind(x);
  call.finish('BROADCAST_TO', [x, call.integers(shape)]);
};

const tile: Legalization = (call) => {
  const repeats = call.numbers(1, 'the repeats');
  call.finish('TILE', [call.input(0), call.integers(call.order.map((axis) => repeats[axis]!))]);
};

const depthToSpace: Legalization = (call) => {
  const block = intOf(call.node, 'blocksize')!;
  let x = call.input(0);
  if (textOf(call.node, 'mode') === 'CRD') {
    // Channels go from depth-row-column to the order row-column-depth of the operator.
    const depth = x.shape[3]! / (block * block);
    const places = Array.from({ length: x.shape[3]! }, (_, k) => (k % depth) * block * block + Math.floor(k / depth));
    x = gatherAxis(call, x, places, 3);
  }
  call.finish('DEPTH_TO_SPACE', [x], { block_size: block });
};

const topK: Legalization = (call) => {
  const rank = call.order.length;
  const axis = call.axis(intOf(call.node, 'axis') ?? -1);
  const [k = 0] = call.constant(1) === undefined ? [intOf(call.node, 'k')] : call.numbers(1, 'the number');
  const smallest = intOf(call.node, 'largest') === 0;
  // The kernel takes the largest along the last axis.
  const swap = Array.from({ length: rank }, (_, at) => (at === axis ? rank - 1 : at === rank - 1 ? axis : at));
  const moved = (x: TfTensor, shape: readonly number[]): TfTensor =>
    axis === rank - 1 ? x : call.emit('TRANSPOSE', [x, call.integers(swap)], { shape, type: x.type });
  const x = call.input(0);
  const row = swap.map((at) => x.shape[at]!);
  const turned = moved(x, row);
  const source = smallest ? call.emit('NEG', [turned], { shape: row, type: x.type }) : turned;
  const found = { shape: [...row.slice(0, -1), k] };
  const [values, places] = call.emitAll(
    'TOPK_V2',
    [source, call.integers([k], [])],
    [
      { ...found, type: x.type, label: 'values' },
      { ...found, type: 'int32', label: 'places' },
    ],
  );
  const shape = call.order.map((at) => call.resultShape()[at]!);
  const kept = smallest ? call.emit('NEG', [values!], { ...found, type: x.type }) : values!;
  if (call.node.outputs[0] !== undefined) call.bind(moved(kept, shape), 0);
  if (call.node.outputs[1] === undefined) return;
  const type = call.resultType(1);
  call.bind(call.emit('CAST', [moved(places!, shape)], { shape, type, options: castOptions('int32', type) }), 1);
};

/** The triangle above or below a diagonal of the last two axes, and zeros. */
const trilu: Legalization = (call) => {
  const shape = call.resultShape();
  const [rows = 1, columns = 1] = shape.slice(-2);
  const [k = 0] = call.has(1) ? call.numbers(1, 'the diagonal') : [];
  const upper = intOf(call.node, 'upper') !== 0;
  const mask = Uint8Array.from({ length: rows * columns }, (_, at) => {
    const above = (at % columns) - Math.floor(at / columns) - k;
    return (upper ? above >= 0 : above <= 0) ? 1 : 0;
  });
  const dims = [...new Array<number>(shape.length - 2).fill(1), rows, columns];
  const kept = call.constantTensor('bool', dims, mask, 'triangle');
  finishBroadcast(call, 'SELECT_V2', [kept, call.input(0), call.scalar(0)]);
};

const cumSum: Legalization = (call) => {
  const [axis = 0] = call.numbers(1, 'the axis');
  const { node } = call;
  call.finish('CUMSUM', [call.input(0), call.integers([call.axis(axis)], [])], {
    exclusive: intOf(node, 'exclusive') === 1,
    reverse: intOf(node, 'reverse') === 1,
  });
};

const oneHot: Legalization = (call) => {
  const [depth = 0] = call.numbers(1, 'the depth');
  const [off = 0, on = 1] = call.numbers(2, 'the values');
  const indices = fromFront(call, call.input(0), depth);
  const axis = intOf(call.node, 'axis') ?? -1;
  const narrow = isFloat(indices.type)
    ? call.emit('CAST', [indices], { shape: indices.shape, type: 'int32', options: castOptions(indices.type, 'int32') })
    : indices;
  call.finish('ONE_HOT', [narrow, call.integers([depth], []), call.scalar(on), call.scalar(off)], { axis });
};

export const MOVEMENT: LegalizationTable = {
  Reshape: reshaped,
  Flatten: reshaped,
  Squeeze: reshaped,
  Unsqueeze: reshaped,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  Pad: pad,
  Expand: expand,
  Tile: tile,
  DepthToSpace: depthToSpace,
  SpaceToDepth: (call) =>
    call.finish('SPACE_TO_DEPTH', [call.input(0)], { block_size: intOf(call.node, 'blocksize')! }),
  TopK: topK,
  Trilu: trilu,
  CumSum: cumSum,
  OneHot: oneHot,
};
