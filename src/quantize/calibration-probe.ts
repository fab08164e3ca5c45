import { type Attribute, int, ints } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import { type Model, opsetOf } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import { int64Tensor, type Tensor, toFloat32, toNumbers } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { shapeOf, tensorType, type ValueType } from '../ir/value-type.ts';
import { writeModel } from '../onnx/write-model.ts';
import { openOrtSession } from '../runtime/onnxruntime-node.ts';
import { openPartSession } from '../runtime/open-part-session.ts';
import type { OutputValue, Session } from '../runtime/session.ts';
import type { ValueSummary } from './observers/observer.ts';

/** A value to look at while a model runs. */
export interface ProbedValue {
  readonly value: Value;
  /** Axis of its channels, where their means are wanted. */
  readonly channelAxis: number | undefined;
  /** How many of its elements are wanted at most, beside its extremes. Default none. */
  readonly sampled?: number;
}

/** What one run gave of a value: all its elements, or what observers need of them. */
export type ProbeReading =
  | { readonly kind: 'elements'; readonly values: Float32Array; readonly dims: readonly number[] }
  | (ValueSummary & { readonly kind: 'summary'; readonly channelMeans: Float32Array | undefined });

/** A model that is run for what its values are. */
export interface CalibrationProbe {
  /** Runs one sample: a reading for each value, none where a run does not reach it. */
  run(feed: ReadonlyMap<string, Tensor>): Promise<readonly (ProbeReading | undefined)[]>;
  close(): Promise<void>;
}

/** Opset from which ReduceMean takes its axes as an operand, and that from which Slice takes its steps. */
const OPSET_REDUCE_OPERAND = 18;
const OPSET_SLICE_STEPS = 10;

/**
 * Opens a probe that reads every element.
 *
 * The values are made outputs of the graph while it is written, and no longer when this returns.
 */
export async function openElementProbe(model: Model, probed: readonly ProbedValue[]): Promise<CalibrationProbe> {
  const session = await openWith(model, (scaffold) => {
    for (const { value } of probed) scaffold.output(value, value.type ?? tensorType('float32'));
  });
  const names = ownNames(session, probed.length);
  return {
    async run(feed) {
      const results = await session.run(feed, names);
      return names.map((name) => elementsOf(results.get(name)));
    },
    close: () => session.close(),
  };
}

/**
 * Opens a probe that has the runtime find extremes and means, and pick the elements that a histogram counts, so that no
 * activation leaves it: a tenth of the time and memory of reading every element.
 *
 * A run fails where a value is empty, because extremes of nothing are not defined.
 */
export async function openSummaryProbe(model: Model, probed: readonly ProbedValue[]): Promise<CalibrationProbe> {
  const opset = opsetOf(model);
  const session = await openWith(model, (scaffold) => {
    for (const one of probed) addReadings(scaffold, one, opset);
  });
  const lengths = probed.map(({ sampled }) => READINGS + (sampled ? 1 : 0));
  const ends = lengths.map((_, i) => lengths.slice(0, i + 1).reduce((sum, length) => sum + length, 0));
  const names = ownNames(session, ends.at(-1) ?? 0);
  const namesOf = probed.map((_, i) => names.slice(ends[i]! - lengths[i]!, ends[i]));
  return {
    async run(feed) {
      const results = await session.run(feed, names);
      return probed.map((one, i) =>
        summaryOf(
          one,
          namesOf[i]!.map((name) => results.get(name)),
        ),
      );
    },
    close: () => session.close(),
  };
}

/** Whether the runtime can summarize a value: its rank has to be known where means per channel are wanted. */
export function canSummarize({ value, channelAxis, sampled }: ProbedValue, opset: number): boolean {
  const ranked = channelAxis === undefined || shapeOf(value.type) !== undefined;
  return ranked && (!sampled || opset >= OPSET_SLICE_STEPS);
}

/** Outputs that a summary adds for each value: least, greatest, mean, number of elements, means per channel. */
const READINGS = 5;

