import type { NodeRef } from '../graph-builder.ts';
import { type AttrValue, intAttr, intsAttr, textAttr, textsAttr } from '../node-def.ts';
import { activated, fusedOps } from './activation.ts';
import type { TranslateCall, Translation, TranslationTable, WeightsForm } from './translation.ts';

/** Padding by TensorFlow Lite's number. */
const PADDINGS = ['SAME', 'VALID'] as const;

function stridesOf(call: TranslateCall): readonly [down: number, across: number] {
  return [call.option('stride_h'), call.option('stride_w')];
}

/** Strides and padding of a window over two axes, by the name of the padding. */
function windowAttrs(call: TranslateCall): Record<string, AttrValue> {
  return {
    strides: intsAttr([1, ...stridesOf(call), 1]),
    padding: textAttr(PADDINGS[call.option('padding')]!),
  };
}

/**
 * Strides and padding of a convolution, the padding by its amounts: told `SAME`, XNNPACK works them out by itself, and
 * wrongly along an axis with a kernel smaller than its stride.
 */
function convolutionAttrs(call: TranslateCall): Record<string, AttrValue> {
  const stated = call.operator.options.explicit_paddings as readonly number[] | undefined;
  const same = PADDINGS[call.option('padding')] === 'SAME';
  if (stated === undefined && !same) return windowAttrs(call);
  const explicit = stated ?? [0, 0, ...[0, 1].flatMap((axis) => samePadding(call, axis)), 0, 0];
  return { ...windowAttrs(call), padding: textAttr('EXPLICIT'), explicit_paddings: intsAttr(explicit) };
}

/** What `SAME` adds before and after rows (0) or columns (1). */
function samePadding(call: TranslateCall, axis: number): readonly [before: number, after: number] {
  const [input, kernel, output] = [call.tensor(0), call.tensor(1), call.result()].map(({ shape }) => shape[axis + 1]!);
  const extent = (kernel! - 1) * dilationsOf(call)[axis]! + 1;
  const total = Math.max(0, (output! - 1) * stridesOf(call)[axis]! + extent - input!);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

function dilationsOf(call: TranslateCall): readonly [down: number, across: number] {
  return [call.option('dilation_h_factor') || 1, call.option('dilation_w_factor') || 1];
}

/** The dilation, where the filter has to spell it out: no kernel has strides and dilations at the same time. */
function spreadOf(call: TranslateCall): readonly [number, number] | undefined {
  const dilations = dilationsOf(call);
  const strided = stridesOf(call).some((stride) => stride !== 1);
  return strided && dilations.some((dilation) => dilation !== 1) ? dilations : undefined;
}

/** What a filter is made with beside what the operator asks of it. */
function formOf(call: TranslateCall, form: WeightsForm): WeightsForm {
  const spread = spreadOf(call);
  return spread === undefined ? form : { ...form, spread };
}

interface Products {
  readonly x: NodeRef;
  readonly filter: NodeRef;
  readonly bias: NodeRef | undefined;
}

/** A convolution with its bias and activation in one node. */
function fused(call: TranslateCall, op: string, { x, filter, bias }: Products): NodeRef {
  const { ops, after } = fusedOps(call, bias !== undefined);
  const [down, across] = spreadOf(call) === undefined ? dilationsOf(call) : [1, 1];
  return after(
    call.node(op, [x, filter, ...(bias === undefined ? [] : [bias])], {
      ...convolutionAttrs(call),
      data_format: textAttr('NHWC'),
      dilations: intsAttr([1, down, across, 1]),
      fused_ops: textsAttr(ops),
      num_args: intAttr(bias === undefined ? 0 : 1),
    }),
  );
}

function biasOf(call: TranslateCall): NodeRef | undefined {
  return call.has(2) ? call.input(2) : undefined;
}

const OHWI_TO_HWIO = [1, 2, 3, 0];

const conv2d: Translation = (call) => {
  const groups = call.tensor(0).shape[3]! / call.tensor(1).shape[3]!;
  if (groups > 1) return grouped(call, groups);
  const filter = call.weights(1, OHWI_TO_HWIO, formOf(call, {}));
  return fused(call, '_FusedConv2D', { x: call.input(0), filter, bias: biasOf(call) });
};

/** TensorFlow.js knows no groups: the channels are split, each group convolved by itself, and the results joined. */
function grouped(call: TranslateCall, count: number): NodeRef {
  const axis = call.scalar(3, 'int32');
  const split = call.node('Split', [axis, call.input(0)], { num_split: intAttr(count) });
  const parts = Array.from({ length: count }, (_, index) => {
    const part = { index, count };
    const x = index === 0 ? split : `${split}:${index}`;
    const bias = call.has(2) ? call.weights(2, [0], { part }) : undefined;
    return fused(call, '_FusedConv2D', { x, filter: call.weights(1, OHWI_TO_HWIO, formOf(call, { part })), bias });
  });
  return call.node('ConcatV2', [...parts, axis], { N: intAttr(count) });
}

/** 1HWO, of which the outputs of one channel are neighbours, to HWCM. */
const depthwise: Translation = (call) => {
  const [, height = 0, width = 0, outputs = 0] = call.tensor(1).shape;
  const channels = call.tensor(0).shape[3]!;
  const [down, across] = spreadOf(call) ?? [1, 1];
  const shape = [(height - 1) * down + 1, (width - 1) * across + 1, channels, outputs / channels];
  const filter = call.weights(1, [0, 1, 2, 3], formOf(call, { shape }));
  return fused(call, 'FusedDepthwiseConv2dNative', { x: call.input(0), filter, bias: biasOf(call) });
};

/** OHWI to HWOI. */
const transposed: Translation = (call) => {
  const filter = call.weights(1, [1, 2, 0, 3]);
  return call.node('Conv2DBackpropInput', [call.input(0), filter, call.input(2)], windowAttrs(call));
};

const conv3d: Translation = (call) => {
  const factors = (name: string) => ['d', 'h', 'w'].map((axis) => call.option(name.replace('*', axis)) || 1);
  if ([factors('stride_*'), factors('dilation_*_factor')].every((list) => list.some((factor) => factor !== 1))) {
    call.refuse({
      code: 'tfjs-strided-dilation',
      message: 'a convolution over three axes with strides and dilations at the same time has no kernel',
    });
  }
  const product = call.node('Conv3D', [call.input(0), call.input(1)], {
    strides: intsAttr([1, ...factors('stride_*'), 1]),
    dilations: intsAttr([1, ...factors('dilation_*_factor'), 1]),
    padding: textAttr(PADDINGS[call.option('padding')]!),
    data_format: textAttr('NDHWC'),
  });
  return call.has(2) ? call.node('AddV2', [product, call.input(2)]) : product;
};

function pool(op: 'MaxPool' | 'AvgPool'): Translation {
  return (call) => {
    const ksize = intsAttr([1, call.option('filter_height'), call.option('filter_width'), 1]);
    return activated(call, call.node(op, [call.input(0)], { ...windowAttrs(call), ksize }));
  };
}

export const CONVOLUTION: TranslationTable = {
  CONV_2D: conv2d,
  DEPTHWISE_CONV_2D: depthwise,
  TRANSPOSE_CONV: transposed,
  CONV_3D: conv3d,
  MAX_POOL_2D: pool('MaxPool'),
  AVERAGE_POOL_2D: pool('AvgPool'),
};
