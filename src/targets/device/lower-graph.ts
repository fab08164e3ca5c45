import { type Graph, subgraphsOf } from '../../ir/graph.ts';
import { type Model, opsetOf } from '../../ir/model.ts';
import { isOp, type Node } from '../../ir/node.ts';
import type { Value } from '../../ir/value.ts';
import { constantScalar } from '../../rewrite/constant-numbers.ts';
import { assignLayout, type NodeLayout } from '../nhwc/layout/assign-layout.ts';
import { identityOrder } from '../nhwc/layout/permutation.ts';
import { staticShape } from '../nhwc/layout/static-shape.ts';
import { CannotLower, type Refusal } from '../nhwc/refusal.ts';
import type { IntegerSources } from '../nhwc/stored-integers.ts';
import { capturedValues } from './captured-values.ts';
import { computedConstant } from './constant-output.ts';
import { legalizationOf } from './legalize/table.ts';
import { noForm } from './no-form.ts';
import { type LoweringStores, NodeCall } from './node-call.ts';
import { TensorStore } from './tensor-store.ts';
import type { TfGraph, TfPort, TfQuantization, TfTensor } from './tflite/tf-graph.ts';
import { unknownShapes } from './unknown-shapes.ts';
import { logicalTensor, shapeOrRefuse, type TransposeRecord, typeOrRefuse, ValueStore } from './value-store.ts';

/** Before this opset operators have forms that nothing here knows. */
const OLDEST_OPSET = 6;

/** Until opset 6 these broadcast by other rules than later. */
const LEGACY_BROADCAST = new Set('Add Sub Mul Div Pow And Or Xor Equal Greater Less PRelu'.split(' '));
const LEGACY_BROADCAST_UNTIL = 6;

/** A graph in TensorFlow Lite's operators, or why there is none. */
export interface LoweredGraph {
  readonly graph: TfGraph | undefined;
  /** Nodes without a form, in order; nodes that only lack the result of one of these are not listed. */
  readonly refused: readonly Refusal[];
  readonly transposes: readonly TransposeRecord[];
}

/**
 * Lowers the main graph of a prepared model, of which every shape is to be proven.
 *
 * @param integers which of its constants the model stores quantized.
 */
export function lowerGraph(model: Model, integers: IntegerSources = new Map()): LoweredGraph {
  const { graph } = model;
  const opset = opsetOf(model);
  const refused = model.opsetImports.has('') && opset < OLDEST_OPSET ? [tooOld(graph, opset)] : unknownShapes(graph);
  if (refused.length > 0) return { graph: undefined, refused, transposes: [] };
  const layouts = assignLayout(graph);
  const tensors = new TensorStore();
  const values = new ValueStore(tensors, integers);
  const subgraphs: TfGraph[] = [];
  const stores: LoweringStores = { tensors, values, integers, subgraphs, lowerNested };
  const inputs: TfPort[] = [];
  attempt(refused, () => {
    for (const input of graph.inputs) inputs.push({ name: input.name, tensor: inputTensor(input, stores) });
  });
  if (refused.length > 0) return { graph: undefined, refused, transposes: [] };
  for (const node of graph.nodes()) {
    const read = [...node.inputs, ...capturedValues(subgraphsOf(node))];
    if (read.some((value) => value !== undefined && !values.has(value))) continue;
    attempt(refused, () => lowerNode(node, opset, layouts.get(node)!, stores));
  }
  if (refused.length > 0) return { graph: undefined, refused, transposes: [] };
  const outputs = outputPorts(graph, inputs, refused, stores);
  if (refused.length > 0) return { graph: undefined, refused, transposes: [] };
  return {
    graph: { name: graph.name || 'main', inputs, outputs, operators: tensors.operators, ...withSubgraphs(subgraphs) },
    refused,
    transposes: values.transposes,
  };
}

/** Lowers a graph inside a node into tensors of its own. What it takes from outside is bound in `values` already. */
function lowerNested(graph: Graph, opset: number, stores: LoweringStores): readonly TfTensor[] {
  const layouts = assignLayout(graph);
  for (const node of graph.nodes()) lowerNode(node, opset, layouts.get(node)!, stores);
  return graph.outputs.map(({ value }) => logicalTensor(stores.values, value, ''));
}

function withSubgraphs(subgraphs: readonly TfGraph[]): Pick<TfGraph, 'subgraphs'> {
  return subgraphs.length === 0 ? {} : { subgraphs };
}

function tooOld(graph: Graph, opset: number): Refusal {
  return {
    code: 'device-opset',
    at: graph.name,
    message: `the model follows opset ${opset}; its broadcasting rules are older than those that are lowered`,
    hint: 'Export the model again, with opset 13 or later.',
  };
}

function lowerNode(node: Node, opset: number, layout: NodeLayout, stores: LoweringStores): void {
  const legalize = legalizationOf(node);
  const shapes = node.inputs.map((value) => staticShape(value)?.join());
  if (opset <= LEGACY_BROADCAST_UNTIL && LEGACY_BROADCAST.has(node.op) && new Set(shapes).size > 1) {
    throw new CannotLower(tooOld(node.graph!, opset));
  }
  const call = new NodeCall(node, opset, layout, stores);
  if (legalize === undefined) {
    throw new CannotLower(noForm(node));
  }
  legalize(call);
}

function inputTensor(input: Value, { tensors, values }: LoweringStores) {
  const shape = shapeOrRefuse(input);
  const quantization = statedQuantization(input);
  const tensor = tensors.tensor({ name: input.name, type: typeOrRefuse(input), shape, quantization });
  values.bind(input, identityOrder(shape.length), tensor);
  return tensor;
}

/** What the integers of an input stand for, where every DequantizeLinear that reads it says the same. */
function statedQuantization(input: Value): TfQuantization | undefined {
  const stated = [...input.uses].map(({ node }) => {
    const scale = isOp(node, 'DequantizeLinear') ? constantScalar(node.inputs[1]) : undefined;
    const zero = node.inputs[2] === undefined ? 0 : constantScalar(node.inputs[2]);
    return scale === undefined || zero === undefined ? undefined : { scale, zero };
  });
  const [first] = stated;
  if (first === undefined || stated.some((each) => each?.scale !== first.scale || each.zero !== first.zero))
    return undefined;
  return { scales: [first.scale], zeroPoints: [first.zero], axis: 0 };
}

/** Each output as a tensor of its own that an operator makes, as interpreters expect. */
function outputPorts(
  graph: Graph,
  inputs: readonly TfPort[],
  refused: Refusal[],
  { tensors, values }: LoweringStores,
): TfPort[] {
  const taken = new Set(inputs.map((port) => port.tensor));
  return graph.outputs.map(({ name, value }) => {
    let tensor = logicalTensor(values, value, '');
    const { type, shape, data } = tensor;
    if (data !== undefined) {
      const computed = computedConstant(tensors, { ...tensor, data, name }, inputs);
      if (computed === undefined) refused.push(constantOutput(name));
      tensor = computed ?? tensor;
    } else if (taken.has(tensor)) {
      tensor = tensors.emit('RESHAPE', [tensor, tensors.integers(shape)], { name, type, shape }, { new_shape: shape });
    }
    taken.add(tensor);
    return { name, tensor };
  });
}

function constantOutput(name: string): Refusal {
  return {
    code: 'device-constant-output',
    at: name,
    message: `output '${name}' does not depend on any input; TensorFlow Lite does not give out constants`,
    hint: 'Take this output out of the model.',
  };
}

function attempt(refused: Refusal[], action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof CannotLower)) throw error;
    refused.push(error.refusal);
  }
}