/** Adds the outputs of one value, the elements for a histogram last. */
function addReadings(scaffold: Scaffold, { value, channelAxis, sampled }: ProbedValue, opset: number): void {
  const keepdims = int(0);
  const scalar = tensorType('float32', []);
  for (const op of ['ReduceMin', 'ReduceMax', 'ReduceMean']) {
    scaffold.output(scaffold.op(op, [value], { keepdims }), scalar);
  }
  const size = scaffold.op('Size', [value]);
  scaffold.output(size, tensorType('int64', []));
  const axes = otherAxes(value, channelAxis);
  const means =
    axes === undefined
      ? scaffold.op('ReduceMean', [value], { keepdims })
      : opset >= OPSET_REDUCE_OPERAND
        ? scaffold.op('ReduceMean', [value, scaffold.integers(axes)], { keepdims })
        : scaffold.op('ReduceMean', [value], { keepdims, axes: ints(axes) });
  scaffold.output(means, tensorType('float32'));
  if (!sampled) return;
  // countedStep, in nodes: the number of elements is only known in a run.
  const share = scaffold.op('Div', [size, scaffold.integers([sampled])]);
  const doubled = scaffold.op('Mul', [share, scaffold.integers([2])]);
  const step = scaffold.op('Add', [doubled, scaffold.integers([1])]);
  const flat = scaffold.op('Reshape', [value, scaffold.integers([-1])]);
  const [start, end, axis] = [0n, 2n ** 63n - 1n, 0n].map((number) => scaffold.integers([number]));
  scaffold.output(scaffold.op('Slice', [flat, start!, end!, axis!, step]), tensorType('float32'));
}

function summaryOf(
  { value, channelAxis, sampled }: ProbedValue,
  results: readonly (OutputValue | undefined)[],
): ProbeReading | undefined {
  const tensors = results.filter((result): result is Tensor => result !== undefined && !('kind' in result));
  if (tensors.length < results.length) return undefined;
  const [min, max, mean, size, means, sample] = tensors;
  return {
    kind: 'summary',
    count: toNumbers(size!)[0]!,
    extremes: Float32Array.of(toFloat32(min!)[0]!, toFloat32(max!)[0]!, toFloat32(mean!)[0]!),
    channelMeans: otherAxes(value, channelAxis) === undefined ? undefined : toFloat32(means!),
    sample: sampled ? toFloat32(sample!) : undefined,
  };
}

/** The axes that are averaged over for means per channel. */
function otherAxes(value: Value, channelAxis: number | undefined): number[] | undefined {
  const rank = shapeOf(value.type)?.length;
  if (channelAxis === undefined || rank === undefined || rank < 2) return undefined;
  const channels = channelAxis < 0 ? channelAxis + rank : channelAxis;
  return Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== channels);
}

/** What is put into a graph for as long as it takes to write it. */
class Scaffold {
  readonly #graph: Graph;
  readonly #ownOutputs: number;
  readonly #nodes: Node[] = [];
  readonly #constants = new Map<string, Value>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#ownOutputs = graph.outputs.length;
  }

  op(op: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    const node = this.#graph.append({ op, inputs, attributes });
    this.#nodes.push(node);
    return node.outputs[0]!;
  }

  /** A constant list of integers, one for all that ask for the same. */
  integers(values: readonly (number | bigint)[]): Value {
    const key = values.join();
    const constant = this.#constants.get(key) ?? this.#graph.addConstant(int64Tensor(values));
    this.#constants.set(key, constant);
    return constant;
  }

  output(value: Value, declared: ValueType): void {
    this.#graph.addOutput(value, uniqueName(this.#graph), { declared });
  }

  /** Takes all of it away again. */
  remove(): void {
    while (this.#graph.outputs.length > this.#ownOutputs) this.#graph.removeOutput(this.#graph.outputs.length - 1);
    for (const node of this.#nodes.reverse()) this.#graph.erase(node);
    for (const constant of this.#constants.values()) this.#graph.eraseValue(constant);
  }
}

/** Writes a model to which something has been added, takes it away again, and loads what was written. */
async function openWith(model: Model, extend: (scaffold: Scaffold) => void): Promise<Session> {
  const scaffold = new Scaffold(model.graph);
  let bytes: Uint8Array;
  try {
    extend(scaffold);
    // A model whose weights lie elsewhere, because there are so many, is not gathered in one message.
    if (model.graph.keepTensor !== undefined) return openPartSession(model, { optimization: 'disabled' });
    bytes = writeModel(model, { debugInfo: false });
  } finally {
    scaffold.remove();
  }
  return openOrtSession(bytes, { optimization: 'disabled' });
}

/** A name for one more output that no other output has. */
function uniqueName(graph: Graph): string {
  let name = `probe_${graph.outputs.length}`;
  while (graph.outputs.some((output) => output.name === name)) name += '_';
  return name;
}

/** The names of the last outputs, which are those that were added. */
function ownNames(session: Session, count: number): string[] {
  return session.outputs.slice(session.outputs.length - count).map((port) => port.name);
}

function elementsOf(result: OutputValue | undefined): ProbeReading | undefined {
  if (result === undefined || 'kind' in result || result.dtype !== 'float32') return undefined;
  return { kind: 'elements', values: toFloat32(result), dims: result.dims };
}
