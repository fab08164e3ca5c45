import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { graphsIn } from './attribute.ts';
import { packedByteLength } from './dtype.ts';
import { Graph } from './graph.ts';
import type { Model } from './model.ts';
import { describeNode, type Node } from './node.ts';
import { elementCount, type Tensor } from './tensor.ts';
import type { Use, Value } from './value.ts';
import { enclosing, nodesWithin } from './walk.ts';

type Report = (code: string, at: string, message: string) => void;

/**
 * Every way in which a model or graph is not as the IR promises: values used before they are defined or outside of where
 * they can be seen, operands and uses that disagree, output slots and counts, subgraph ownership, the names of the
 * interface, attributes and constants that contradict themselves, and (for models) operator domains without an import.
 *
 * A subgraph is verified with the graphs around it. An empty answer means that the graph can be written, read and changed; it says nothing of operator semantics. Takes
 * time linear in the size of the graph.
 */
export function verify(subject: Model | Graph): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const report: Report = (code, at, message) => found.push({ code, severity: 'error', at, message });
  if (subject instanceof Graph) {
    verifyTree([...enclosing(subject)].at(-1) ?? subject, report);
    return found;
  }
  verifyTree(subject.graph, report);
  verifyImports(subject.graph, subject.opsetImports, 'the model', report);
  for (const { graph, opsetImports, name } of subject.functions) {
    verifyTree(graph, report);
    verifyImports(graph, opsetImports, `function '${name}'`, report);
  }
  return found;
}

/** A graph with those inside it. */
function verifyTree(root: Graph, report: Report): void {
  const defined = new Set<Value>();
  const outputCounts = new Map<Value, number>();
  const operands = new Map<Value, number>();
  verifyGraph(root, { defined, outputCounts, operands }, report);
  for (const value of defined) {
    const found = operands.get(value) ?? 0;
    if (value.uses.size !== found) {
      report('ir-uses', value.name, `value '${value.name}' lists ${value.uses.size} uses; ${found} operands read it`);
    }
    for (const use of value.uses) verifyUse(value, use, report);
    const count = outputCounts.get(value) ?? 0;
    if (value.outputCount !== count) {
      report(
        'ir-outputs',
        value.name,
        `value '${value.name}' counts ${value.outputCount} outputs; it stands in ${count}`,
      );
    }
  }
  interfaceNames(root, report);
}

interface Seen {
  readonly defined: Set<Value>;
  readonly outputCounts: Map<Value, number>;
  readonly operands: Map<Value, number>;
}

/** Walks in program order, so that what is not yet defined is used too early. The depth of subgraphs is bounded by the readers. */
function verifyGraph(graph: Graph, seen: Seen, report: Report): void {
  const define = (value: Value, producer: Node | undefined) => {
    if (seen.defined.has(value)) report('ir-defined-twice', value.name, `value '${value.name}' is defined twice`);
    if (value.graph !== graph)
      report('ir-value-graph', value.name, `value '${value.name}' stands in a graph that it does not belong to`);
    if (value.producer !== producer)
      report('ir-producer', value.name, `value '${value.name}' does not name the node that produces it`);
    seen.defined.add(value);
  };
  for (const input of graph.inputs) {
    define(input, undefined);
    if (!input.isInput) report('ir-input', input.name, `graph input '${input.name}' is not marked as one`);
    verifyTensor(input.initial, input.name, report);
  }
  for (const constant of graph.constants()) {
    define(constant, undefined);
    verifyTensor(constant.constant ?? constant.initial, constant.name, report);
    if ((constant.constant ?? constant.initial ?? constant.sparse) === undefined) {
      report('ir-constant', constant.name, `constant '${constant.name}' has no elements`);
    }
  }
  for (const node of graph.nodes()) verifyNode(graph, node, seen, define, report);
  for (const { name, value } of graph.outputs) {
    seen.outputCounts.set(value, (seen.outputCounts.get(value) ?? 0) + 1);
    if (!isVisible(value, graph, seen))
      report('ir-undefined', name, `output '${name}' of graph '${graph.name}' reads a value that is not there`);
  }
}

