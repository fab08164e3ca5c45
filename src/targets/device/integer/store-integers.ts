import { mapGraphs, type TfGraph, type TfOperator, type TfTensor } from '../tflite/tf-graph.ts';

/** Constants with fewer elements stay float: an operator more costs more than they take. */
const MIN_ELEMENTS = 256;

/**
 * Writes float constants that the model stores as 8-bit integers as those integers, each with a DEQUANTIZE, which
 * interpreters run once when they load the file. The file is then no larger than the model.
 */
export function storeIntegers(graph: TfGraph): TfGraph {
  return mapGraphs(graph, storeIn);
}

function storeIn(graph: TfGraph): TfGraph {
  const made = new Map<TfTensor, TfTensor>();
  const operators: TfOperator[] = [];
  const stored = (tensor: TfTensor | undefined): TfTensor | undefined => {
    const integers = tensor?.data === undefined ? undefined : tensor.integers;
    if (tensor === undefined || integers === undefined || integers.type === 'int32') return tensor;
    if (integers.data.byteLength < MIN_ELEMENTS) return tensor;
    const { name, shape } = tensor;
    const known = made.get(tensor);
    if (known !== undefined) return known;
    const wide: TfTensor = { name, type: tensor.type, shape, data: undefined, quantization: undefined };
    operators.push({
      name: 'DEQUANTIZE',
      inputs: [{ ...integers, name: `${name}/stored`, shape }],
      outputs: [wide],
      options: {},
    });
    made.set(tensor, wide);
    return wide;
  };
  for (const operator of graph.operators) {
    const inputs = operator.inputs.map((tensor) => (tensor?.type === 'float32' ? stored(tensor) : tensor));
    operators.push({ ...operator, inputs });
  }
  return { ...graph, operators };
}
