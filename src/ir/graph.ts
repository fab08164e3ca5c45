import { fail } from '../diagnostics/modelpress-error.ts';
import { type Attribute, graphsIn } from './attribute.ts';
import type { Extra } from './extra.ts';
import { describeNode, type Node, type NodeSpec, type Origin, type OutputSpec } from './node.ts';
import { NodeList, type Place } from './node-list.ts';
import type { SparseTensor, Tensor } from './tensor.ts';
import { type GraphOutput, isUnused, type Use, type Value } from './value.ts';
import type { ValueType } from './value-type.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type MutableValue = Omit<Writable<Value>, 'uses'> & { readonly uses: Set<Use> };
interface MutableNode extends Omit<Writable<Node>, 'inputs' | 'outputs' | 'attributes'> {
  readonly inputs: (Value | undefined)[];
  readonly outputs: (Value | undefined)[];
  readonly attributes: Map<string, Attribute>;
  /** One use per operand slot, the same objects that stand in the values' `uses`. */
  readonly operandUses: (Use | undefined)[];
  place: Place<Node> | undefined;
}

/**
 * The quantization parameters that a file states for a value (`TensorAnnotation`): role, such as `SCALE_TENSOR`, and the
 * value that holds it. The parameters stay in the graph although nothing computes with them.
 */
export interface QuantizationAnnotation {
  readonly value: Value;
  readonly parameters: ReadonlyMap<string, Value>;
}

/** Takes the tensor of a constant that is added and gives back an equal one, which may lie elsewhere. */
export type KeepTensor = (tensor: Tensor) => Tensor;

const NO_ORIGIN: Origin = { nodes: [], rules: [] };

/**
 * A graph of nodes in topological order, with its inputs, constants and outputs.
 *
 * Only the methods of this class change a graph, its nodes or its values. Each checks before it changes, throws a
 * `ModelpressError` with nothing changed, and raises `version`, also of every graph around it. Erasing, inserting and
 * moving any node while `nodes()` is being iterated is safe.
 */
export class Graph {
  name: string;
  extra: Extra | undefined;
  #version = 0;
  #structure = 0;
  #owner: Node | undefined;
  readonly #nodes = new NodeList<Node>();
  readonly #inputs: Value[] = [];
  readonly #constants = new Set<Value>();
  readonly #outputs: GraphOutput[] = [];
  readonly #annotations: QuantizationAnnotation[] = [];
  #keep: KeepTensor | undefined;

  constructor(name = '', extra?: Extra) {
    this.name = name;
    this.extra = extra;
  }

  /** Grows with every change to this graph or to one inside it. */
  get version(): number {
    return this.#version;
  }

  /** As `version`, but stays where nothing but types of values has changed. */
  get structure(): number {
    return this.#structure;
  }

  /**
   * Where the tensors of constants that are added go, if anywhere: to a file, for weights that are not to be held. Graphs
   * nested in this one and copies of it send theirs there too.
   */
  get keepTensor(): KeepTensor | undefined {
    return this.#keep ?? this.#owner?.graph?.keepTensor;
  }

  set keepTensor(keep: KeepTensor | undefined) {
    this.#keep = keep;
  }

  /** The node that holds this graph in an attribute; none for the main graph and for function bodies. */
  get owner(): Node | undefined {
    return this.#owner;
  }

  get nodeCount(): number {
    return this.#nodes.size;
  }

  /** Graph inputs in the order of the interface. */
  get inputs(): readonly Value[] {
    return this.#inputs;
  }

  get outputs(): readonly GraphOutput[] {
    return this.#outputs;
  }

  /** Values with elements of their own that are no graph inputs (ONNX initializers), in order of creation. */
  constants(): IterableIterator<Value> {
    return this.#constants.values();
  }

  /** The nodes in order; see the class for what may happen meanwhile. */
  nodes(): Generator<Node, void, undefined> {
    return this.#nodes[Symbol.iterator]();
  }

  nodesReversed(): Generator<Node, void, undefined> {
    return this.#nodes.reversed();
  }

  // ---- values

  addInput(
    name: string,
    type: ValueType | undefined,
    options: { initial?: Tensor; extra?: Extra | undefined } = {},
  ): Value {
    const value = newValue(this, { name, type, isInput: true, initial: options.initial, extra: options.extra });
    this.#inputs.push(value);
    this.#changed();
    return value;
  }

