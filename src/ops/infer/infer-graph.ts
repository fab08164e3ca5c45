import type { Attribute } from '../../ir/attribute.ts';
import type { Graph } from '../../ir/graph.ts';
import type { FunctionDef, Model } from '../../ir/model.ts';
import type { Node } from '../../ir/node.ts';
import type { Dim } from '../../ir/shape.ts';
import type { Value } from '../../ir/value.ts';
import { tensorType, type ValueType } from '../../ir/value-type.ts';
import { InferMemo } from './infer-memo.ts';
import { inferResults, type ResultFacts } from './infer-node.ts';
import { inputTypes } from './input-types.ts';
import type { InferContext } from './node-call.ts';
import { type SymbolicValue, valueOfTensor } from './symbolic-value.ts';
import { WindowRooms } from './window-rooms.ts';

/** What one forward sweep proves of a model's values, nested graphs included; function bodies are not. */
export interface ModelFacts {
  readonly types: ReadonlyMap<Value, ValueType>;
  /** Elements of small tensors that nodes compute, as far as they are known. */
  readonly values: ReadonlyMap<Value, SymbolicValue>;
}

/** Nested graphs and function calls inside one another that are followed; real models stay below ten. */
const MAX_DEPTH = 48;

/**
 * Nodes visited inside loop bodies and function calls, which are visited once per round and per call. A model beyond
 * it keeps what is known of its main graph, and nothing is said of its nested graphs.
 */
const MAX_NESTED_VISITS = 500_000;

/** What was proven of a model when it was last asked about; several passes in a row ask. */
interface Latest {
  readonly graph: Graph;
  readonly opsets: string;
  readonly memo: InferMemo;
  readonly rooms: WindowRooms;
  state: string;
  facts: ModelFacts | undefined;
}

const latest = new WeakMap<Model, Latest>();

/** What `model` proves of the values of its main graph and the graphs nested in it. */
export function inferGraph(graph: Graph, model: Model): ModelFacts {
  if (graph !== model.graph) return sweepOver(graph, model, new InferMemo(), new WindowRooms());
  const known = latestOf(model);
  const state = stateOf(model);
  if (known.facts !== undefined && known.state === state) return known.facts;
  known.facts = sweepOver(graph, model, known.memo, known.rooms);
  known.state = state;
  return known.facts;
}

/**
 * Says that the types just written to the model are those that `facts` proves: they stay true, although the model has
 * changed.
 */
export function keepFacts(model: Model, facts: ModelFacts): void {
  Object.assign(latestOf(model), { facts, state: stateOf(model) });
}

function latestOf(model: Model): Latest {
  const { graph } = model;
  const opsets = JSON.stringify([...model.opsetImports]);
  const known = latest.get(model);
  // A model that was taken back has another graph; after a change of opset nodes mean something else.
  if (known?.graph === graph && known.opsets === opsets) return known;
  const fresh: Latest = { graph, opsets, memo: new InferMemo(), rooms: new WindowRooms(), state: '', facts: undefined };
  latest.set(model, fresh);
  return fresh;
}

/** Differs between any two states of a model: a graph's version covers what is nested in it. */
function stateOf({ graph, functions }: Model): string {
  return [graph.version, ...functions.map((each) => each.graph.version)].join();
}

function sweepOver(graph: Graph, model: Model, memo: InferMemo, rooms: WindowRooms): ModelFacts {
  const budget = { visits: 0 };
  const functions = new Map(model.functions.map((each) => [functionKey(each.domain, each.name, each.overload), each]));
  const before = rooms.count;
  const frame = { functions, opsets: model.opsetImports, attributes: undefined, depth: 0, budget, rooms };
  let sweep = sweptOver(graph, { ...frame, memo });
  // Sizes are divided before the convolutions that tell their signs; what was followed without them is asked again.
  if (rooms.askedInVain && rooms.count > before) {
    memo.forget();
    sweep = sweptOver(graph, { ...frame, memo });
  }
  if (budget.visits <= MAX_NESTED_VISITS) return sweep;
  return { types: onlyOf(graph, sweep.types), values: onlyOf(graph, sweep.values) };
}

function sweptOver(graph: Graph, frame: Frame): Sweep {
  const sweep = new Sweep(frame);
  for (const [input, type] of inputTypes(graph)) sweep.types.set(input, type);
  sweep.run(graph);
  return sweep;
}

/** The elements of small tensors that `model` proves; constants are not listed, they hold their elements themselves. */
export function inferModel(model: Model): ReadonlyMap<Value, SymbolicValue> {
  return inferGraph(model.graph, model).values;
}

function onlyOf<T>(graph: Graph, facts: ReadonlyMap<Value, T>): Map<Value, T> {
  return new Map([...facts].filter(([value]) => value.graph === graph));
}

function functionKey(domain: string, name: string, overload: string): string {
  return JSON.stringify([domain, name, overload]);
}

