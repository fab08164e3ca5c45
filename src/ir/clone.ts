import type { Attribute } from './attribute.ts';
import { Graph } from './graph.ts';
import type { FunctionDef, Model } from './model.ts';
import type { NodeSpec } from './node.ts';
import type { Value } from './value.ts';

/** A copy of a model, and which value of the copy stands for which of the original. */
export interface ModelClone {
  readonly model: Model;
  readonly values: ReadonlyMap<Value, Value>;
}

/** A copy of a graph, and which value of the copy stands for which of the original. */
export interface GraphClone {
  readonly graph: Graph;
  readonly values: Map<Value, Value>;
}

/**
 * Copies a model with its graphs and functions. Tensors, types and attribute values are immutable and shared; changing
 * either model leaves the other as it is.
 */
export function cloneModel(model: Model): ModelClone {
  const values = new Map<Value, Value>();
  const copyOf = (graph: Graph) => copyGraph(graph, values);
  const functions = model.functions.map(
    (definition): FunctionDef => ({
      ...definition,
      graph: copyOf(definition.graph),
      attributeDefaults: new Map(
        Array.from(definition.attributeDefaults, ([name, value]) => [name, copyAttribute(value, copyOf)]),
      ),
      opsetImports: new Map(definition.opsetImports),
    }),
  );
  const graph = copyOf(model.graph);
  return { model: { ...model, graph, functions, opsetImports: new Map(model.opsetImports) }, values };
}

/**
 * Copies a graph and those inside it. Values of graphs around it are used by the copy as well, unless `outer` says which
 * value to use in the place of one.
 */
export function cloneGraph(graph: Graph, outer: ReadonlyMap<Value, Value> = new Map()): GraphClone {
  const values = new Map(outer);
  return { graph: copyGraph(graph, values), values };
}

/** The recursion follows the nesting of subgraphs, which the readers bound. */
function copyGraph(source: Graph, values: Map<Value, Value>): Graph {
  const graph = new Graph(source.name, source.extra);
  graph.keepTensor = source.keepTensor;
  const inCopy = (value: Value): Value => values.get(value) ?? value;
  for (const input of source.inputs) {
    const initial = input.initial === undefined ? {} : { initial: input.initial };
    const copy = graph.addInput(input.name, input.type, { ...initial, extra: input.extra });
    if (input.declared !== undefined) graph.setDeclared(copy, input.declared);
    values.set(input, copy);
  }
  for (const constant of source.constants()) values.set(constant, copyConstant(graph, constant));
  for (const node of source.nodes()) {
    const spec: NodeSpec = {
      op: node.op,
      domain: node.domain,
      overload: node.overload,
      name: node.name,
      inputs: node.inputs.map((value) => value && inCopy(value)),
      outputs: node.outputs,
      attributes: new Map(
        Array.from(node.attributes, ([name, value]) => [
          name,
          copyAttribute(value, (inner) => copyGraph(inner, values)),
        ]),
      ),
      origin: node.origin,
      extra: node.extra,
    };
    const copy = graph.append(spec);
    for (const [index, value] of node.outputs.entries())
      if (value !== undefined) values.set(value, copy.outputs[index]!);
  }
  for (const { name, declared, value, extra } of source.outputs)
    graph.addOutput(inCopy(value), name, { declared, extra });
  for (const { value, parameters } of source.annotations) {
    graph.addAnnotation(inCopy(value), new Map(Array.from(parameters, ([key, parameter]) => [key, inCopy(parameter)])));
  }
  return graph;
}

function copyConstant(graph: Graph, value: Value): Value {
  if (value.sparse !== undefined) return graph.addSparseConstant(value.sparse, value.name, value.extra);
  const copy = graph.addConstant((value.constant ?? value.initial)!, value.name, {
    updatable: value.constant === undefined,
    declared: value.declared,
    extra: value.extra,
  });
  return copy;
}

function copyAttribute(attribute: Attribute, copyOf: (graph: Graph) => Graph): Attribute {
  if (attribute.kind === 'graph') return { ...attribute, value: copyOf(attribute.value) };
  return attribute.kind === 'graphs' ? { ...attribute, value: attribute.value.map(copyOf) } : attribute;
}
