import { bitsOf } from '../../ir/dtype.ts';
import type { Graph } from '../../ir/graph.ts';
import { describeNode, type Node } from '../../ir/node.ts';
import { elementCount, type Tensor, tensorBytes, tensorFromNumbers, toNumbers } from '../../ir/tensor.ts';
import type { Value } from '../../ir/value.ts';
import type { NodeLayout } from '../nhwc/layout/assign-layout.ts';
import { type AxisOrder, identityOrder, moveElements, orderedShape } from '../nhwc/layout/permutation.ts';
import { CannotLower } from '../nhwc/refusal.ts';
import type { IntegerSources } from '../nhwc/stored-integers.ts';
import { movedIntegers } from './integer/moved-integers.ts';
import type { EmitSpec, LegalizeCall, SubgraphPorts } from './legalize/legalization.ts';
import { TensorStore } from './tensor-store.ts';
import type { OperatorName } from './tflite/builtin-operators.ts';
import type { ElementType } from './tflite/element-type.ts';
import { computesWith, dataOperand } from './tflite/kernel-types.ts';
import type { TfGraph, TfTensor } from './tflite/tf-graph.ts';
import type { Row } from './tflite/write-table.ts';
import { elementTypeOrRefuse, logicalTensor, shapeOrRefuse, typeOrRefuse, ValueStore } from './value-store.ts';

/** Where lowered nodes go. */
export interface LoweringStores {
  readonly tensors: TensorStore;
  readonly values: ValueStore;
  readonly integers: IntegerSources;
  /** Graphs that control flow runs. */
  readonly subgraphs: TfGraph[];
  /** Lowers a graph inside a node; what it takes from outside stands in the `values` given. Returns its outputs. */
  readonly lowerNested: (graph: Graph, opset: number, stores: LoweringStores) => readonly TfTensor[];
}

/** The view of one node that its legalization works with. */
export class NodeCall implements LegalizeCall {
  readonly node: Node;
  readonly opset: number;
  readonly order: AxisOrder;
  readonly #layout: NodeLayout;
  readonly #stores: LoweringStores;
  readonly #label: string;
  /** The first result that the node has. */
  readonly #first: number;

  constructor(node: Node, opset: number, layout: NodeLayout, stores: LoweringStores) {
    this.node = node;
    this.opset = opset;
    this.#layout = layout;
    this.#stores = stores;
    const first = node.outputs.findIndex((value) => value !== undefined);
    this.#first = Math.max(0, first);
    this.order = layout.results[first] ?? [];
    this.#label = node.outputs[first]?.name || node.name || node.op;
  }

