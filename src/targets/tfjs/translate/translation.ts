import type { OperatorName } from '../../device/tflite/builtin-operators.ts';
import type { TfOperator, TfTensor } from '../../device/tflite/tf-graph.ts';
import type { NodeRef } from '../graph-builder.ts';
import type { AttrValue } from '../node-def.ts';

/** What becomes of a constant beside the order of its axes. */
export interface WeightsForm {
  /** The shape it is read with afterwards. */
  readonly shape?: readonly number[];
  /** The `index`-th of `count` equal parts along the first axis. */
  readonly part?: { readonly index: number; readonly count: number };
  /** Zeros between the elements along the second and third axis, which spell out a dilation by these factors. */
  readonly spread?: readonly [height: number, width: number];
}

/** One operator of the lowered graph that is being translated. */
export interface TranslateCall {
  readonly operator: TfOperator;
  /** What is known of operand `index`, and of result `index`. */
  tensor(index: number): TfTensor;
  result(index?: number): TfTensor;
  has(index: number): boolean;
  /** The node that gives operand `index`. */
  input(index: number): NodeRef;
  /** The integers of a constant operand. */
  integersOf(index: number): readonly number[];
  /** A number of the operator's options; 0 where it is not stated, as in the file format. */
  option(name: string): number;
  /** Appends a node; its outputs are the result, `result:1` and so on. */
  node(op: string, inputs: readonly NodeRef[], attr?: Readonly<Record<string, AttrValue>>): NodeRef;
  integers(values: readonly number[], shape?: readonly number[]): NodeRef;
  scalar(value: number, dtype?: 'float32' | 'int32'): NodeRef;
  /** A float32 constant made of operand `index`: its axes in another order, its shape another, or a part of it. */
  weights(index: number, order: readonly number[], form?: WeightsForm): NodeRef;
  /** A node that gives a tensor in another shape. */
  reshape(x: NodeRef, shape: readonly number[]): NodeRef;
  refuse(reason: { readonly code: string; readonly message: string; readonly hint?: string }): never;
}

/** Gives the nodes of one operator: the node of its result, or those of all its results. */
export type Translation = (call: TranslateCall) => NodeRef | readonly NodeRef[];

/** Translations by TensorFlow Lite's operator. */
export type TranslationTable = Partial<Record<OperatorName, Translation>>;
