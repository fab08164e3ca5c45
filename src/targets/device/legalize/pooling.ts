import { intOf, intsOf } from '../../../ir/attribute.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import type { Row } from '../tflite/write-table.ts';
import { reshape } from './broadcast-rank.ts';
import type { Legalization, LegalizationTable, LegalizeCall } from './legalization.ts';
import { PADDING, padded, paddingOf, type WindowAxis, windowOf } from './spatial.ts';

/** The lowest float32, which no input is below. */
const LOWEST = -3.4028234663852886e38;

const UNIT: WindowAxis = { input: 1, output: 1, kernel: 1, stride: 1, dilation: 1, begin: 0, end: 0 };

interface PoolSetting {
  readonly x: TfTensor;
  readonly window: readonly WindowAxis[];
  readonly out: readonly number[];
}

/**
 * Brings a pool over one to three axes into the form of one over two. Over three, it is one over the last two and then
 * one over the first, as maxima and means of means are.
 */
function pool(lower: (call: LegalizeCall, setting: PoolSetting) => TfTensor): Legalization {
  return (call) => {
    const kernel = intsOf(call.node, 'kernel_shape') ?? [];
    const rank = kernel.length;
    if (rank < 1 || rank > 3) {
      call.refuse({ code: 'device-spatial-rank', message: `a pool over ${rank} axes; 1 to 3 can be lowered` });
    }
    const window = windowOf(call, kernel);
    const x = call.input(0);
    const [batch = 1] = x.shape;
    const channels = x.shape.at(-1)!;
    const out = [batch, ...window.map((axis) => axis.output), channels];
    if (rank < 3) {
      const two = rank === 2 ? window : [UNIT, ...window];
      call.bind(reshape(call, pooled(call, lower, x, two, batch), out));
      return;
    }
    const [depth, ...plane] = window as [WindowAxis, ...WindowAxis[]];
    const flat = pooled(call, lower, x, plane, batch * depth.input);
    const area = plane.reduce((size, axis) => size * axis.output, 1);
    const across: WindowAxis = { ...UNIT, input: area, output: area };
    call.bind(reshape(call, pooled(call, lower, flat, [depth, across], batch), out));
  };
}

function pooled(
  call: LegalizeCall,
  lower: (call: LegalizeCall, setting: PoolSetting) => TfTensor,
  x: TfTensor,
  window: readonly WindowAxis[],
  batch: number,
): TfTensor {
  const channels = x.shape.at(-1)!;
  const source = reshape(call, x, [batch, window[0]!.input, window[1]!.input, channels]);
  return lower(call, { x: source, window, out: [batch, window[0]!.output, window[1]!.output, channels] });
}

/** A pool whose windows have gaps: the elements of all windows at each place of the kernel, joined one after the other. */
function spreadPool(call: LegalizeCall, { x, window, out }: PoolSetting, join: 'MAXIMUM' | 'ADD'): TfTensor {
  const source = padded(call, x, window, join === 'ADD' ? 0 : LOWEST);
  const [height, width] = window as readonly [WindowAxis, WindowAxis];
  const strides = [1, height.stride, width.stride, 1];
  let result: TfTensor | undefined;
  for (let k = 0; k < height.kernel * width.kernel; k++) {
    const at = [Math.floor(k / width.kernel) * height.dilation, (k % width.kernel) * width.dilation] as const;
    const begins = [0, ...at, 0];
    const ends = begins.map((begin, axis) => begin + (out[axis]! - 1) * strides[axis]! + 1);
    const operands = [begins, ends, strides].map((list) => call.integers(list));
    const options = { begin_mask: 0, end_mask: 0 };
    const taken = call.emit('STRIDED_SLICE', [source, ...operands], { shape: out, options });
    result = result === undefined ? taken : call.emit(join, [result, taken], { shape: out });
  }
  return result!;
}

function isDilated(window: readonly WindowAxis[]): boolean {
  return window.some((axis) => axis.dilation !== 1);
}

function optionsOf(window: readonly WindowAxis[], padding: number): Row {
  const [height, width] = window as readonly [WindowAxis, WindowAxis];
  return {
    padding,
    stride_h: height.stride,
    stride_w: width.stride,
    filter_height: height.kernel,
    filter_width: width.kernel,
  };
}

const maxPool = pool((call, setting) => {
  const { x, window, out } = setting;
  if (call.node.outputs[1] !== undefined) {
    call.refuse({ code: 'device-pool-indices', message: 'a MaxPool that gives positions has no kernel' });
  }
  if (isDilated(window)) return spreadPool(call, setting, 'MAXIMUM');
  const padding = paddingOf(window);
  const source = padding === undefined ? padded(call, x, window, LOWEST) : x;
  return call.emit('MAX_POOL_2D', [source], { shape: out, options: optionsOf(window, padding ?? PADDING.VALID) });
});

