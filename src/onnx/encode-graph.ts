import type { Attribute } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import type { GraphNames } from '../ir/name-graphs.ts';
import type { Node } from '../ir/node.ts';
import type { GraphOutput, Value } from '../ir/value.ts';
import type { ValueType } from '../ir/value-type.ts';
import { contradicts } from '../ops/infer/contradicts.ts';
import { ATTRIBUTE_KINDS } from './decode-attribute.ts';
import { type PlaceTensor, placeInline, sparseTensorToProto, tensorToProto } from './encode-tensor.ts';
import { typeToProto } from './encode-type.ts';
import { extraFields, stringEntries } from './extras.ts';
import type { Proto } from './schema.ts';
import { type ReaderKnowledge, resultsToState } from './stated-types.ts';

/** What a graph is written with. */
export interface EncodeContext {
  readonly names: ReadonlyMap<Graph, GraphNames>;
  readonly place: PlaceTensor;
  /** Whether initializers are listed as inputs too, as models before IR version 4 must. */
  readonly listInitializers: boolean;
  /**
   * Whether types of all values between inputs and outputs are written, or only those that runtimes cannot be expected
   * to infer; and whether what nodes carry beside their meaning is.
   */
  readonly debugInfo: boolean;
  readonly reader: ReaderKnowledge;
}

/** The message of a graph. */
export function graphToProto(graph: Graph, context: EncodeContext): Proto<'GraphProto'> {
  const names = context.names.get(graph)!;
  const nameOf = (value: Value) => names.values.get(value)!;
  const constants = [...graph.constants()];
  const dense = [...constants, ...graph.inputs].filter((value) => (value.constant ?? value.initial) !== undefined);
  const listed = context.listInitializers ? constants : [];
  return {
    node: [...Array.from(graph.nodes(), (node) => nodeToProto(node, names, context)), ...bridgesToProto(names)],
    name: graph.name,
    initializer: dense.map((value) => tensorToProto((value.constant ?? value.initial)!, context.place, nameOf(value))),
    sparseInitializer: constants.flatMap((value) =>
      value.sparse === undefined ? [] : [sparseTensorToProto(value.sparse, context.place, nameOf(value))],
    ),
    input: [...graph.inputs, ...listed].map((value) =>
      valueInfo(nameOf(value), value.isInput ? value.type : (value.declared ?? value.type), value),
    ),
    output: graph.outputs.map((output, index) => valueInfo(names.outputs[index]!, writtenType(output, graph), output)),
    valueInfo: context.debugInfo
      ? valueInfos(graph, names, { constantsListed: context.listInitializers })
      : neededInfos(graph, names, context.reader),
    quantizationAnnotation: graph.annotations.map(({ value, parameters }) => ({
      tensorName: nameOf(value),
      quantParameterTensorNames: stringEntries(
        Array.from(parameters, ([key, parameter]) => [key, nameOf(parameter)] as const),
      ),
    })),
    ...extraFields(graph.extra),
  };
}

/** The message of a function, whose constants are nodes because a function has no initializers. */
export function functionBodyToProto(
  graph: Graph,
  context: EncodeContext,
): Pick<Proto<'FunctionProto'>, 'node' | 'input' | 'output' | 'valueInfo'> {
  const names = context.names.get(graph)!;
  const constants = Array.from(graph.constants(), (value) => constantNode(value, names));
  return {
    input: graph.inputs.map((value) => names.values.get(value)!),
    output: names.outputs,
    node: [
      ...constants,
      ...Array.from(graph.nodes(), (node) => nodeToProto(node, names, context)),
      ...bridgesToProto(names),
    ],
    valueInfo: valueInfos(graph, names, { ofFunction: true }),
  };
}

export function attributeToProto(name: string, attribute: Attribute, context: EncodeContext): Proto<'AttributeProto'> {
  const { docString, unknown } = extraFields(attribute.extra);
  const kind = attribute.kind === 'reference' ? attribute.of : attribute.kind;
  const { type, field } = ATTRIBUTE_KINDS[kind];
  const value =
    attribute.kind === 'reference' ? { refAttrName: attribute.value } : { [field]: fieldValue(attribute, context) };
  return { name, type, docString, unknown, ...value };
}

