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

/** Brings a pool over one or two axes into the form of one over two. */
function pool(lower: (call: LegalizeCall, setting: PoolSetting) => TfTensor): Legalization {
  return (call) => {
    const kernel = intsOf(call.node, 'kernel_shape') ?? [];
    const rank = kernel.length;
    if (rank < 1 || rank > 2) {
      call.refuse({ code: 'device-spatial-rank', message: `a pool over ${rank} axes; TensorFlow Lite has 1 and 2` });
    }
    const window = windowOf(call, kernel);
    if (window.some((axis) => axis.dilation !== 1)) {
      call.refuse({ code: 'device-dilated-pool', message: 'a pool with dilated windows has no kernel' });
    }
    const x = call.input(0);
    const two = rank === 2 ? window : [UNIT, ...window];
    const source = rank === 2 ? x : reshape(call, x, [x.shape[0]!, 1, x.shape[1]!, x.shape[2]!]);
    const out = [source.shape[0]!, two[0]!.output, two[1]!.output, source.shape[3]!];
    const result = lower(call, { x: source, window: two, out });
    call.bind(rank === 2 ? result : reshape(call, result, [out[0]!, out[2]!, out[3]!]));
  };
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

const maxPool = pool((call, { x, window, out }) => {
  if (call.node.outputs[1] !== undefined) {
    call.refuse({ code: 'device-pool-indices', message: 'a MaxPool that gives positions has no kernel' });
  }
  const padding = paddingOf(window);
  const source = padding === undefined ? padded(call, x, window, LOWEST) : x;
  return call.emit('MAX_POOL_2D', [source], { shape: out, options: optionsOf(window, padding ?? PADDING.VALID) });
});

/**
 * TensorFlow Lite divides by the elements of a window that lie inside its input. Where the model divides by another
 * number, the average of the padded input is scaled, window by window.
 */
const averagePool = pool((call, { x, window, out }) => {
  const includePad = intOf(call.node, 'count_include_pad') === 1;
  const padding = paddingOf(window);
  const counts = window.map((axis) => countsOf(axis, includePad));
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
  return Array.from({ length: axis.output }, (_, k) => {
    const start = k * axis.stride - axis.begin;
    const first = includePad ? -axis.begin : 0;
    const last = axis.input + (includePad ? axis.end : 0);
    return Math.min(start + axis.kernel, last) - Math.max(start, first);
  });
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

export const POOLING: LegalizationTable = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalPool('MEAN'),
  GlobalMaxPool: globalPool('REDUCE_MAX'),
};