  /** Adds a constant. `updatable` keeps its elements from being taken for constant (see `Value.initial`). */
  addConstant(
    tensor: Tensor,
    name = '',
    options: { updatable?: boolean; extra?: Extra | undefined; declared?: ValueType | undefined } = {},
  ): Value {
    const kept = this.keepTensor?.(tensor) ?? tensor;
    const value = newValue(this, {
      name,
      type: { kind: 'tensor', dtype: tensor.dtype, shape: tensor.dims },
      declared: options.declared,
      extra: options.extra,
      ...(options.updatable ? { initial: kept } : { constant: kept }),
    });
    this.#constants.add(value);
    this.#changed();
    return value;
  }

  addSparseConstant(sparse: SparseTensor, name = '', extra?: Extra): Value {
    const { dtype } = sparse.values;
    const value = newValue(this, { name, type: { kind: 'sparse-tensor', dtype, shape: sparse.dims }, sparse, extra });
    this.#constants.add(value);
    this.#changed();
    return value;
  }

  /** Removes a constant or an input that nothing uses. */
  eraseValue(value: Value): void {
    if (value.graph !== this || value.producer !== undefined) {
      refuse(`value '${value.name}' is not an input or a constant of graph '${this.name}'`, value.name);
    }
    if (!isUnused(value)) refuse(`value '${value.name}' is still used`, value.name);
    if (value.isInput) this.#inputs.splice(this.#inputs.indexOf(value), 1);
    else this.#constants.delete(value);
    this.#changed();
  }

  rename(target: Value | Node, name: string): void {
    if (target.name === name) return;
    (target as { name: string }).name = name;
    this.#changed();
  }

  /** Records what has been proven of a value's type. */
  setType(value: Value, type: ValueType | undefined): void {
    (value as MutableValue).type = type;
    this.#retyped();
  }

  /** Replaces the file's claim about a value's type; `undefined` withdraws it. */
  setDeclared(value: Value, declared: ValueType | undefined): void {
    (value as MutableValue).declared = declared;
    this.#retyped();
  }

  /** Turns an overridable input's default into a constant of this graph: the input is gone, its uses remain. */
  freezeInput(value: Value): void {
    const tensor = value.initial;
    if (value.graph !== this || !value.isInput || tensor === undefined) {
      refuse(`value '${value.name}' is not an input with a default`, value.name);
    }
    this.#inputs.splice(this.#inputs.indexOf(value), 1);
    const mutable = value as MutableValue;
    mutable.isInput = false;
    mutable.initial = undefined;
    mutable.constant = tensor;
    this.#constants.add(value);
    this.#changed();
  }

  // ---- outputs

  addOutput(
    value: Value,
    name = value.name,
    options: { declared?: ValueType | undefined; extra?: Extra | undefined } = {},
  ): GraphOutput {
    const output: GraphOutput = { name, declared: options.declared, value, extra: options.extra };
    this.#outputs.push(output);
    (value as MutableValue).outputCount++;
    this.#changed();
    return output;
  }

  /** Puts another value in the place of an output; its name and declared type stay. */
  setOutput(index: number, value: Value): void {
    const output = this.#outputs[index];
    if (output === undefined) refuse(`graph '${this.name}' has no output ${index}`, this.name);
    if (output.value === value) return;
    (output.value as MutableValue).outputCount--;
    (value as MutableValue).outputCount++;
    this.#outputs[index] = { ...output, value };
    this.#changed();
  }

  /** Gives an output another name, or another declared type; what it gives stays. */
  describeOutput(index: number, description: Partial<Pick<GraphOutput, 'name' | 'declared'>>): void {
    const output = this.#outputs[index];
    if (output === undefined) refuse(`graph '${this.name}' has no output ${index}`, this.name);
    this.#outputs[index] = { ...output, ...description };
    this.#changed();
  }

  removeOutput(index: number): void {
    const [output] = this.#outputs.splice(index, 1);
    if (output === undefined) refuse(`graph '${this.name}' has no output ${index}`, this.name);
    (output.value as MutableValue).outputCount--;
    this.#changed();
  }

  // ---- annotations

  /** Annotations whose value is still there. */
  get annotations(): readonly QuantizationAnnotation[] {
    return this.#annotations.filter(({ value }) => value.producer === undefined || value.producer.graph !== undefined);
  }

  /** States the quantization parameters of a value, which keeps them in the graph. */
  addAnnotation(value: Value, parameters: ReadonlyMap<string, Value>): void {
    this.#annotations.push({ value, parameters });
    for (const parameter of parameters.values()) (parameter as MutableValue).heldCount++;
    this.#changed();
  }