function fieldValue(attribute: Exclude<Attribute, { kind: 'reference' }>, context: EncodeContext): unknown {
  switch (attribute.kind) {
    case 'float':
    case 'int':
    case 'string':
    case 'floats':
    case 'ints':
    case 'strings':
      return attribute.value;
    // Runtimes look for external data of initializers only, so a tensor in an attribute stays with the message.
    case 'tensor':
      return tensorToProto(attribute.value, placeInline);
    case 'tensors':
      return attribute.value.map((tensor) => tensorToProto(tensor, placeInline));
    case 'sparse-tensor':
      return sparseTensorToProto(attribute.value, placeInline);
    case 'sparse-tensors':
      return attribute.value.map((tensor) => sparseTensorToProto(tensor, placeInline));
    case 'graph':
      return graphToProto(attribute.value, context);
    case 'graphs':
      return attribute.value.map((graph) => graphToProto(graph, context));
    case 'type':
      return typeToProto(attribute.value);
    case 'types':
      return attribute.value.map(typeToProto);
  }
}

function nodeToProto(node: Node, names: GraphNames, context: EncodeContext): Proto<'NodeProto'> {
  const nameOf = (value: Value | undefined) => (value === undefined ? '' : names.values.get(value)!);
  return {
    input: node.inputs.map(nameOf),
    output: node.outputs.map(nameOf),
    name: names.nodes.get(node) || undefined,
    opType: node.op,
    domain: node.domain || undefined,
    overload: node.overload || undefined,
    attribute: Array.from(node.attributes, ([name, attribute]) => attributeToProto(name, attribute, context)),
    ...extraFields(node.extra, context.debugInfo),
  };
}

function bridgesToProto({ bridges, values }: GraphNames): Proto<'NodeProto'>[] {
  return bridges.map(({ from, name }) => ({ opType: 'Identity', input: [values.get(from)!], output: [name] }));
}

function constantNode(value: Value, names: GraphNames): Proto<'NodeProto'> {
  const tensor = value.constant ?? value.initial;
  const attribute: Proto<'AttributeProto'> =
    tensor !== undefined
      ? { name: 'value', type: ATTRIBUTE_KINDS.tensor.type, t: tensorToProto(tensor, placeInline) }
      : {
          name: 'sparse_value',
          type: ATTRIBUTE_KINDS['sparse-tensor'].type,
          sparseTensor: sparseTensorToProto(value.sparse!, placeInline),
        };
  return { opType: 'Constant', output: [names.values.get(value)!], attribute: [attribute] };
}

/** Types of the values between: proven ones before the file's claims. An output's own is with the output. */
function valueInfos(
  graph: Graph,
  names: GraphNames,
  {
    constantsListed = false,
    ofFunction = false,
  }: { readonly constantsListed?: boolean; readonly ofFunction?: boolean },
): Proto<'ValueInfoProto'>[] {
  const infos: Proto<'ValueInfoProto'>[] = [];
  const outputs = new Set(names.outputs);
  const add = (value: Value, type: ValueType | undefined) => {
    if (type !== undefined || value.extra !== undefined) infos.push(valueInfo(names.values.get(value)!, type, value));
  };
  for (const value of ofFunction ? graph.inputs : []) add(value, value.type ?? value.declared);
  if (!constantsListed) for (const value of graph.constants()) add(value, value.declared);
  for (const node of graph.nodes()) {
    for (const value of node.outputs) {
      if (value === undefined) continue;
      if (outputs.has(names.values.get(value)!)) add(value, value.declared);
      else add(value, value.type ?? value.declared);
    }
  }
  return infos;
}

/** Types of the values between that a runtime may not infer, without which it fuses less. */
function neededInfos(graph: Graph, names: GraphNames, reader: ReaderKnowledge): Proto<'ValueInfoProto'>[] {
  const outputs = new Set(names.outputs);
  return [...graph.nodes()]
    .flatMap((node) => resultsToState(node, reader))
    .map((value) => ({ name: names.values.get(value)!, type: typeToProto(value.type!) }))
    .filter(({ name }) => !outputs.has(name));
}

/**
 * The type of an output as the file states it: its declared one, which belongs to the interface. Of a body, whose outputs
 * nobody outside sees, not where that contradicts what is proven: runtimes refuse such files.
 */
function writtenType({ declared, value }: GraphOutput, { owner }: Graph): ValueType | undefined {
  const known = value.type ?? value.declared;
  if (declared === undefined || known === undefined) return declared ?? known;
  return owner !== undefined && contradicts(declared, known) ? known : declared;
}

function valueInfo(name: string, type: ValueType | undefined, { extra }: Value | GraphOutput): Proto<'ValueInfoProto'> {
  return { name, type: type === undefined ? undefined : typeToProto(type), ...extraFields(extra) };
}
