import type { Attribute } from '../../../src/ir/attribute.ts';
import { float, floats, int, ints, text } from '../../../src/ir/attribute.ts';
import type { DataType } from '../../../src/ir/dtype.ts';
import { Graph } from '../../../src/ir/graph.ts';
import type { Model } from '../../../src/ir/model.ts';
import type { Node } from '../../../src/ir/node.ts';
import { int64Tensor, type Tensor } from '../../../src/ir/tensor.ts';
import { formatType, tensorType, type ValueType } from '../../../src/ir/value-type.ts';
import { inferGraph, type ModelFacts } from '../../../src/ops/infer/infer-graph.ts';

/** An operand: a type as text (`float32[N,3,?]`, `float32[...]`), a vector of int64 constants, a tensor, or a hole. */
export type Operand = string | readonly (number | bigint)[] | Tensor | ValueType | undefined;

/** Attributes by plain values: numbers are ints, `{ float: 1 }` and `{ floats: [1] }` floats, lists ints, text strings. */
export type PlainAttributes = Readonly<
  Record<
    string,
    | number
    | readonly number[]
    | string
    | Attribute
    | { readonly float: number }
    | { readonly floats: readonly number[] }
  >
>;

export interface OneNode {
  readonly op: string;
  readonly domain?: string;
  readonly opset?: number;
  readonly inputs: readonly Operand[];
  readonly attributes?: PlainAttributes;
  /** How many results. Default 1. */
  readonly outputs?: number;
}

/** The type that a text such as `int64[2,N,?]` writes; `float32[...]` has no known rank. */
export function typeOfText(written: string): ValueType {
  const [, dtype, dims] = /^(\w+)\[(.*)\]$/.exec(written)!;
  if (dims === '...') return tensorType(dtype as DataType);
  const shape =
    dims === '' ? [] : dims!.split(',').map((dim) => (dim === '?' ? undefined : /^\d+$/.test(dim) ? Number(dim) : dim));
  return tensorType(dtype as DataType, shape);
}

export function attributesOf(plain: PlainAttributes): Record<string, Attribute> {
  const attributes: Record<string, Attribute> = {};
  for (const [name, value] of Object.entries(plain)) {
    if (typeof value === 'number') attributes[name] = int(value);
    else if (typeof value === 'string') attributes[name] = text(value);
    else if (Array.isArray(value)) attributes[name] = ints(value);
    else if ('float' in value) attributes[name] = float(value.float);
    else if ('floats' in value) attributes[name] = floats(value.floats);
    else attributes[name] = value as Attribute;
  }
  return attributes;
}

export function emptyModel(opset: number): Model {
  return {
    graph: new Graph('test'),
    functions: [],
    irVersion: 10,
    opsetImports: new Map([
      ['', opset],
      ['ai.onnx.ml', 5],
      ['com.microsoft', 1],
      ['ai.onnx.preview.training', 1],
    ]),
    producerName: '',
    producerVersion: '',
    domain: '',
    modelVersion: 0n,
    trainingInfo: [],
    extra: undefined,
  };
}

/** A graph of one node, whose results are the graph's outputs. */
export function modelOfOne({ op, domain = '', opset = 21, inputs, attributes = {}, outputs = 1 }: OneNode): {
  readonly model: Model;
  readonly node: Node;
} {
  const model = emptyModel(opset);
  const operands = inputs.map((operand, i) => {
    if (operand === undefined) return undefined;
    if (typeof operand === 'string') return model.graph.addInput(`x${i}`, typeOfText(operand));
    if (Array.isArray(operand)) return model.graph.addConstant(int64Tensor(operand));
    if ('kind' in operand) return model.graph.addInput(`x${i}`, operand as ValueType);
    return model.graph.addConstant(operand as Tensor);
  });
  const node = model.graph.append({
    op,
    domain,
    inputs: operands,
    attributes: attributesOf(attributes),
    outputs: Array.from({ length: outputs }, (_, i) => ({ name: `y${i}` })),
  });
  for (const output of node.outputs) model.graph.addOutput(output!);
  return { model, node };
}

export function factsOfOne(one: OneNode): { readonly facts: ModelFacts; readonly node: Node } {
  const { model, node } = modelOfOne(one);
  return { facts: inferGraph(model.graph, model), node };
}

/** The types inferred for a node's results, as text. Open dimensions of inputs show as their symbols (`x0.1`). */
export function inferOne(one: OneNode): string[] {
  const { facts, node } = factsOfOne(one);
  return node.outputs.map((output) => formatType(facts.types.get(output!)));
}
