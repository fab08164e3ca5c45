import { copyAttribute } from '../../ir/copy-attribute.ts';
import { Graph } from '../../ir/graph.ts';
import type { Model } from '../../ir/model.ts';
import type { Value } from '../../ir/value.ts';
import { type TensorType, tensorType, type ValueType } from '../../ir/value-type.ts';
import type { Cut, CutModel } from './cut-model.ts';

/** A piece of a model as a model of its own, and how it hangs together with the others. */
export interface ModelPart {
  readonly model: Model;
  /** Names of what it takes: inputs of the whole model, and outputs of parts before it. */
  readonly inputs: readonly string[];
  /** Names of what it gives to later parts. */
  readonly passesOn: readonly string[];
  /** Names of the whole model's outputs that it computes. */
  readonly outputs: readonly string[];
}

/** The parts of a cut model as models that share its weights; what crosses from one to the other has one name in both. */
export function buildParts(model: Model, { cuts, typeOf }: CutModel): readonly ModelPart[] {
  const taken = new Set([...model.graph.inputs, ...model.graph.outputs].map(({ name }) => name));
  const names = new Map<Value, string>();
  for (const value of cuts.flatMap((cut) => cut.passesOn)) {
    let name = `crossing_${names.size}`;
    while (taken.has(name)) name += '_';
    names.set(value, name);
  }
  return cuts.map((cut, index) => buildPart(model, cut, { names, typeOf, first: index === 0 }));
}

interface PartContext {
  /** Names of the values that cross from one part to another. */
  readonly names: ReadonlyMap<Value, string>;
  readonly typeOf: (value: Value) => ValueType | undefined;
  /** The first part also gives the outputs that no node computes. */
  readonly first: boolean;
}

function buildPart(model: Model, cut: Cut, { names, typeOf, first }: PartContext): ModelPart {
  const graph = new Graph(model.graph.name);
  const given = model.graph.outputs.filter(({ value }) =>
    value.producer === undefined ? first : cut.nodes.includes(value.producer),
  );
  const values = new Map<Value, Value>();
  const outside = new Set([...cut.reads, ...given.map(({ value }) => value).filter((value) => !value.producer)]);
  for (const value of outside) values.set(value, takeIn(graph, value, names.get(value), typeOf(value)));
  for (const node of cut.nodes) {
    const copy = graph.append({
      op: node.op,
      domain: node.domain,
      overload: node.overload,
      name: node.name,
      inputs: node.inputs.map((value) => value && (values.get(value) ?? value)),
      outputs: node.outputs,
      attributes: new Map(Array.from(node.attributes, ([name, value]) => [name, copyAttribute(value, values)])),
      origin: node.origin,
      extra: node.extra,
    });
    for (const [i, value] of node.outputs.entries()) if (value !== undefined) values.set(value, copy.outputs[i]!);
  }
  for (const value of cut.passesOn) {
    graph.addOutput(values.get(value)!, names.get(value)!, { declared: boundaryType(typeOf(value)) });
  }
  for (const { name, declared, value } of given) graph.addOutput(values.get(value)!, name, { declared });
  return {
    model: { ...model, graph, trainingInfo: [] },
    inputs: graph.inputs.filter(({ initial }) => initial === undefined).map(({ name }) => name),
    passesOn: cut.passesOn.map((value) => names.get(value)!),
    outputs: given.map(({ name }) => name),
  };
}

/** A value from outside of a part as the part's own: a constant as it is, everything else as an input. */
function takeIn(graph: Graph, value: Value, crossing: string | undefined, type: ValueType | undefined): Value {
  if (value.sparse !== undefined) return graph.addSparseConstant(value.sparse, value.name, value.extra);
  if (value.isInput) {
    return graph.addInput(value.name, value.type, { ...(value.initial && { initial: value.initial }) });
  }
  const tensor = value.constant ?? value.initial;
  if (tensor !== undefined) return graph.addConstant(tensor, value.name, { declared: value.declared });
  return graph.addInput(crossing ?? value.name, boundaryType(type));
}

/** The type of what crosses, with the sizes that are proven numbers: symbols mean nothing across models. */
function boundaryType(type: ValueType | undefined): TensorType | undefined {
  if (type?.kind !== 'tensor') return undefined;
  return tensorType(
    type.dtype,
    type.shape?.map((dim) => (typeof dim === 'number' ? dim : undefined)),
  );
}
