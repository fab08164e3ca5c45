import { type Reporter, warning } from '../diagnostics/diagnostic.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { Attribute } from '../ir/attribute.ts';
import { Graph } from '../ir/graph.ts';
import type { OutputSpec } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { attributeFromProto } from './decode-attribute.ts';
import { sparseTensorFromProto, tensorFromProto } from './decode-tensor.ts';
import { typeFromProto } from './decode-type.ts';
import type { ExternalData } from './external-data.ts';
import { extraFrom } from './extras.ts';
import { duplicateName, orderNodes } from './node-order.ts';
import type { Proto } from './schema.ts';

type GraphProto = Proto<'GraphProto'>;
type ValueInfo = Proto<'ValueInfoProto'>;

/** What a graph of a model is read with. */
export interface GraphContext {
  readonly irVersion: number;
  readonly external: ExternalData;
  readonly report: Reporter;
  /** Initializers of the main graph that the model's training graph updates. */
  readonly updatable: ReadonlySet<string>;
  /** Collects the operator domains that nodes use, `''` for ai.onnx. */
  readonly domains: Set<string>;
}

/** From IR version 4 on an initializer that is also listed as an input is a default that a caller may override. */
const OVERRIDABLE_SINCE = 4;

/** The names that a graph can see: its own and, behind them, those of the graphs around it. */
interface Scope {
  readonly values: Map<string, Value>;
  readonly outer: Scope | undefined;
}

/**
 * A graph from its message, with the graphs inside its nodes.
 *
 * @throws ModelpressError `onnx-undefined-name`, `onnx-duplicate-name`, `onnx-cycle`, `onnx-no-operator`, `onnx-no-name`,
 * and those of tensors and attributes.
 */
export function graphFromProto(proto: GraphProto, context: GraphContext): Graph {
  return readGraph(proto, context, undefined);
}

/** The one domain that has two spellings. */
export function canonicalDomain(domain: string | undefined): string {
  return domain === undefined || domain === 'ai.onnx' ? '' : domain;
}

function readGraph(proto: GraphProto, context: GraphContext, outer: Scope | undefined): Graph {
  const graph = new Graph(proto.name ?? '', extraFrom(proto));
  const scope: Scope = { values: new Map(), outer };
  const claims = new Map((proto.valueInfo ?? []).map((info) => [info.name ?? '', info]));
  readInputsAndConstants(graph, proto, context, scope, claims);
  const { nodes, sorted } = orderNodes(proto.node ?? [], graph.name);
  if (sorted) {
    context.report(
      warning({
        code: 'onnx-unsorted',
        at: graph.name,
        message: `the nodes of graph '${graph.name}' were not in topological order and have been sorted`,
      }),
    );
  }
  for (const node of nodes) readNode(graph, node, context, scope, claims);
  for (const info of proto.output ?? []) {
    const name = info.name ?? '';
    const value = lookup(scope, name) ?? undefinedName(name, `an output of graph '${graph.name}'`);
    graph.addOutput(value, name, { declared: typeFromProto(info.type), extra: extraFrom(info) });
  }
  readAnnotations(graph, proto, scope);
  return graph;
}

function readInputsAndConstants(
  graph: Graph,
  proto: GraphProto,
  context: GraphContext,
  scope: Scope,
  claims: Map<string, ValueInfo>,
): void {
  const initializers = new Map<string, Proto<'TensorProto'>>();
  for (const tensor of proto.initializer ?? []) {
    const name = tensor.name ?? '';
    if (initializers.has(name)) {
      context.report(
        warning({
          code: 'onnx-duplicate-initializer',
          at: name,
          message: `graph '${graph.name}' holds initializer '${name}' more than once; the last one counts`,
        }),
      );
    }
    initializers.set(name, tensor);
  }
  const listed = new Map<string, ValueInfo>();
  for (const info of proto.input ?? []) {
    const name = info.name ?? '';
    if (name === '') withoutName('an input', graph);
    const tensor = initializers.get(name);
    if (tensor !== undefined && context.irVersion < OVERRIDABLE_SINCE) {
      listed.set(name, info);
      continue;
    }
    const initial = tensor === undefined ? {} : { initial: tensorFromProto(tensor, context.external) };
    const value = graph.addInput(name, typeFromProto(info.type), { ...initial, extra: extraFrom(info) });
    // Functions give the types of their inputs only in `value_info`.
    const claimed = typeFromProto(claims.get(name)?.type);
    if (claimed !== undefined) graph.setDeclared(value, claimed);
    define(graph, scope, value);
    initializers.delete(name);
  }
  for (const [name, tensor] of initializers) {
    const info = claims.get(name) ?? listed.get(name);
    const options = {
      updatable: scope.outer === undefined && context.updatable.has(name),
      declared: typeFromProto(info?.type),
      extra: info === undefined ? undefined : extraFrom(info),
    };
    define(graph, scope, graph.addConstant(tensorFromProto(tensor, context.external), name, options));
  }
  for (const sparse of proto.sparseInitializer ?? []) {
    const tensor = sparseTensorFromProto(sparse, context.external);
    const info = claims.get(tensor.values.name ?? '');
    define(
      graph,
      scope,
      graph.addSparseConstant(tensor, tensor.values.name, info === undefined ? undefined : extraFrom(info)),
    );
  }
}

