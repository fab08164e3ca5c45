import type { TfGraph, TfOperator, TfTensor } from '../tflite/tf-graph.ts';

/** How much of a graph computes with integers of 8 or 16 bits. */
export interface IntegerShare {
  /** Operators whose data is quantized, and all; conversions between the two and integers that are no data do not count. */
  readonly integerOperators: number;
  readonly operators: number;
  /** Multiply-accumulates of layers in integers, and of all layers. */
  readonly integerMacs: number;
  readonly macs: number;
}

/** Counts what a graph computes with integers. */
export function integerShare(graph: TfGraph): IntegerShare {
  let integerOperators = 0;
  let operators = 0;
  let integerMacs = 0;
  let macs = 0;
  for (const operator of graph.operators) {
    if (operator.name === 'QUANTIZE' || operator.name === 'DEQUANTIZE') continue;
    const tensors = [...operator.inputs, ...operator.outputs];
    const integer = tensors.some((tensor) => tensor !== undefined && tensor.data === undefined && isQuantized(tensor));
    const cost = macsOf(operator);
    if (integer) integerOperators++;
    if (integer) integerMacs += cost;
    operators++;
    macs += cost;
  }
  return { integerOperators, operators, integerMacs, macs };
}

function isQuantized({ type, quantization }: TfTensor): boolean {
  return (type === 'int8' || type === 'int16' || type === 'uint8') && quantization !== undefined;
}

/** Multiply-accumulates of one operator: each result of a layer is the sum of one product per weight that it reads. */
function macsOf({ name, inputs, outputs: [result] }: TfOperator): number {
  const size = (tensor: TfTensor | undefined): number => tensor?.shape.reduce((a, b) => a * b, 1) ?? 0;
  const [first, weights] = inputs;
  switch (name) {
    case 'CONV_2D':
    case 'CONV_3D':
      return size(result) * (size(weights) / (name === 'CONV_2D' ? weights!.shape[0]! : weights!.shape[4]!));
    case 'DEPTHWISE_CONV_2D':
      return size(result) * weights!.shape[1]! * weights!.shape[2]!;
    case 'FULLY_CONNECTED':
      return size(result) * weights!.shape.at(-1)!;
    case 'TRANSPOSE_CONV':
      return size(inputs[2]) * (size(weights) / weights!.shape[3]!);
    case 'BATCH_MATMUL':
      return size(result) * first!.shape.at(-1)!;
    default:
      return 0;
  }
}
