import type { OperatorName } from '../tflite/builtin-operators.ts';
import type { TfGraph, TfOperator, TfTensor } from '../tflite/tf-graph.ts';
import { isLowest } from './quantized-constant.ts';

/**
 * Activations whose channels can each be multiplied by a positive number without changing what the model computes: the
 * layer that makes them is multiplied by it, and the layers that read them are divided by it.
 */
export interface ScalableChannels {
  readonly maker: TfOperator;
  readonly readers: readonly TfOperator[];
  /** The result of `maker`, and what operators that treat each channel alike make of it. */
  readonly tensors: readonly TfTensor[];
}

/** Operators that multiply their result's channels by whatever their first operand's channels are multiplied by. */
const HOMOGENEOUS: ReadonlySet<OperatorName> = new Set([
  'RELU',
  'LEAKY_RELU',
  'PRELU',
  'MAX_POOL_2D',
  'AVERAGE_POOL_2D',
  'PAD',
  'RESIZE_BILINEAR',
  'RESIZE_NEAREST_NEIGHBOR',
]);

const LAYERS: ReadonlySet<OperatorName> = new Set(['CONV_2D', 'DEPTHWISE_CONV_2D', 'FULLY_CONNECTED']);

/** Numbers of `ActivationFunctionType` that are homogeneous: none and Relu. */
const HOMOGENEOUS_ACTIVATIONS: ReadonlySet<unknown> = new Set([undefined, 0, 1]);

/** Finds every layer whose results can be scaled channel by channel. */
export function scalableChannels(graph: TfGraph): readonly ScalableChannels[] {
  const readers = new Map<TfTensor, TfOperator[]>();
  for (const operator of graph.operators) {
    for (const tensor of operator.inputs) {
      if (tensor !== undefined) readers.set(tensor, [...(readers.get(tensor) ?? []), operator]);
    }
  }
  const outputs = new Set(graph.outputs.map(({ tensor }) => tensor));
  const isLayer = ({ name, inputs: [, weights, bias] }: TfOperator): boolean =>
    LAYERS.has(name) &&
    weights?.type === 'float32' &&
    bias?.data !== undefined &&
    [weights, bias].every((tensor) => tensor.data !== undefined && readers.get(tensor)?.length === 1);
  return graph.operators.flatMap((maker) => {
    if (!isLayer(maker) || !HOMOGENEOUS_ACTIVATIONS.has(maker.options.fused_activation_function)) return [];
    const found = { maker, readers: new Set<TfOperator>(), tensors: [maker.outputs[0]!] };
    for (const tensor of found.tensors) {
      if (outputs.has(tensor)) return [];
      for (const reader of readers.get(tensor) ?? []) {
        if (isLayer(reader) && reader.inputs[0] === tensor && channelsRead(reader) === tensor.shape.at(-1)) {
          found.readers.add(reader);
          continue;
        }
        if (!isHomogeneous(reader, tensor)) return [];
        found.tensors.push(reader.outputs[0]!);
      }
    }
    return found.readers.size === 0 ? [] : [{ ...found, readers: [...found.readers] }];
  });
}

/** Channels of the input that a layer reads, none where it reads them in groups. */
function channelsRead({ name, inputs: [x, weights], outputs: [result] }: TfOperator): number | undefined {
  if (name === 'DEPTHWISE_CONV_2D') return result!.shape.at(-1) === x!.shape.at(-1) ? x!.shape.at(-1) : undefined;
  return weights!.shape.at(-1);
}

function isHomogeneous({ name, inputs, outputs: [result], options }: TfOperator, tensor: TfTensor): boolean {
  const [operand, second] = inputs;
  if (operand !== tensor || result === undefined) return false;
  if (!HOMOGENEOUS_ACTIVATIONS.has(options.fused_activation_function)) return false;
  if (name === 'PADV2') return isLowest(inputs[2]);
  if (name === 'PRELU') return second?.data !== undefined;
  if (name === 'RESHAPE') return result.shape.at(-1) === tensor.shape.at(-1);
  if (name === 'MEAN') {
    const axes = second?.data === undefined ? undefined : new Int32Array(second.data.slice().buffer);
    const last = tensor.shape.length - 1;
    return axes?.every((axis) => axis !== last && axis !== -1) === true && result.shape.at(-1) === tensor.shape.at(-1);
  }
  return HOMOGENEOUS.has(name) && result.shape.at(-1) === tensor.shape.at(-1);
}