interface Frame {
  readonly functions: ReadonlyMap<string, FunctionDef>;
  readonly opsets: ReadonlyMap<string, number>;
  /** Inside a function body: the attributes of the call. */
  readonly attributes: ReadonlyMap<string, Attribute> | undefined;
  readonly depth: number;
  readonly budget: { visits: number };
  /** Absent inside function bodies, where a node means something else for each call. */
  readonly memo: InferMemo | undefined;
  readonly rooms: WindowRooms;
}

/** One forward sweep over a graph, or over a function's body for one of its calls. */
class Sweep implements ModelFacts, InferContext {
  readonly types = new Map<Value, ValueType>();
  readonly values = new Map<Value, SymbolicValue>();
  readonly #frame: Frame;
  #depth: number;

  constructor(frame: Frame) {
    this.#frame = frame;
    this.#depth = frame.depth;
  }

  run(graph: Graph): void {
    for (const node of graph.nodes()) {
      if (this.#depth > 0 && ++this.#frame.budget.visits > MAX_NESTED_VISITS) return;
      const { types, values } = this.#resultsOf(node);
      for (const [i, output] of node.outputs.entries()) {
        if (output !== undefined) this.#learn(output, kept(output, types[i]), values[i]);
      }
    }
  }

  typeOf(value: Value): ValueType | undefined {
    if (value.constant !== undefined) return tensorType(value.constant.dtype, value.constant.dims);
    const known = this.types.get(value);
    // Weights that training may change keep their sizes; what inputs are has been learnt before.
    return known === undefined && value.producer === undefined && !value.isInput ? value.type : known;
  }

  valueOf(value: Value): SymbolicValue | undefined {
    return value.constant === undefined ? this.values.get(value) : valueOfTensor(value.constant);
  }

  learnRoom(room: Dim): void {
    // A branch or a loop's body may never run.
    if (this.#depth === 0) this.#frame.rooms.add(room);
  }

  readonly isSize = (value: Dim): boolean => this.#frame.rooms.isSize(value);

  opsetOf(domain: string): number {
    return this.#frame.opsets.get(domain) ?? 1;
  }

  resolve(attribute: Attribute): Attribute | undefined {
    return attribute.kind === 'reference' ? this.#frame.attributes?.get(attribute.value) : attribute;
  }

  inferBody(graph: Graph, inputs: readonly (ValueType | undefined)[]): readonly (ValueType | undefined)[] {
    if (this.#depth >= MAX_DEPTH || this.#frame.budget.visits > MAX_NESTED_VISITS)
      return graph.outputs.map(() => undefined);
    for (const [i, input] of graph.inputs.entries()) this.#learn(input, inputs[i], undefined);
    this.#depth++;
    this.run(graph);
    this.#depth--;
    if (this.#frame.budget.visits > MAX_NESTED_VISITS) return graph.outputs.map(() => undefined);
    return graph.outputs.map((output) => this.typeOf(output.value));
  }

  #learn(value: Value, type: ValueType | undefined, elements: SymbolicValue | undefined): void {
    if (type === undefined) this.types.delete(value);
    else this.types.set(value, type);
    if (elements === undefined) this.values.delete(value);
    else this.values.set(value, elements);
  }

  #resultsOf(node: Node): ResultFacts {
    const definition = this.#frame.functions.get(functionKey(node.domain, node.op, node.overload));
    if (definition !== undefined) return this.#call(node, definition);
    return this.#frame.memo?.resultsOf(node, this) ?? inferResults(node, this);
  }

  #call(node: Node, definition: FunctionDef): ResultFacts {
    const nothing = { types: node.outputs.map(() => undefined), values: [] };
    if (this.#depth >= MAX_DEPTH || this.#frame.budget.visits > MAX_NESTED_VISITS) return nothing;
    const attributes = new Map(definition.attributeDefaults);
    for (const [name, attribute] of node.attributes) {
      const resolved = this.resolve(attribute);
      if (resolved !== undefined) attributes.set(name, resolved);
    }
    const body = new Sweep({
      ...this.#frame,
      opsets: definition.opsetImports,
      attributes,
      depth: this.#depth + 1,
      memo: undefined,
    });
    for (const [i, input] of definition.graph.inputs.entries()) {
      const operand = node.inputs[i];
      if (operand !== undefined) body.#learn(input, this.typeOf(operand), this.valueOf(operand));
    }
    body.run(definition.graph);
    if (this.#frame.budget.visits > MAX_NESTED_VISITS) return nothing;
    const results = definition.graph.outputs.map((output) => output.value);
    return { types: results.map((value) => body.typeOf(value)), values: results.map((value) => body.valueOf(value)) };
  }
}

/** Where inference says nothing of a shape, what a pass has proven before still holds. */
function kept(value: Value, inferred: ValueType | undefined): ValueType | undefined {
  const { type } = value;
  if (inferred === undefined) return type;
  const refines =
    inferred.kind === 'tensor' &&
    inferred.shape === undefined &&
    type?.kind === 'tensor' &&
    type.dtype === inferred.dtype;
  return refines ? type : inferred;
}
