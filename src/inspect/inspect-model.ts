import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Graph } from '../ir/graph.ts';
import type { Model } from '../ir/model.ts';
import { describeNode, type Node } from '../ir/node.ts';
import { formatType, type ValueType } from '../ir/value-type.ts';
import { nodesWithin } from '../ir/walk.ts';
import { activationMemory } from '../ops/cost/activation-memory.ts';
import { costOf } from '../ops/cost/cost-of.ts';
import { type TypeOf, typeInGraph } from '../ops/cost/sizes.ts';
import { inferGraph } from '../ops/infer/infer-graph.ts';
import { operatorKey } from '../ops/operator-key.ts';
import { coverageOfDevice } from '../targets/device/coverage-of-device.ts';
import { dynamicDimensions } from './dynamic-dimensions.ts';
import { findSuspicious } from './find-suspicious.ts';
import type { ComputeSummary, InspectedPort, Inspection, OperatorCount } from './inspection.ts';
import { int8Outlook } from './int8-outlook.ts';
import { summarizeWeights, tensorsOf } from './weight-summary.ts';

/** What is known of a model beside the model, and what to assume. */
export interface InspectOptions {
  /** What to call it. Default: the graph's name. */
  readonly name?: string;
  readonly files?: Inspection['files'];
  /** Sizes of dynamic dimensions by symbol; others count as 1. */
  readonly bind?: Readonly<Record<string, number>>;
  /** Say what of it has a form in TensorFlow Lite too, which takes a copy of the model. */
  readonly device?: boolean;
  /** What reading it reported; told among the findings. */
  readonly diagnostics?: readonly Diagnostic[];
}

/** Nodes that `compute.largest` names: enough to see where the work is, few enough for a screen. */
const LARGEST_NODES = 10;

/**
 * Describes a model without running it: operators, interface, weights, multiply-accumulates, memory, what int8
 * quantization would do with it and what looks suspicious. The model is not changed; weights are read one at a time.
 *
 * @throws ModelpressError `inspect-unknown-symbol`, and those of reading external data.
 */
export function inspectModel(model: Model, options: InspectOptions = {}): Inspection {
  const { types } = inferGraph(model.graph, model);
  const typeOf: TypeOf = (value) =>
    value.constant === undefined ? (types.get(value) ?? value.type) : typeInGraph(value);
  const dynamic = dynamicDimensions(model.graph, typeOf, options.bind ?? {});
  const bindings = new Map(dynamic.map(({ symbol, size }) => [symbol, size]));
  const tensors = tensorsOf(model);
  const memory = activationMemory(model.graph, bindings, typeOf);
  const { outlook, diagnostics } = int8Outlook(model, bindings);
  return {
    name: options.name ?? model.graph.name,
    files: options.files ?? null,
    irVersion: model.irVersion,
    opset: Object.fromEntries(Array.from(model.opsetImports, ([domain, version]) => [domain || 'ai.onnx', version])),
    producer: [model.producerName, model.producerVersion].filter((part) => part !== '').join(' '),
    modelVersion: model.modelVersion.toString(),
    ...interfaceOf(model.graph, typeOf),
    nodes: [...nodesWithin(model.graph)].length,
    functions: model.functions.length,
    operators: countOperators(model.graph),
    weights: summarizeWeights(tensors),
    compute: summarizeCompute(costOf(model, bindings, typeOf)),
    activations: {
      peakBytes: memory.peak,
      totalBytes: memory.total,
      unknownValues: new Set(memory.unknown).size,
    },
    dynamicDimensions: dynamic,
    int8: outlook,
    device: options.device === true ? coverageOfDevice(model, { dims: Object.fromEntries(bindings) }) : null,
    findings: [...(options.diagnostics ?? []), ...findSuspicious(model, tensors, diagnostics)],
  };
}

function interfaceOf(graph: Graph, typeOf: TypeOf): Pick<Inspection, 'inputs' | 'outputs'> {
  return {
    inputs: graph.inputs.map((value) => port(value.name, value.type, value.initial !== undefined)),
    outputs: graph.outputs.map(({ name, declared, value }) => port(name, typeOf(value) ?? declared, false)),
  };
}

function port(name: string, type: ValueType | undefined, optional: boolean): InspectedPort {
  if (type?.kind !== 'tensor') return { name, type: formatType(type), shape: null, optional };
  return { name, type: type.dtype, shape: type.shape?.map((dim) => dim ?? null) ?? null, optional };
}

function countOperators(graph: Graph): readonly OperatorCount[] {
  const counts = new Map<string, { domain: string; op: string; count: number }>();
  for (const { domain, op } of nodesWithin(graph)) {
    const key = operatorKey(domain, op);
    const row = counts.get(key) ?? { domain: domain || 'ai.onnx', op, count: 0 };
    row.count++;
    counts.set(key, row);
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.op < b.op ? -1 : 1));
}

function summarizeCompute({
  macs,
  macsByNode,
  unknown,
}: {
  readonly macs: number;
  readonly macsByNode: ReadonlyMap<Node, number>;
  readonly unknown: readonly Node[];
}): ComputeSummary {
  const largest = [...macsByNode].sort(([, a], [, b]) => b - a).slice(0, LARGEST_NODES);
  return {
    macs,
    unknownNodes: unknown.length,
    largest: largest.map(([node, cost]) => ({ node: node.name || describeNode(node), op: node.op, macs: cost })),
  };
}