  shape(index: number): readonly number[] {
    return shapeOrRefuse(this.#operand(index));
  }

  resultShape(index = this.#first): readonly number[] {
    return shapeOrRefuse(this.#result(index));
  }

  type(index: number): ElementType {
    return typeOrRefuse(this.#operand(index));
  }

  resultType(index = this.#first): ElementType {
    return typeOrRefuse(this.#result(index));
  }

  has(index: number): boolean {
    return this.node.inputs[index] !== undefined;
  }

  constant(index: number) {
    return this.node.inputs[index]?.constant;
  }

  numbers(index: number, what: string): readonly number[] {
    const constant = this.constant(index);
    if (constant !== undefined) return toNumbers(constant);
    return this.refuse({
      code: 'device-parameter-not-constant',
      message: `${what} of ${describeNode(this.node)} are computed while the model runs`,
      hint: 'Export the model so that they are constants, with fixed input sizes.',
    });
  }

  input(index: number, order?: AxisOrder): TfTensor {
    const value = this.#operand(index);
    const wanted = order ?? this.#layout.operands[index] ?? identityOrder(shapeOrRefuse(value).length);
    return this.#stores.values.get(value, wanted, describeNode(this.node));
  }

  broadcast(index: number): TfTensor {
    const value = this.#operand(index);
    const shape = shapeOrRefuse(value);
    const rank = this.order.length;
    if (value.constant !== undefined) {
      const dims = elementCount(shape) === 1 ? [] : [...new Array<number>(rank - shape.length).fill(1), ...shape];
      const order = dims.length === 0 ? [] : this.order;
      const type = typeOrRefuse(value);
      const bytes = tensorBytes(value.constant);
      return this.derived(value.constant, `${dims.join()} ${order.join()}`, () => {
        const data = moveElements(bytes, dims, order, bitsOf(type) / 8);
        const integers = movedIntegers(this.#stores.integers.get(value.constant!), dims, order);
        const spec = { name: value.name, type, shape: orderedShape(dims, order), integers };
        return this.#stores.tensors.constant(spec, data);
      });
    }
    if (shape.length === rank) return this.input(index, this.order);
    const tensor = this.input(index, identityOrder(shape.length));
    const dims = [...new Array<number>(rank - shape.length).fill(1), ...shape];
    const type = tensor.type;
    const full = this.emit('RESHAPE', [tensor, this.integers(dims)], {
      shape: dims,
      type,
      options: { new_shape: dims },
    });
    if (this.order.every((axis, k) => axis === k)) return full;
    return this.emit('TRANSPOSE', [full, this.integers(this.order)], { shape: orderedShape(dims, this.order), type });
  }

  operandOrder(index: number): AxisOrder {
    return this.#layout.operands[index] ?? identityOrder(this.shape(index).length);
  }

  axis(axis: number, rank = this.order.length): number {
    return this.order.indexOf(axis < 0 ? axis + rank : axis);
  }

  emit(name: OperatorName, inputs: readonly (TfTensor | undefined)[], spec: EmitSpec = {}): TfTensor {
    this.#checkTypes(name, inputs);
    return this.#stores.tensors.emit(
      name,
      inputs,
      {
        name: `${this.#label}/${spec.label ?? name.toLowerCase()}`,
        type: spec.type ?? this.resultType(),
        shape: spec.shape ?? orderedShape(this.resultShape(), this.order),
        quantization: spec.quantization,
      },
      spec.options ?? {},
    );
  }

  emitAll(
    name: OperatorName,
    inputs: readonly (TfTensor | undefined)[],
    specs: readonly EmitSpec[],
    options: Row = {},
  ): readonly TfTensor[] {
    this.#checkTypes(name, inputs);
    const { tensors } = this.#stores;
    const outputs = specs.map((spec) =>
      tensors.tensor({
        name: `${this.#label}/${spec.label ?? name.toLowerCase()}`,
        type: spec.type ?? this.resultType(),
        shape: spec.shape ?? orderedShape(this.resultShape(), this.order),
        quantization: spec.quantization,
      }),
    );
    tensors.append(name, inputs, outputs, options);
    return outputs;
  }

  finish(name: OperatorName, inputs: readonly (TfTensor | undefined)[], options: Row = {}): void {
    this.#checkTypes(name, inputs);
    const { tensors, values } = this.#stores;
    const outputs = this.node.outputs.map((value, index) => {
      if (value === undefined) {
        return this.refuse({
          code: 'device-absent-result',
          message: `${describeNode(this.node)} leaves out a result that ${name} always gives`,
        });
      }
      const order = this.#layout.results[index] ?? identityOrder(shapeOrRefuse(value).length);
      const shape = orderedShape(shapeOrRefuse(value), order);
      const tensor = tensors.tensor({ name: value.name, type: typeOrRefuse(value), shape });
      values.bind(value, order, tensor);
      return tensor;
    });
    tensors.append(name, inputs, outputs, options);
  }

  bind(tensor: TfTensor, index = 0): void {
    const value = this.#result(index);
    const order = this.#layout.results[index] ?? identityOrder(shapeOrRefuse(value).length);
    const expected = orderedShape(shapeOrRefuse(value), order);
    if (expected.join() !== tensor.shape.join()) {
      throw new Error(`${describeNode(this.node)} gave [${tensor.shape}] for a result of [${expected}]`);
    }
    this.#stores.values.bind(value, order, tensor);
  }

  integers(values: readonly number[], shape?: readonly number[]): TfTensor {
    return this.#stores.tensors.integers(values, shape);
  }

  floats(values: ArrayLike<number>, shape: readonly number[], label = 'const'): TfTensor {
    return this.#stores.tensors.floats(`${this.#label}/${label}`, values, shape);
  }

  scalar(value: number, type: ElementType = this.resultType()): TfTensor {
    const bytes = tensorBytes(tensorFromNumbers(type, [], [value]));
    return this.#stores.tensors.constant({ name: `${this.#label}/${value}`, type, shape: [] }, bytes);
  }

  constantTensor(type: ElementType, shape: readonly number[], data: Uint8Array, label = 'const'): TfTensor {
    return this.#stores.tensors.constant({ name: `${this.#label}/${label}`, type, shape }, data);
  }

  weights(source: Tensor, dims: readonly number[], order: AxisOrder, label: string): TfTensor {
    const { tensors, integers } = this.#stores;
    const data = moveElements(tensorBytes(source), dims, order, bitsOf(source.dtype) / 8);
    const spec = {
      name: `${this.#label}/${label}`,
      type: elementTypeOrRefuse(source.dtype, this.#label),
      shape: orderedShape(dims, order),
      integers: movedIntegers(integers.get(source), dims, order),
    };
    return tensors.constant(spec, data);
  }

  derived(source: object, form: string, make: () => TfTensor): TfTensor {
    return this.#stores.tensors.derived(source, form, make);
  }

  subgraph(name: string, build: (inner: LegalizeCall) => SubgraphPorts): number {
    const { subgraphs } = this.#stores;
    const tensors = new TensorStore();
    const inner = new NodeCall(this.node, this.opset, this.#layout, { ...this.#stores, tensors });
    const { inputs, outputs } = build(inner);
    const ports = (list: readonly TfTensor[]) => list.map((tensor) => ({ name: tensor.name, tensor }));
    const full = `${this.#label}/${name}`;
    subgraphs.push({ name: full, inputs: ports(inputs), outputs: ports(outputs), operators: tensors.operators });
    return subgraphs.length;
  }

  outer(value: Value): TfTensor {
    return logicalTensor(this.#stores.values, value, describeNode(this.node));
  }

  nested(graph: Graph, given: ReadonlyMap<Value, TfTensor>): readonly TfTensor[] {
    const { tensors, values, integers, lowerNested } = this.#stores;
    const inner = new ValueStore(tensors, integers, values);
    for (const [value, tensor] of given) inner.bind(value, identityOrder(tensor.shape.length), tensor);
    return lowerNested(graph, this.opset, { ...this.#stores, values: inner });
  }

  tensor(shape: readonly number[], type: ElementType, label: string): TfTensor {
    return this.#stores.tensors.tensor({ name: `${this.#label}/${label}`, type, shape });
  }

  refuse(reason: { readonly code: string; readonly message: string; readonly hint?: string }): never {
    throw new CannotLower({
      at: describeNode(this.node),
      hint: 'Keep this part of the model on the server, or export it with other operators.',
      ...reason,
    });
  }

  #checkTypes(name: OperatorName, inputs: readonly (TfTensor | undefined)[]): void {
    const data = inputs[dataOperand(name)];
    if (data === undefined || computesWith(name, data.type)) return;
    this.refuse({
      code: 'device-type',
      message: `${describeNode(this.node)} computes with ${data.type}, for which TensorFlow Lite's ${name} has no kernel`,
      hint: 'Export this part of the model with float32 or int32.',
    });
  }

  #operand(index: number): Value {
    const value = this.node.inputs[index];
    if (value !== undefined) return value;
    return this.refuse({
      code: 'device-operand-missing',
      message: `operand ${index} of ${describeNode(this.node)} is missing`,
    });
  }

  #result(index: number): Value {
    const value = this.node.outputs[index];
    if (value !== undefined) return value;
    return this.refuse({
      code: 'device-absent-result',
      message: `${describeNode(this.node)} does not have result ${index}`,
    });
  }
}
