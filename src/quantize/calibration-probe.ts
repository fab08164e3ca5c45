import { ints } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import { type Model, opsetOf } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import { int64Tensor, type Tensor, toFloat32, toNumbers } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { shapeOf, tensorType } from '../ir/value-type.ts';
import { writeModel } from '../onnx/write-model.ts';
import { openOrtSession } from '../runtime/onnxruntime-node.ts';
import type { OutputValue, Session } from '../runtime/session.ts';

/** A value to look at while a model runs, and the axis of its channels where their means are wanted. */
export interface ProbedValue {
  readonly value: Value;
  readonly channelAxis: number | undefined;
}

/** What one run gave of a value: all its elements, or what a min-max observer needs of them. */
export type ProbeReading =
  | { readonly kind: 'elements'; readonly values: Float32Array; readonly dims: readonly number[] }
  | {
      readonly kind: 'summary';
      readonly count: number;
      /** Least and greatest element, and the mean, which is not a number where an element is not. */
      readonly extremes: Float32Array;
      readonly channelMeans: Float32Array | undefined;
    };

/** A model that is run for what its values are. */
export interface CalibrationProbe {
  /** Runs one sample: a reading for each value, none where a run does not reach it. */
  run(feed: ReadonlyMap<string, Tensor>): Promise<readonly (ProbeReading | undefined)[]>;
  close(): Promise<void>;
}

/** Opset from which ReduceMean takes its axes as an operand. */
const OPSET_REDUCE_OPERAND = 18;

/**
 * Opens a probe that reads every element, for observers that keep a histogram.
 *
 * The values are made outputs of the graph while it is written, and no longer when this returns.
 */
export async function openElementProbe(model: Model, probed: readonly ProbedValue[]): Promise<CalibrationProbe> {
  const session = await openWith(model, (graph) => {
    for (const { value } of probed)
      graph.addOutput(value, uniqueName(graph), { declared: value.type ?? tensorType('float32') });
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
 * Opens a probe that has the runtime find extremes and means, so that no activation leaves it: a tenth of the time and
 * memory of reading every element.
 *
 * A run fails where a value is empty, because extremes of nothing are not defined.
 */
export async function openSummaryProbe(model: Model, probed: readonly ProbedValue[]): Promise<CalibrationProbe> {
  const opset = opsetOf(model);
  const session = await openWith(model, (graph, append) => {
    for (const { value, channelAxis } of probed) {
      const whole = (op: string): void => {
        graph.addOutput(append(graph, op, value), uniqueName(graph), { declared: tensorType('float32', []) });
      };
      whole('ReduceMin');
      whole('ReduceMax');
      whole('ReduceMean');
      graph.addOutput(append(graph, 'Size', value), uniqueName(graph), { declared: tensorType('int64', []) });
      const axes = otherAxes(value, channelAxis);
      const means =
        axes === undefined ? append(graph, 'ReduceMean', value) : append(graph, 'ReduceMean', value, axes, opset);
      graph.addOutput(means, uniqueName(graph), { declared: tensorType('float32') });
    }
  });
  const names = ownNames(session, probed.length * READINGS);
  return {
    async run(feed) {
      const results = await session.run(feed, names);
      return probed.map((one, i) =>
        summaryOf(
          one,
          names.slice(i * READINGS, (i + 1) * READINGS).map((name) => results.get(name)),
        ),
      );
    },
    close: () => session.close(),
  };
}

/** Whether the runtime can summarize a value: its rank has to be known where means per channel are wanted. */
export function canSummarize({ value, channelAxis }: ProbedValue): boolean {
  return channelAxis === undefined || shapeOf(value.type) !== undefined;
}

/** Outputs that a summary adds for each value: least, greatest, mean, number of elements, means per channel. */
const READINGS = 5;

function summaryOf(
  { value, channelAxis }: ProbedValue,
  results: readonly (OutputValue | undefined)[],
): ProbeReading | undefined {
  const [min, max, mean, size, means] = results.map((result) =>
    result === undefined || 'kind' in result ? undefined : result,
  );
  if (min === undefined || max === undefined || mean === undefined || size === undefined || means === undefined)
    return undefined;
  const extremes = Float32Array.of(toFloat32(min)[0]!, toFloat32(max)[0]!, toFloat32(mean)[0]!);
  const channelMeans = otherAxes(value, channelAxis) === undefined ? undefined : toFloat32(means);
  return { kind: 'summary', count: toNumbers(size)[0]!, extremes, channelMeans };
}

/** The axes that are averaged over for means per channel. */
function otherAxes(value: Value, channelAxis: number | undefined): number[] | undefined {
  const rank = shapeOf(value.type)?.length;
  if (channelAxis === undefined || rank === undefined || rank < 2) return undefined;
  const channels = channelAxis < 0 ? channelAxis + rank : channelAxis;
  return Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== channels);
}

type Append = (graph: Graph, op: string, input: Value, axes?: readonly number[], opset?: number) => Value;

/** Writes a model to which something has been added, takes it away again, and loads what was written. */
async function openWith(model: Model, extend: (graph: Graph, append: Append) => void): Promise<Session> {
  const { graph } = model;
  const own = graph.outputs.length;
  const added: Node[] = [];
  const constants: Value[] = [];
  const append: Append = (target, op, input, axes, opset = 0) => {
    const reduces = op !== 'Size';
    const inputs: Value[] = [input];
    if (axes !== undefined && opset >= OPSET_REDUCE_OPERAND) {
      const operand = target.addConstant(int64Tensor(axes));
      constants.push(operand);
      inputs.push(operand);
    }
    const attributes = {
      ...(reduces && { keepdims: { kind: 'int' as const, value: 0n } }),
      ...(axes !== undefined && opset < OPSET_REDUCE_OPERAND && { axes: ints(axes) }),
    };
    const node = target.append({ op, inputs, attributes });
    added.push(node);
    return node.outputs[0]!;
  };
  let bytes: Uint8Array;
  try {
    extend(graph, append);
    bytes = writeModel(model);
  } finally {
    while (graph.outputs.length > own) graph.removeOutput(graph.outputs.length - 1);
    for (const node of added) graph.erase(node);
    for (const constant of constants) graph.eraseValue(constant);
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