  // ---- nodes

  append(spec: NodeSpec): Node {
    return this.#insert(undefined, spec);
  }

  insertBefore(anchor: Node, spec: NodeSpec): Node {
    return this.#insert(this.#placeOf(anchor), spec);
  }

  insertAfter(anchor: Node, spec: NodeSpec): Node {
    return this.#insert(this.#placeOf(anchor).next, spec);
  }

  /** Moves a node to stand right before `anchor`, or to the end. The caller keeps the order topological. */
  move(node: Node, anchor: Node | undefined): void {
    const place = this.#placeOf(node);
    const before = anchor === undefined ? undefined : this.#placeOf(anchor);
    if (before === place) return;
    this.#nodes.remove(place);
    (node as MutableNode).place = this.#nodes.insertBefore(before, node);
    this.#changed();
  }

  /** Erases a node whose results nothing reads. */
  erase(node: Node): void {
    const place = this.#placeOf(node);
    for (const output of node.outputs) {
      if (output !== undefined && !isUnused(output)) {
        refuse(`${describeNode(node)} cannot be erased: its result '${output.name}' is still used`, describeNode(node));
      }
    }
    for (const graph of subgraphsOf(node)) graph.#release();
    const mutable = node as MutableNode;
    for (let index = 0; index < node.inputs.length; index++) unlink(mutable, index);
    this.#nodes.remove(place);
    mutable.place = undefined;
    mutable.graph = undefined;
    this.#changed();
  }

  /** Replaces one operand; `undefined` makes a hole, and an index one past the last operand adds one. */
  setInput(node: Node, index: number, value: Value | undefined): void {
    this.#placeOf(node);
    if (index < 0 || index > node.inputs.length) {
      refuse(
        `${describeNode(node)} has ${node.inputs.length} operands; there is no operand ${index}`,
        describeNode(node),
      );
    }
    if (index < node.inputs.length && node.inputs[index] === value) return;
    const mutable = node as MutableNode;
    unlink(mutable, index);
    link(mutable, index, value);
    this.#changed();
  }

  /** Drops operands from `length` on. */
  truncateInputs(node: Node, length: number): void {
    this.#placeOf(node);
    if (length >= node.inputs.length) return;
    const mutable = node as MutableNode;
    for (let index = length; index < node.inputs.length; index++) unlink(mutable, index);
    mutable.inputs.length = length;
    mutable.operandUses.length = length;
    this.#changed();
  }

  /** Sets an attribute, or removes it where `attribute` is absent. */
  setAttribute(node: Node, name: string, attribute: Attribute | undefined): void {
    this.#placeOf(node);
    const mutable = node as MutableNode;
    const old = mutable.attributes.get(name);
    if (old === attribute) return;
    if (attribute !== undefined) Graph.#attachAll(graphsIn(attribute), node);
    if (old !== undefined) for (const graph of graphsIn(old)) graph.#release();
    if (attribute === undefined) mutable.attributes.delete(name);
    else mutable.attributes.set(name, attribute);
    this.#changed();
  }

  /**
   * Makes everything that reads `old` read `replacement`: operands here and in subgraphs, and graph outputs too when
   * `outputs` is set. Refuses where `old` is a graph output and `outputs` is not set.
   */
  replaceAllUses(old: Value, replacement: Value, options: { readonly outputs?: boolean } = {}): void {
    if (old === replacement) return;
    if (old.outputCount > 0 && options.outputs !== true) {
      refuse(
        `value '${old.name}' is a graph output; say { outputs: true } to put another value in its place`,
        old.name,
      );
    }
    for (const use of [...old.uses]) use.node.graph?.setInput(use.node, use.index, replacement);
    if (old.outputCount > 0) replaceInOutputs(old, replacement);
  }

  // ---- inside