function verifyNode(
  graph: Graph,
  node: Node,
  seen: Seen,
  define: (value: Value, producer: Node) => void,
  report: Report,
): void {
  if (node.graph !== graph)
    tell(report, node, 'ir-node-graph', (label) => `${label} stands in a graph that it does not belong to`);
  if (node.op === '') tell(report, node, 'ir-operator', (label) => `${label} has no operator`);
  for (let index = 0; index < node.inputs.length; index++) {
    const input = node.inputs[index];
    if (input === undefined) continue;
    seen.operands.set(input, (seen.operands.get(input) ?? 0) + 1);
    if (!isVisible(input, graph, seen)) {
      tell(
        report,
        node,
        'ir-undefined',
        (label) => `${label} reads '${input.name}' (operand ${index}), which is not defined before it`,
      );
    }
  }
  for (const [name, attribute] of node.attributes) {
    if (name === '') tell(report, node, 'ir-attribute', (label) => `${label} has an attribute without a name`);
    if (attribute.kind === 'tensor') verifyTensor(attribute.value, `${describeNode(node)}.${name}`, report);
    if (attribute.kind === 'ints' && attribute.value.some((value) => typeof value !== 'bigint')) {
      tell(
        report,
        node,
        'ir-attribute',
        (label) => `attribute '${name}' of ${label} holds integers that are no bigints`,
      );
    }
    if (attribute.kind === 'int' && typeof attribute.value !== 'bigint') {
      tell(report, node, 'ir-attribute', (label) => `attribute '${name}' of ${label} is an integer that is no bigint`);
    }
    if (attribute.kind !== 'graph' && attribute.kind !== 'graphs') continue;
    for (const inner of graphsIn(attribute)) {
      if (inner.owner !== node)
        tell(
          report,
          node,
          'ir-owner',
          (label) => `the graph in attribute '${name}' of ${label} belongs to another node`,
        );
      verifyGraph(inner, seen, report);
    }
  }
  for (const output of node.outputs) if (output !== undefined) define(output, node);
}

/** Reports a problem of a node; what to call the node is worked out only then. */
function tell(report: Report, node: Node, code: string, words: (label: string) => string): void {
  const label = describeNode(node);
  report(code, label, words(label));
}

/** Whether a value is defined already, in this graph or in one around it. */
function isVisible(value: Value, graph: Graph, { defined }: Seen): boolean {
  if (!defined.has(value)) return false;
  if (value.graph === graph) return true;
  for (const around of enclosing(graph)) if (around === value.graph) return true;
  return false;
}

function verifyUse(value: Value, { node, index }: Use, report: Report): void {
  if (node.graph === undefined)
    report('ir-uses', value.name, `value '${value.name}' is used by ${describeNode(node)}, which was erased`);
  else if (node.inputs[index] !== value) {
    report(
      'ir-uses',
      value.name,
      `value '${value.name}' lists operand ${index} of ${describeNode(node)}, which reads something else`,
    );
  }
}

function verifyTensor(tensor: Tensor | undefined, at: string, report: Report): void {
  if (tensor === undefined) return;
  const { dtype, dims, storage } = tensor;
  const count = elementCount(dims);
  const whole = dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
  const [found, expected] =
    storage.kind === 'strings'
      ? [storage.values.length, count]
      : [storage.kind === 'bytes' ? storage.bytes.byteLength : storage.length, packedByteLength(dtype, count)];
  if (!whole || found !== expected)
    report(
      'ir-tensor',
      at,
      `${dtype}[${dims.join(',')}] of '${at}' takes ${expected} bytes or strings; it has ${found}`,
    );
}

/** Names that callers go by: those of the outermost graph's inputs and outputs. */
function interfaceNames(graph: Graph, report: Report): void {
  const inputs = new Map<string, Value>();
  for (const input of graph.inputs) {
    if (input.name === '') report('ir-interface', graph.name, `graph '${graph.name}' has an input without a name`);
    if (inputs.has(input.name))
      report('ir-interface', input.name, `graph '${graph.name}' has two inputs '${input.name}'`);
    inputs.set(input.name, input);
  }
  const outputs = new Map<string, Value>();
  for (const { name, value } of graph.outputs) {
    const other = outputs.get(name) ?? inputs.get(name) ?? value;
    if (name === '') report('ir-interface', graph.name, `graph '${graph.name}' has an output without a name`);
    if (other !== value)
      report('ir-interface', name, `graph '${graph.name}' has two values for the interface name '${name}'`);
    outputs.set(name, value);
  }
}

function verifyImports(graph: Graph, imports: ReadonlyMap<string, number>, owner: string, report: Report): void {
  const reported = new Set<string>();
  for (const { domain } of nodesWithin(graph)) {
    if (imports.has(domain) || reported.has(domain)) continue;
    reported.add(domain);
    report('ir-opset', domain, `${owner} uses domain '${domain || 'ai.onnx'}' without importing an operator set of it`);
  }
}
