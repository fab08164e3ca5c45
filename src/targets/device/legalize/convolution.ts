import type { TfTensor } from '../tflite/tf-graph.ts';
import type { Row } from '../tflite/write-table.ts';
import { reshape } from './broadcast-rank.ts';
import type { Legalization, LegalizeCall } from './legalization.ts';
import { groupsOf, PADDING, padded, paddingOf, type WindowAxis, windowOf } from './spatial.ts';

/** Conv with one, two or three spatial axes, grouped and depthwise, to the channels-last operators. */
export const conv: Legalization = (call) => {
  const kernel = call.shape(1);
  const rank = kernel.length - 2;
  if (rank < 1 || rank > 3) {
    call.refuse({
      code: 'device-spatial-rank',
      message: `a convolution over ${rank} axes; TensorFlow Lite has 1 to 3`,
    });
  }
  if (rank === 3) return conv3d(call);
  // A convolution over one axis is one over two with a height of 1.
  const window = rank === 2 ? windowOf(call, kernel.slice(2)) : [UNIT, ...windowOf(call, kernel.slice(2))];
  const dims = rank === 2 ? kernel : [kernel[0]!, kernel[1]!, 1, kernel[2]!];
  const x = rank === 2 ? call.input(0) : withHeight(call, call.input(0));
  const out = [call.resultShape()[0]!, window[0]!.output, window[1]!.output, dims[0]!];
  const result = conv2d(call, x, { dims, window, out });
  call.bind(rank === 2 ? result : reshape(call, result, [out[0]!, out[2]!, out[3]!]));
};

const UNIT: WindowAxis = { input: 1, output: 1, kernel: 1, stride: 1, dilation: 1, begin: 0, end: 0 };

function withHeight(call: LegalizeCall, x: TfTensor): TfTensor {
  return reshape(call, x, [x.shape[0]!, 1, x.shape[1]!, x.shape[2]!]);
}

/** The weights of a node, taken as of shape `dims`, with their axes in another order. */
export function filterOf(call: LegalizeCall, dims: readonly number[], order: readonly number[]): TfTensor {
  const weights = call.constant(1);
  if (weights !== undefined && weights.dtype !== 'float32') {
    call.refuse({ code: 'device-type', message: `a convolution with ${weights.dtype} weights` });
  }
  if (weights !== undefined) return call.weights(weights, dims, order, 'weights');
  const source = reshape(call, call.input(1), dims);
  return call.emit('TRANSPOSE', [source, call.integers(order)], { shape: order.map((axis) => dims[axis]!) });
}

interface ConvSetting {
  /** Sizes of the weights, OIHW. */
  readonly dims: readonly number[];
  readonly window: readonly WindowAxis[];
  readonly out: readonly number[];
}

function conv2d(call: LegalizeCall, x: TfTensor, { dims, window, out }: ConvSetting): TfTensor {
  const groups = groupsOf(call);
  const [outputs = 0, perGroup = 0] = dims;
  const padding = paddingOf(window);
  const source = padding === undefined ? padded(call, x, window, 0) : x;
  const options: Row = {
    padding: padding ?? PADDING.VALID,
    stride_h: window[0]!.stride,
    stride_w: window[1]!.stride,
    dilation_h_factor: window[0]!.dilation,
    dilation_w_factor: window[1]!.dilation,
  };
  const bias = biasOf(call, outputs);
  if (groups > 1 && perGroup === 1 && groups === x.shape[3]) {
    // OIHW with one input per group to 1HWC.
    const filter = filterOf(call, dims, [1, 2, 3, 0]);
    return call.emit('DEPTHWISE_CONV_2D', [source, filter, bias], {
      shape: out,
      options: { ...options, depth_multiplier: outputs / groups },
    });
  }
  return call.emit('CONV_2D', [source, filterOf(call, dims, [0, 2, 3, 1]), bias], { shape: out, options });
}

/** The bias of a convolution; zeros where the model has none, as the kernels for quantized types expect one. */
export function biasOf(call: LegalizeCall, outputs: number): TfTensor {
  if (!call.has(2)) return call.floats(new Float32Array(outputs), [outputs], 'bias');
  const bias = call.constant(2);
  if (bias === undefined) return call.input(2);
  return call.weights(bias, [outputs], [0], 'bias');
}

function conv3d(call: LegalizeCall): void {
  const kernel = call.shape(1);
  if (groupsOf(call) > 1) {
    call.refuse({ code: 'device-grouped-3d', message: 'a grouped convolution over three axes has no kernel' });
  }
  const window = windowOf(call, kernel.slice(2));
  const padding = paddingOf(window);
  const x = call.input(0);
  const source = padding === undefined ? padded(call, x, window, 0) : x;
  // OIDHW to DHWIO.
  const filter = filterOf(call, kernel, [2, 3, 4, 1, 0]);
  const [depth, height, width] = window as readonly [WindowAxis, WindowAxis, WindowAxis];
  call.finish('CONV_3D', [source, filter, biasOf(call, kernel[0]!)], {
    padding: padding ?? PADDING.VALID,
    stride_d: depth.stride,
    stride_h: height.stride,
    stride_w: width.stride,
    dilation_d_factor: depth.dilation,
    dilation_h_factor: height.dilation,
    dilation_w_factor: width.dilation,
  });
}