  #insert(before: Place<Node> | undefined, spec: NodeSpec): Node {
    const attributes =
      spec.attributes instanceof Map ? new Map(spec.attributes) : new Map(Object.entries(spec.attributes ?? {}));
    const node: MutableNode = {
      graph: this,
      domain: spec.domain ?? '',
      op: spec.op,
      overload: spec.overload ?? '',
      name: spec.name ?? '',
      inputs: [],
      outputs: [],
      attributes,
      origin: spec.origin ?? NO_ORIGIN,
      extra: spec.extra,
      operandUses: [],
      place: undefined,
    };
    Graph.#attachAll(subgraphsOf(node), node);
    for (const [index, value] of spec.inputs.entries()) link(node, index, value);
    const outputs: readonly (OutputSpec | undefined)[] = spec.outputs ?? [{}];
    for (const output of outputs) {
      node.outputs.push(
        output === undefined
          ? undefined
          : newValue(this, {
              name: output.name ?? '',
              type: output.type,
              declared: output.declared,
              producer: node,
              extra: output.extra,
            }),
      );
    }
    node.place = this.#nodes.insertBefore(before, node);
    this.#changed();
    return node;
  }

  #placeOf(node: Node): Place<Node> {
    const { place } = node as MutableNode;
    if (node.graph !== this || place === undefined) {
      refuse(`${describeNode(node)} does not stand in graph '${this.name}'`, describeNode(node));
    }
    return place;
  }

  /** Gives graphs that belong to no node to one: all of them or, where one is refused, none. */
  static #attachAll(graphs: readonly Graph[], owner: Node): void {
    const seen = new Set<Graph>();
    for (const graph of graphs) {
      const other = graph.#owner ?? (seen.has(graph) ? owner : undefined);
      if (other !== undefined) refuse(`graph '${graph.name}' already belongs to ${describeNode(other)}`, graph.name);
      seen.add(graph);
    }
    for (const graph of graphs) graph.#owner = owner;
  }

  /** Lets go of every outer value that this graph or one inside it reads; the graph is dead afterwards. */
  #release(): void {
    const pending: Graph[] = [this];
    for (let graph = pending.pop(); graph !== undefined; graph = pending.pop()) {
      graph.#owner = undefined;
      for (const output of graph.#outputs) (output.value as MutableValue).outputCount--;
      graph.#outputs.length = 0;
      for (const node of graph.nodes()) {
        for (let index = 0; index < node.inputs.length; index++) unlink(node as MutableNode, index);
        for (const inner of subgraphsOf(node)) pending.push(inner);
      }
    }
  }

  #changed(): void {
    for (let graph: Graph | undefined = this; graph !== undefined; graph = graph.#owner?.graph) {
      graph.#version++;
      graph.#structure++;
    }
  }

  #retyped(): void {
    for (let graph: Graph | undefined = this; graph !== undefined; graph = graph.#owner?.graph) graph.#version++;
  }
}

/** The graphs that a node's attributes hold: branches, loop bodies. */
export function subgraphsOf(node: Node): readonly Graph[] {
  let graphs: Graph[] | undefined;
  for (const attribute of node.attributes.values()) {
    if (attribute.kind !== 'graph' && attribute.kind !== 'graphs') continue;
    graphs ??= [];
    graphs.push(...graphsIn(attribute));
  }
  return graphs ?? NO_GRAPHS;
}

/** Nearly every node has none, and every walk asks. */
const NO_GRAPHS: readonly Graph[] = [];

function newValue(graph: Graph, fields: Partial<Value>): Value {
  const value: MutableValue = {
    graph,
    name: '',
    type: undefined,
    declared: undefined,
    constant: undefined,
    initial: undefined,
    sparse: undefined,
    producer: undefined,
    isInput: false,
    outputCount: 0,
    heldCount: 0,
    extra: undefined,
    ...fields,
    uses: new Set<Use>(),
  };
  return value;
}

function link(node: MutableNode, index: number, value: Value | undefined): void {
  node.inputs[index] = value;
  const use = value === undefined ? undefined : { node, index };
  node.operandUses[index] = use;
  if (value !== undefined && use !== undefined) (value as MutableValue).uses.add(use);
}

function unlink(node: MutableNode, index: number): void {
  const use = node.operandUses[index];
  const value = node.inputs[index];
  if (use !== undefined && value !== undefined) (value as MutableValue).uses.delete(use);
  node.operandUses[index] = undefined;
  node.inputs[index] = undefined;
}

/** Outputs of the value's own graph and of every subgraph inside it may name it. */
function replaceInOutputs(old: Value, replacement: Value): void {
  const pending: Graph[] = [old.graph];
  for (let graph = pending.pop(); graph !== undefined && old.outputCount > 0; graph = pending.pop()) {
    for (let index = 0; index < graph.outputs.length; index++) {
      if (graph.outputs[index]?.value === old) graph.setOutput(index, replacement);
    }
    for (const node of graph.nodes()) for (const inner of subgraphsOf(node)) pending.push(inner);
  }
}

function refuse(message: string, at: string): never {
  fail({ code: 'ir-refused', message, at, hint: 'This is a fault in the calling pass; report it with the model.' });
}
