import { intOf, intsOf, textOf } from '../../../ir/attribute.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import type { LegalizeCall } from './legalization.ts';

/** What a window does along one spatial axis. */
export interface WindowAxis {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly begin: number;
  /** Padding at the end that the model states; a window may reach further when sizes are rounded up. */
  readonly end: number;
}

/** The window of a convolution or pool along each spatial axis. */
export function windowOf(call: LegalizeCall, kernel: readonly number[]): readonly WindowAxis[] {
  const { node } = call;
  const rank = kernel.length;
  const input = call.shape(0).slice(2);
  const output = call.resultShape().slice(2);
  const strides = intsOf(node, 'strides') ?? new Array<number>(rank).fill(1);
  const dilations = intsOf(node, 'dilations') ?? new Array<number>(rank).fill(1);
  const pads = intsOf(node, 'pads') ?? new Array<number>(2 * rank).fill(0);
  const auto = textOf(node, 'auto_pad') ?? 'NOTSET';
  return kernel.map((size, k) => {
    const axis = {
      input: input[k]!,
      output: output[k]!,
      kernel: size,
      stride: strides[k]!,
      dilation: dilations[k]!,
    };
    if (auto === 'VALID') return { ...axis, begin: 0, end: 0 };
    if (auto === 'NOTSET') return { ...axis, begin: pads[k]!, end: pads[rank + k]! };
    const total = Math.max(0, (axis.output - 1) * axis.stride + extent(axis) - axis.input);
    const small = Math.floor(total / 2);
    return auto === 'SAME_UPPER'
      ? { ...axis, begin: small, end: total - small }
      : { ...axis, begin: total - small, end: small };
  });
}

/** Elements from the first to the last that a window touches. */
export function extent({ kernel, dilation }: Pick<WindowAxis, 'kernel' | 'dilation'>): number {
  return (kernel - 1) * dilation + 1;
}

/** Padding at the end that the windows really reach, negative where input is left over. */
export function reachedEnd(axis: WindowAxis): number {
  return (axis.output - 1) * axis.stride + extent(axis) - axis.input - axis.begin;
}

export const PADDING = { SAME: 0, VALID: 1 } as const;

/** The padding of TensorFlow that does what the windows ask for, if one does. */
export function paddingOf(window: readonly WindowAxis[]): number | undefined {
  if (window.every((axis) => axis.begin === 0 && reachedEnd(axis) <= 0)) return PADDING.VALID;
  return window.every(isSame) ? PADDING.SAME : undefined;
}

function isSame(axis: WindowAxis): boolean {
  if (axis.output !== Math.ceil(axis.input / axis.stride)) return false;
  const total = Math.max(0, (axis.output - 1) * axis.stride + extent(axis) - axis.input);
  return axis.begin === Math.floor(total / 2);
}

/**
 * A channels-last tensor with its spatial axes padded by what the windows reach, cut where input is left over so that
 * nothing but the windows' own padding is added.
 */
export function padded(call: LegalizeCall, x: TfTensor, window: readonly WindowAxis[], fill: number): TfTensor {
  const amounts = window.map((axis) => [axis.begin, Math.max(0, reachedEnd(axis))] as const);
  if (amounts.every(([begin, end]) => begin === 0 && end === 0)) return x;
  const pads = [[0, 0], ...amounts, [0, 0]];
  const shape = x.shape.map((dim, k) => dim + pads[k]![0]! + pads[k]![1]!);
  const operand = call.integers(pads.flat(), [pads.length, 2]);
  if (fill === 0) return call.emit('PAD', [x, operand], { shape, type: x.type });
  return call.emit('PADV2', [x, operand, call.scalar(fill, x.type)], { shape, type: x.type });
}

/** The groups of a convolution. */
export function groupsOf(call: LegalizeCall): number {
  return intOf(call.node, 'group') ?? 1;
}
