import type { OperatorName } from './tflite/builtin-operators.ts';
import { mapGraphs, type TfGraph, type TfOperator, type TfTensor } from './tflite/tf-graph.ts';

/** Numbers of `ActivationFunctionType`. */
const ACTIVATIONS: Partial<Record<OperatorName, number>> = { RELU: 1, RELU_N1_TO_1: 2, RELU6: 3 };

/** Operators that can cut their own result. */
const HOSTS: ReadonlySet<OperatorName> = new Set([
  'CONV_2D',
  'DEPTHWISE_CONV_2D',
  'FULLY_CONNECTED',
  'ADD',
  'SUB',
  'MUL',
  'DIV',
  'AVERAGE_POOL_2D',
  'MAX_POOL_2D',
]);

/** Makes Relu, Relu6 and Relu1 part of the operator before them, where nothing else reads what it computes. */
export function fuseActivations(graph: TfGraph): TfGraph {
  return mapGraphs(graph, fuseIn);
}

function fuseIn(graph: TfGraph): TfGraph {
  const readers = new Map<TfTensor, number>();
  for (const { inputs } of graph.operators) {
    for (const tensor of inputs) if (tensor !== undefined) readers.set(tensor, (readers.get(tensor) ?? 0) + 1);
  }
  for (const { tensor } of graph.outputs) readers.set(tensor, (readers.get(tensor) ?? 0) + 1);
  const operators: TfOperator[] = [];
  const makerOf = new Map<TfTensor, number>();
  for (const operator of graph.operators) {
    const [operand] = operator.inputs;
    const activation = ACTIVATIONS[operator.name];
    const at = operand === undefined ? undefined : makerOf.get(operand);
    const host = at === undefined ? undefined : operators[at];
    const fits =
      activation !== undefined &&
      host !== undefined &&
      operand !== undefined &&
      readers.get(operand) === 1 &&
      HOSTS.has(host.name) &&
      host.options.fused_activation_function === undefined &&
      operand.type === 'float32';
    if (!fits) {
      for (const tensor of operator.outputs) makerOf.set(tensor, operators.length);
      operators.push(operator);
      continue;
    }
    operators[at!] = {
      ...host,
      outputs: operator.outputs,
      options: { ...host.options, fused_activation_function: activation },
    };
    for (const tensor of operator.outputs) makerOf.set(tensor, at!);
  }
  return { ...graph, operators };
}
