import type { NodeRef } from '../graph-builder.ts';
import { intAttr, textAttr } from '../node-def.ts';
import { heldAs } from '../tfjs-types.ts';
import type { TranslateCall, Translation, TranslationTable } from './translation.ts';

const concat: Translation = (call) => {
  const parts = call.operator.inputs.map((_, index) => call.input(index));
  return call.node('ConcatV2', [...parts, call.scalar(call.option('axis'), 'int32')], { N: intAttr(parts.length) });
};

/** The references of a node's outputs. */
export function outputsOf(call: TranslateCall, ref: NodeRef): readonly NodeRef[] {
  return call.operator.outputs.map((_, index) => (index === 0 ? ref : `${ref}:${index}`));
}

const split: Translation = (call) => {
  const axis = call.scalar(call.integersOf(0)[0]!, 'int32');
  const attr = { num_split: intAttr(call.operator.outputs.length) };
  return outputsOf(call, call.node('Split', [axis, call.input(1)], attr));
};

const splitSizes: Translation = (call) => {
  const axis = call.scalar(call.integersOf(2)[0]!, 'int32');
  return outputsOf(call, call.node('SplitV', [call.input(0), call.integers(call.integersOf(1)), axis]));
};

const pack: Translation = (call) => {
  const parts = call.operator.inputs.map((_, index) => call.input(index));
  return call.node('Pack', parts, { axis: intAttr(call.option('axis')), N: intAttr(parts.length) });
};

const unpack: Translation = (call) =>
  outputsOf(call, call.node('Unpack', [call.input(0)], { axis: intAttr(call.option('axis')) }));

/**
 * Steps through constant places, axis by axis. TensorFlow.js's own operator writes float32 whatever it reads, and cannot
 * say an end before the first element.
 */
const stridedSlice: Translation = (call) => {
  const [begins, ends, strides] = [1, 2, 3].map((index) => call.integersOf(index));
  const from = call.tensor(0).shape;
  const to = call.result().shape;
  const open = call.option('end_mask');
  return from.reduce((x, size, axis) => {
    const [begin = 0, step = 1] = [begins![axis], strides![axis]];
    const stop = (open >> axis) & 1 ? (step < 0 ? -1 : size) : ends![axis]!;
    const places = Array.from({ length: Math.ceil((stop - begin) / step) }, (_, k) => begin + k * step);
    if (places.length !== to[axis]) throw new Error(`a slice of ${places.length} elements where ${to[axis]} are meant`);
    if (step === 1 && places.length === size) return x;
    return call.node('GatherV2', [x, call.integers(places), call.scalar(axis, 'int32')], { batch_dims: intAttr(0) });
  }, call.input(0));
};

const depthToSpace: Translation = (call) => {
  const block = call.option('block_size');
  // The kernel refuses blocks of one element.
  if (block === 1) return call.input(0);
  return call.node('DepthToSpace', [call.input(0)], { block_size: intAttr(block), data_format: textAttr('NHWC') });
};

/** Blocks of neighbours to channels, by moving the axes inside a block behind those of the blocks. */
const spaceToDepth: Translation = (call) => {
  const block = call.option('block_size');
  const [batch = 0, height = 0, width = 0, channels = 0] = call.result().shape;
  const depth = channels / block ** 2;
  // The channels within a pixel and the pixels of a block's row stay neighbours: five axes suffice.
  const apart = call.reshape(call.input(0), [batch * height, block, width, block * depth]);
  const moved = call.node('Transpose', [apart, call.integers([0, 2, 1, 3])]);
  return call.reshape(moved, [batch, height, width, channels]);
};

const padTo: Translation = (call) => {
  const fill = call.has(2)
    ? call.input(2)
    : call.scalar(0, heldAs(call.result().type, '') === 'float32' ? 'float32' : 'int32');
  return call.node('PadV2', [call.input(0), call.input(1), fill]);
};

export const MOVEMENT: TranslationTable = {
  RESHAPE: (call) => call.reshape(call.input(0), call.result().shape),
  TRANSPOSE: (call) => call.node('Transpose', [call.input(0), call.input(1)]),
  CONCATENATION: concat,
  SPLIT: split,
  SPLIT_V: splitSizes,
  PACK: pack,
  UNPACK: unpack,
  SLICE: (call) => call.node('Slice', [call.input(0), call.input(1), call.input(2)]),
  STRIDED_SLICE: stridedSlice,
  PAD: padTo,
  PADV2: padTo,
  REVERSE_V2: (call) => call.node('ReverseV2', [call.input(0), call.input(1)]),
  TILE: (call) => call.node('Tile', [call.input(0), call.input(1)]),
  FILL: (call) => call.node('BroadcastTo', [call.input(1), call.integers(call.result().shape)]),
  BROADCAST_TO: (call) => call.node('BroadcastTo', [call.input(0), call.integers(call.result().shape)]),
  DEPTH_TO_SPACE: depthToSpace,
  SPACE_TO_DEPTH: spaceToDepth,
};
