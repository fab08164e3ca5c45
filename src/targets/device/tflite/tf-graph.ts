import type { OperatorName } from './builtin-operators.ts';
import type { ElementType } from './element-type.ts';
import type { Row } from './write-table.ts';

/** The numbers `scale * (q - zeroPoint)` that integers stand for; several along `axis`, or one for all. */
export interface TfQuantization {
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly axis: number;
}

/** The integers that a float constant is stored as in the model, in the order of its elements. */
export interface TfIntegers {
  readonly type: ElementType;
  readonly data: Uint8Array;
  readonly quantization: TfQuantization;
}

/** A tensor of a TensorFlow Lite graph; its identity is the object. */
export interface TfTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Packed little-endian elements of a constant. */
  readonly data: Uint8Array | undefined;
  readonly quantization: TfQuantization | undefined;
  /** Of a float constant that the model stores quantized. */
  readonly integers?: TfIntegers;
}

/** One operator. Absent optional operands are holes. */
export interface TfOperator {
  readonly name: OperatorName;
  readonly inputs: readonly (TfTensor | undefined)[];
  readonly outputs: readonly TfTensor[];
  /** Fields of the operator's options. */
  readonly options: Row;
}

/** An input or output of the model under its name in the signature. */
export interface TfPort {
  readonly name: string;
  readonly tensor: TfTensor;
}

/** A graph whose operators are in the order in which they run. */
export interface TfGraph {
  readonly name: string;
  readonly inputs: readonly TfPort[];
  readonly outputs: readonly TfPort[];
  readonly operators: readonly TfOperator[];
  /** Graphs that operators of this one or of each other run; their options call the first of these 1. */
  readonly subgraphs?: readonly TfGraph[];
}

/** A graph and those that its operators run, in the order of the file. */
export function graphsOf(graph: TfGraph): readonly TfGraph[] {
  return [graph, ...(graph.subgraphs ?? [])];
}

/** The graph with each of its graphs changed by itself. */
export function mapGraphs(graph: TfGraph, change: (graph: TfGraph) => TfGraph): TfGraph {
  const changed = change(graph);
  return graph.subgraphs === undefined ? changed : { ...changed, subgraphs: graph.subgraphs.map(change) };
}

/** Every tensor of a graph, in order of appearance. */
export function tensorsOf(graph: TfGraph): Set<TfTensor> {
  const tensors = new Set(graph.inputs.map((port) => port.tensor));
  for (const { inputs, outputs } of graph.operators) {
    for (const tensor of inputs) if (tensor !== undefined) tensors.add(tensor);
    for (const tensor of outputs) tensors.add(tensor);
  }
  for (const port of graph.outputs) tensors.add(port.tensor);
  return tensors;
}
