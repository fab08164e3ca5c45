import type { OperatorName } from '../device/tflite/builtin-operators.ts';
import type { TfGraph, TfOperator, TfTensor } from '../device/tflite/tf-graph.ts';

/** Operators that can pad what they read, unlike those of TensorFlow Lite. */
const HOSTS: ReadonlySet<OperatorName> = new Set(['CONV_2D', 'DEPTHWISE_CONV_2D']);

const VALID = 1;

/** Makes a PAD of rows and columns with zeros part of the convolutions that read it; a PAD without readers goes. */
export function foldPads(graph: TfGraph): TfGraph {
  const padOf = new Map<TfTensor, TfOperator>();
  const operators = graph.operators.map((operator) => {
    if (operator.name === 'PAD' && paddings(operator) !== undefined) padOf.set(operator.outputs[0]!, operator);
    const pad = operator.inputs[0] === undefined ? undefined : padOf.get(operator.inputs[0]);
    if (pad === undefined || !HOSTS.has(operator.name) || operator.options.padding !== VALID) return operator;
    return {
      ...operator,
      inputs: [pad.inputs[0], ...operator.inputs.slice(1)],
      options: { ...operator.options, explicit_paddings: paddings(pad)! },
    };
  });
  const read = new Set([...operators.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ tensor }) => tensor)]);
  return { ...graph, operators: operators.filter(({ outputs: [x] }) => !padOf.has(x!) || read.has(x)) };
}

/** Elements before and after each of the four axes, where only rows and columns are added. */
function paddings({ inputs: [x, amounts] }: TfOperator): readonly number[] | undefined {
  if (x?.shape.length !== 4 || amounts?.data === undefined) return undefined;
  const pads = [...new Int32Array(amounts.data.slice().buffer)];
  return [0, 1, 6, 7].every((index) => pads[index] === 0) ? pads : undefined;
}
