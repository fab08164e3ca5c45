import type { Attribute } from '../attribute.ts';
import type { Graph } from '../graph.ts';
import type { GraphNames } from '../name-graphs.ts';
import type { Node } from '../node.ts';
import type { Value } from '../value.ts';
import { printBytes, printFloat32 } from './print-literal.ts';
import { type ElideAbove, printElements, printSparseParts, printSparseType, printTensor } from './print-tensor.ts';
import { printIdentifier, printQualified, printType } from './print-type.ts';

export interface PrintContext {
  readonly names: ReadonlyMap<Graph, GraphNames>;
  readonly elideAbove: ElideAbove;
}

/** A graph after its name: interface, constants and types, nodes. `indent` stands before each line but the first. */
export function printGraphBody(graph: Graph, context: PrintContext, indent: string): string {
  const names = context.names.get(graph)!;
  const nameOf = (value: Value) => printIdentifier(names.values.get(value)!);
  const inputs = graph.inputs.map((value) => {
    const initial = value.initial === undefined ? '' : ` = ${printElements(value.initial, context.elideAbove)}`;
    const type = value.type ?? value.declared;
    return `${type === undefined ? '' : `${printType(type)} `}${nameOf(value)}${initial}`;
  });
  const outputs = graph.outputs.map(({ declared, value }, index) => {
    const name = names.outputs[index]!;
    const type = declared === undefined ? '' : `${printType(declared)} `;
    return `${type}${printIdentifier(name)}${names.values.get(value) === name ? '' : ` = ${nameOf(value)}`}`;
  });
  const inner = `${indent}  `;
  const between = [...constantLines(graph, nameOf, context), ...claimLines(graph, names, nameOf)];
  const list = between.length === 0 ? '' : ` <\n${between.map((line) => `${inner}${line}`).join(',\n')}\n${indent}>`;
  const nodes = Array.from(graph.nodes(), (node) => `${inner}${printNode(node, names, context, inner)}\n`);
  return `(${inputs.join(', ')}) => (${outputs.join(', ')})${list} {\n${nodes.join('')}${indent}}`;
}

export function printAttribute(name: string, attribute: Attribute, context: PrintContext, indent: string): string {
  const label = printIdentifier(name);
  if (attribute.kind === 'reference')
    return `${label}: ${KIND_WORDS[attribute.of]} = @${printIdentifier(attribute.value)}`;
  const list = Array.isArray(attribute.value);
  const typed = list && attribute.value.length === 0 ? `: ${KIND_WORDS[attribute.kind]}` : '';
  return `${label}${typed} = ${printValue(attribute, context, indent)}`;
}

/** The words for kinds of attributes, after `AttributeProto.AttributeType`. */
export const KIND_WORDS: Readonly<Record<Exclude<Attribute['kind'], 'reference'>, string>> = {
  float: 'float',
  int: 'int',
  string: 'string',
  tensor: 'tensor',
  graph: 'graph',
  'sparse-tensor': 'sparse_tensor',
  type: 'type_proto',
  floats: 'floats',
  ints: 'ints',
  strings: 'strings',
  tensors: 'tensors',
  graphs: 'graphs',
  'sparse-tensors': 'sparse_tensors',
  types: 'type_protos',
};

function printValue(
  attribute: Exclude<Attribute, { kind: 'reference' }>,
  context: PrintContext,
  indent: string,
): string {
  const { elideAbove } = context;
  const list = (parts: readonly string[]) => {
    if (elideAbove !== undefined && parts.length > elideAbove) return `[ ... ${parts.length} values ]`;
    return `[${parts.join(', ')}]`;
  };
  const tensor = (value: Parameters<typeof printTensor>[0]) =>
    printTensor(value, value.name ? printIdentifier(value.name) : '', elideAbove);
  const graph = (value: Graph) => `${printIdentifier(value.name)} ${printGraphBody(value, context, indent)}`;
  const sparse = (value: Parameters<typeof printSparseParts>[0]) =>
    `${printSparseType(value)} ${printSparseParts(value, elideAbove)}`;
  switch (attribute.kind) {
    case 'float':
      return printFloat32(attribute.value);
    case 'int':
      return String(attribute.value);
    case 'string':
      return printBytes(attribute.value);
    case 'tensor':
      return tensor(attribute.value);
    case 'graph':
      return graph(attribute.value);
    case 'sparse-tensor':
      return sparse(attribute.value);
    case 'type':
      return printType(attribute.value);
    case 'floats':
      return list(attribute.value.map(printFloat32));
    case 'ints':
      return list(attribute.value.map(String));
    case 'strings':
      return list(attribute.value.map(printBytes));
    case 'tensors':
      return list(attribute.value.map(tensor));
    case 'graphs':
      return list(attribute.value.map(graph));
    case 'sparse-tensors':
      return list(attribute.value.map(sparse));
    case 'types':
      return list(attribute.value.map(printType));
  }
}

function printNode(node: Node, names: GraphNames, context: PrintContext, indent: string): string {
  const nameOf = (value: Value | undefined) => (value === undefined ? '""' : printIdentifier(names.values.get(value)!));
  const label = names.nodes.get(node);
  const outputs = node.outputs.map(nameOf).join(', ');
  const operator = `${node.domain === '' ? '' : `${printQualified(node.domain)}.`}${printIdentifier(node.op)}`;
  const overload = node.overload === '' ? '' : `:${printIdentifier(node.overload)}`;
  const attributes = Array.from(node.attributes, ([name, attribute]) =>
    printAttribute(name, attribute, context, indent),
  );
  const list = attributes.length === 0 ? '' : ` <${attributes.join(', ')}>`;
  const operands = ` (${node.inputs.map(nameOf).join(', ')})`;
  const nested = Array.from(node.attributes.values()).some(({ kind }) => kind === 'graph' || kind === 'graphs');
  const call = nested ? `${operands}${list}` : `${list}${operands}`;
  return `${label ? `[${printIdentifier(label)}] ` : ''}${outputs}${outputs && ' '}= ${operator}${overload}${call}`;
}

function constantLines(graph: Graph, nameOf: (value: Value) => string, { elideAbove }: PrintContext): string[] {
  return Array.from(graph.constants(), (value) => {
    const name = nameOf(value);
    if (value.sparse !== undefined)
      return `${printSparseType(value.sparse)} ${name} = ${printSparseParts(value.sparse, elideAbove)}`;
    const tensor = (value.constant ?? value.initial)!;
    const type = printType({ kind: 'tensor', dtype: tensor.dtype, shape: tensor.dims });
    return `${value.constant === undefined ? 'updatable ' : ''}${type} ${name} = ${printElements(tensor, elideAbove)}`;
  });
}

/** What is known of the types of results, an output's own aside, and claimed of those of constants. */
function claimLines(graph: Graph, names: GraphNames, nameOf: (value: Value) => string): string[] {
  const outputs = new Set(names.outputs);
  const lines: string[] = [];
  for (const value of graph.constants()) {
    if (value.declared !== undefined) lines.push(`${printType(value.declared)} ${nameOf(value)}`);
  }
  for (const node of graph.nodes()) {
    for (const value of node.outputs) {
      if (value === undefined) continue;
      const type = outputs.has(names.values.get(value)!) ? value.declared : (value.type ?? value.declared);
      if (type !== undefined) lines.push(`${printType(type)} ${nameOf(value)}`);
    }
  }
  return lines;
}
