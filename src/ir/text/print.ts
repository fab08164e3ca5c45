import type { Graph } from '../graph.ts';
import type { FunctionDef, Model } from '../model.ts';
import { nameGraphs } from '../name-graphs.ts';
import { enclosing } from '../walk.ts';
import { type PrintContext, printAttribute, printGraphBody } from './print-graph.ts';
import { printString } from './print-literal.ts';
import { printIdentifier } from './print-type.ts';

export interface PrintOptions {
  /** Leaves out the elements of tensors and lists with more than so many; such a text cannot be parsed. Default: none. */
  readonly elideAbove?: number;
}

/**
 * A model in ONNX's textual syntax (onnx/docs/Syntax.md), names as the ONNX writer would give them.
 *
 * `parseModel` reads it back to an equal model but for what the syntax has no place for: documentation, metadata and
 * unknown fields of parts other than the model, names of sparse indices, denotations, annotations, training information;
 * proven types come back as declared ones. Beyond the syntax of ONNX there are
 *
 * - `float[N] Y = h` in a list of outputs: the output Y is the value h;
 * - `updatable float[2] w = {…}`: a weight that a training graph changes;
 * - `hex"00ff"` for strings that are not UTF-8, and as the only element for a tensor whose bytes it gives;
 * - `sparse_tensor(float[9]) {float[1] {2.0}, int64[1] {4}}`: values and indices of a sparse tensor;
 * - lists of tensors, graphs and types as attribute values, empty types (`seq()`), quoted parts of qualified names,
 *   constants in functions.
 */
export function printModel(model: Model, options: PrintOptions = {}): string {
  const header = [
    `ir_version: ${model.irVersion}`,
    `opset_import: ${printImports(model.opsetImports)}`,
    ...(['producerName', 'producerVersion', 'domain'] as const).flatMap((field) =>
      model[field] === ''
        ? []
        : [`${field.replace(/[A-Z]/, (letter) => `_${letter.toLowerCase()}`)}: ${printString(model[field])}`],
    ),
    ...(model.modelVersion === 0n ? [] : [`model_version: ${model.modelVersion}`]),
    ...(model.extra?.doc === undefined ? [] : [`doc_string: ${printString(model.extra.doc)}`]),
    ...(model.extra?.metadata === undefined ? [] : [`metadata_props: ${printPairs(model.extra.metadata)}`]),
  ];
  const parts = [`<\n  ${header.join(',\n  ')}\n>\n${printGraph(model.graph, options)}`];
  for (const definition of model.functions) parts.push(printFunction(definition, options));
  return parts.join('\n');
}

/** A graph in the same syntax; a subgraph is shown with the names that it has inside its model. */
export function printGraph(graph: Graph, options: PrintOptions = {}): string {
  const root = [...enclosing(graph)].at(-1) ?? graph;
  const context: PrintContext = { names: nameGraphs(root), elideAbove: options.elideAbove };
  return `${printIdentifier(graph.name)} ${printGraphBody(graph, context, '')}\n`;
}

function printFunction(definition: FunctionDef, options: PrintOptions): string {
  const { domain, overload, name, graph, attributeNames, attributeDefaults } = definition;
  const context: PrintContext = { names: nameGraphs(graph), elideAbove: options.elideAbove };
  const header = [
    `domain: ${printString(domain)}`,
    ...(overload === '' ? [] : [`overload: ${printString(overload)}`]),
    `opset_import: ${printImports(definition.opsetImports)}`,
  ];
  const attributes = [
    ...attributeNames.map(printIdentifier),
    ...Array.from(attributeDefaults, ([key, attribute]) => printAttribute(key, attribute, context, '')),
  ];
  const list = attributes.length === 0 ? '' : `<${attributes.join(', ')}> `;
  return `<\n  ${header.join(',\n  ')}\n>\n${printIdentifier(name)} ${list}${printGraphBody(graph, context, '')}\n`;
}

function printImports(imports: ReadonlyMap<string, number>): string {
  return `[${Array.from(imports, ([domain, version]) => `${printString(domain)} : ${version}`).join(', ')}]`;
}

function printPairs(pairs: ReadonlyMap<string, string>): string {
  return `[${Array.from(pairs, ([key, value]) => `${printString(key)}: ${printString(value)}`).join(', ')}]`;
}