function readNode(
  graph: Graph,
  proto: Proto<'NodeProto'>,
  context: GraphContext,
  scope: Scope,
  claims: Map<string, ValueInfo>,
): void {
  const domain = canonicalDomain(proto.domain);
  const op = proto.opType ?? '';
  const label = `${op} '${proto.name || proto.output?.[0] || ''}'`;
  if (op === '') withoutOperator(label, graph);
  context.domains.add(domain);
  const inner = { external: context.external, graph: (subgraph: GraphProto) => readGraph(subgraph, context, scope) };
  const attributes = new Map<string, Attribute>();
  for (const [name, attribute] of attributesByName(proto, label, context.report))
    attributes.set(name, attributeFromProto(attribute, inner, label));
  const inputs = (proto.input ?? []).map((name) =>
    name === '' ? undefined : (lookup(scope, name) ?? undefinedName(name, `an operand of ${label}`)),
  );
  const outputs = (proto.output ?? []).map((name) => (name === '' ? undefined : outputSpec(name, claims.get(name))));
  const node = graph.append({
    op,
    domain,
    overload: proto.overload ?? '',
    name: proto.name ?? '',
    inputs,
    outputs,
    attributes,
    extra: extraFrom(proto),
  });
  for (const value of node.outputs) if (value !== undefined) define(graph, scope, value);
}

/** The attributes of a node; one that stands twice is read once, so that no graph is left that belongs to no node. */
function attributesByName(
  proto: Proto<'NodeProto'>,
  label: string,
  report: Reporter,
): ReadonlyMap<string, Proto<'AttributeProto'>> {
  const found = new Map<string, Proto<'AttributeProto'>>();
  for (const attribute of proto.attribute ?? []) {
    const name = attribute.name ?? '';
    if (found.has(name)) {
      report(
        warning({
          code: 'onnx-duplicate-attribute',
          at: label,
          message: `${label} has attribute '${name}' more than once; the last one counts`,
        }),
      );
    }
    found.set(name, attribute);
  }
  return found;
}

function outputSpec(name: string, info: ValueInfo | undefined): OutputSpec {
  return info === undefined ? { name } : { name, declared: typeFromProto(info.type), extra: extraFrom(info) };
}

/** Annotations of values or with parameters that the graph does not hold say nothing and are left out. */
function readAnnotations(graph: Graph, proto: GraphProto, scope: Scope): void {
  for (const { tensorName = '', quantParameterTensorNames = [] } of proto.quantizationAnnotation ?? []) {
    const value = scope.values.get(tensorName);
    const parameters = new Map<string, Value>();
    for (const { key = '', value: name = '' } of quantParameterTensorNames) {
      const parameter = scope.values.get(name);
      if (parameter !== undefined) parameters.set(key, parameter);
    }
    if (value !== undefined && parameters.size === quantParameterTensorNames.length)
      graph.addAnnotation(value, parameters);
  }
}

function define(graph: Graph, scope: Scope, value: Value): void {
  if (scope.values.has(value.name)) duplicateName(value.name, graph.name);
  scope.values.set(value.name, value);
}

function lookup(scope: Scope, name: string): Value | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const value = at.values.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function withoutOperator(label: string, graph: Graph): never {
  return fail({
    code: 'onnx-no-operator',
    at: graph.name,
    message: `the node${label} of graph '${graph.name}' names no operator`,
    hint: 'The file is damaged; export the model again.',
  });
}

function withoutName(what: string, graph: Graph): never {
  return fail({
    code: 'onnx-no-name',
    at: graph.name,
    message: `${what} of graph '${graph.name}' has no name`,
    hint: 'The file is damaged; export the model again.',
  });
}

function undefinedName(name: string, what: string): never {
  return fail({
    code: 'onnx-undefined-name',
    at: name,
    message: `'${name}', ${what}, is no graph input, no initializer and no result of a node`,
    hint: 'Export the model again.',
  });
}