/**
 * TensorFlow Lite divides by the elements of a window that lie inside its input. Where the model divides by another
 * number, the average of the padded input is scaled, window by window.
 */
const averagePool = pool((call, setting) => {
  const { x, window, out } = setting;
  const includePad = intOf(call.node, 'count_include_pad') === 1;
  const padding = paddingOf(window);
  const counts = window.map((axis) => countsOf(axis, includePad));
  if (isDilated(window)) {
    const shares = counts[0]!.flatMap((rows) => counts[1]!.map((columns) => 1 / (rows * columns)));
    const scale = call.floats(shares, [1, out[1]!, out[2]!, 1], 'counts');
    return call.emit('MUL', [spreadPool(call, setting, 'ADD'), scale], { shape: out });
  }
  if (padding !== undefined && window.every((axis, k) => sameCounts(counts[k]!, countsOf(axis, false)))) {
    return call.emit('AVERAGE_POOL_2D', [x], { shape: out, options: optionsOf(window, padding) });
  }
  const source = padded(call, x, window, 0);
  const options = optionsOf(window, PADDING.VALID);
  const mean = call.emit('AVERAGE_POOL_2D', [source], { shape: out, options });
  const area = window[0]!.kernel * window[1]!.kernel;
  const factors = counts[0]!.flatMap((rows) => counts[1]!.map((columns) => area / (rows * columns)));
  if (factors.every((factor) => factor === 1)) return mean;
  const scale = call.floats(factors, [1, out[1]!, out[2]!, 1], 'counts');
  return call.emit('MUL', [mean, scale], { shape: out });
});

/** Elements that each window along an axis counts: those of the input, with or without the stated padding. */
function countsOf(axis: WindowAxis, includePad: boolean): number[] {
  const first = includePad ? -axis.begin : 0;
  const last = axis.input + (includePad ? axis.end : 0);
  return Array.from({ length: axis.output }, (_, k) => {
    const places = Array.from({ length: axis.kernel }, (_, at) => k * axis.stride - axis.begin + at * axis.dilation);
    return places.filter((place) => place >= first && place < last).length;
  });
}

/** The p-norm of each window: of the sum of powers, which is the mean of the padded input times the window's size. */
const lpPool = pool((call, setting) => {
  const { window, out } = setting;
  const p = intOf(call.node, 'p') ?? 2;
  const { x } = setting;
  const powers = powerOf(call, x, p);
  const sum = isDilated(window)
    ? spreadPool(call, { ...setting, x: powers }, 'ADD')
    : windowSum(call, { ...setting, x: powers });
  return p === 1 ? sum : call.emit('POW', [sum, call.scalar(1 / p)], { shape: out });
});

function powerOf(call: LegalizeCall, x: TfTensor, p: number): TfTensor {
  const spec = { shape: x.shape };
  if (p === 2) return call.emit('MUL', [x, x], spec);
  const size = call.emit('ABS', [x], spec);
  return p === 1 ? size : call.emit('POW', [size, call.scalar(p)], spec);
}

function windowSum(call: LegalizeCall, { x, window, out }: PoolSetting): TfTensor {
  const source = padded(call, x, window, 0);
  const mean = call.emit('AVERAGE_POOL_2D', [source], { shape: out, options: optionsOf(window, PADDING.VALID) });
  return call.emit('MUL', [mean, call.scalar(window[0]!.kernel * window[1]!.kernel)], { shape: out });
}

function sameCounts(a: readonly number[], b: readonly number[]): boolean {
  return a.every((count, k) => count === b[k]);
}

function globalPool(name: 'MEAN' | 'REDUCE_MAX'): Legalization {
  return (call) => {
    const rank = call.shape(0).length;
    const axes = Array.from({ length: rank - 2 }, (_, k) => call.axis(k + 2)).sort((a, b) => a - b);
    call.finish(name, [call.input(0), call.integers(axes)], { keep_dims: true });
  };
}

/** The p-norm over all spatial axes. */
const globalLpPool: Legalization = (call) => {
  const rank = call.shape(0).length;
  const axes = Array.from({ length: rank - 2 }, (_, k) => call.axis(k + 2)).sort((a, b) => a - b);
  const p = intOf(call.node, 'p') ?? 2;
  const inputs = [powerOf(call, call.input(0), p), call.integers(axes)];
  if (p === 1) return call.finish('SUM', inputs, { keep_dims: true });
  const sum = call.emit('SUM', inputs, { options: { keep_dims: true } });
  call.finish('POW', [sum, call.scalar(1 / p)]);
};

export const POOLING: LegalizationTable = {
  LpPool: lpPool,
  GlobalLpPool: globalLpPool,
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalPool('MEAN'),
  GlobalMaxPool: globalPool('REDUCE_MAX'),
};
