import type { Graph } from '../../../ir/graph.ts';
import type { Node } from '../../../ir/node.ts';
import type { Tensor } from '../../../ir/tensor.ts';
import type { Value } from '../../../ir/value.ts';
import type { AxisOrder } from '../../nhwc/layout/permutation.ts';
import type { OperatorName } from '../tflite/builtin-operators.ts';
import type { ElementType } from '../tflite/element-type.ts';
import type { TfQuantization, TfTensor } from '../tflite/tf-graph.ts';
import type { Row } from '../tflite/write-table.ts';

/** What a new tensor is, where it differs from the node's result. */
export interface EmitSpec {
  readonly shape?: readonly number[];
  readonly type?: ElementType;
  readonly quantization?: TfQuantization;
  readonly options?: Row;
  /** What the tensor's name ends in. */
  readonly label?: string;
}

/** What goes into a graph of its own and what comes out, in order. */
export interface SubgraphPorts {
  readonly inputs: readonly TfTensor[];
  readonly outputs: readonly TfTensor[];
}

type Inputs = readonly (TfTensor | undefined)[];

/** One node that is being lowered, in the order of axes that was chosen for it. */
export interface LegalizeCall {
  readonly node: Node;
  readonly opset: number;
  /** The order of axes of the first result. */
  readonly order: AxisOrder;
  /** Sizes of operand `index`, or of result `index` (default: the first there is), in the model's own order. */
  shape(index: number): readonly number[];
  resultShape(index?: number): readonly number[];
  type(index: number): ElementType;
  resultType(index?: number): ElementType;
  has(index: number): boolean;
  /** The constant that stands in an operand. */
  constant(index: number): Tensor | undefined;
  /** The numbers of a constant operand or an attribute that must be known. Refuses where they are not. */
  numbers(index: number, what: string): readonly number[];
  /** Operand `index` in the order chosen for it, or in the one given. */
  input(index: number, order?: AxisOrder): TfTensor;
  /** The order chosen for operand `index`. */
  operandOrder(index: number): AxisOrder;
  /** Operand `index` broadcast to the result: of its rank, in its order; a single number stays a scalar. */
  broadcast(index: number): TfTensor;
  /** Where an axis of the model lies in memory. Negative counts from the end. */
  axis(axis: number, rank?: number): number;
  /** Appends an operator with a new tensor, which has the result's type and shape in memory unless told. */
  emit(name: OperatorName, inputs: Inputs, spec?: EmitSpec): TfTensor;
  /** Appends an operator with several new tensors. */
  emitAll(name: OperatorName, inputs: Inputs, specs: readonly EmitSpec[], options?: Row): readonly TfTensor[];
  /** Appends an operator whose results are the node's own, in order. */
  finish(name: OperatorName, inputs: Inputs, options?: Row): void;
  /** States that a tensor is the node's result. */
  bind(tensor: TfTensor, index?: number): void;
  integers(values: readonly number[], shape?: readonly number[]): TfTensor;
  floats(values: ArrayLike<number>, shape: readonly number[], label?: string): TfTensor;
  /** A constant of the type of `like` that holds one number. */
  scalar(value: number, type?: ElementType): TfTensor;
  constantTensor(type: ElementType, shape: readonly number[], data: Uint8Array, label?: string): TfTensor;
  /**
   * A constant of the model, taken as of shape `dims`, with its axes in the order `order`. The integers that the model
   * stores it as, if it does, go with it.
   */
  weights(source: Tensor, dims: readonly number[], order: AxisOrder, label: string): TfTensor;
  /** A constant made of an object of the model, once for each form. */
  derived(source: object, form: string, make: () => TfTensor): TfTensor;
  /**
   * Makes a graph of its own for control flow, of which `build` is given the view that appends to it. Constants may be
   * shared with other graphs, other tensors must come in as inputs. Returns its number.
   */
  subgraph(name: string, build: (inner: LegalizeCall) => SubgraphPorts): number;
  /** A value of the graph that the node is in, in the model's own order. */
  outer(value: Value): TfTensor;
  /**
   * Lowers a graph inside the node here, which is the view that `subgraph` gives.
   *
   * @param given what stands for its inputs and for all that it reads from outside, constants left out.
   * @returns its outputs in the model's own order.
   */
  nested(graph: Graph, given: ReadonlyMap<Value, TfTensor>): readonly TfTensor[];
  /** A tensor that nothing makes: an input of a graph of its own. */
  tensor(shape: readonly number[], type: ElementType, label: string): TfTensor;
  refuse(reason: { readonly code: string; readonly message: string; readonly hint?: string }): never;
}

/** Lowers one node to TensorFlow Lite operators, or refuses. */
export type Legalization = (call: LegalizeCall) => void;

/** Legalizations by operator of ai.onnx; `ai.onnx.ml.Scaler` of another domain. */
export type LegalizationTable = Readonly<Record<string, Legalization>>;
