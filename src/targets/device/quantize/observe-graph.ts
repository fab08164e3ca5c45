import { fail, ModelpressError } from '../../../diagnostics/modelpress-error.ts';
import { type Tensor, toFloat32 } from '../../../ir/tensor.ts';
import type { ValueRange } from '../../../pass/define-pass.ts';
import { type ChannelMeans, channelMeans } from '../../../quantize/channel-means.ts';
import { finiteExtent } from '../../../quantize/observers/finite-extent.ts';
import type { Observer } from '../../../quantize/observers/observer.ts';
import { OBSERVERS, type ObserverName } from '../../../quantize/observers/observer-table.ts';
import { rangeHeadroom } from '../../../quantize/observers/range-headroom.ts';
import { type LiteRtOptions, openLiteRtSession } from '../../../runtime/litert.ts';
import type { TfGraph, TfTensor } from '../tflite/tf-graph.ts';
import { writeTflite } from '../tflite/write-tflite.ts';
import { quantizedRule } from './int8-rules.ts';
import { isLowest } from './quantized-constant.ts';

/** The inputs of one sample, by the names of the model's inputs. */
export type SampleFeed = ReadonlyMap<string, Tensor>;

/** What the float activations of a graph were on calibration data; one that became infinite, as masks do, is in neither. */
export interface GraphObservations {
  /** The ranges that an observer chooses, with room for other data. */
  ranges(observer: ObserverName): ReadonlyMap<TfTensor, ValueRange>;
  /** Mean of each channel, the last axis. */
  channelMeans(): ReadonlyMap<TfTensor, Float64Array>;
}

/** Tensors watched in one run: what LiteRT's wasm build takes for each output grows with how many there are. */
const WATCHED_AT_ONCE = 500;
/** Bytes of the tensors watched in one run, which its memory of 4 GiB has to hold beside the model: 512 MiB. */
const WATCHED_BYTES = 2 ** 29;

/**
 * Watches every float activation of a graph over some samples, in LiteRT itself: each is made an output.
 *
 * @throws ModelpressError `calibrate-no-samples`, and those of `openLiteRtSession`.
 */
export async function observeGraph(
  graph: TfGraph,
  samples: readonly SampleFeed[],
  observers: readonly ObserverName[],
  options: LiteRtOptions = {},
): Promise<GraphObservations> {
  if (samples.length === 0) {
    fail({
      code: 'calibrate-no-samples',
      message: `${graph.name} was to be calibrated on no samples`,
      hint: 'Give calibration data.',
    });
  }
  const watches = new Watches(observers, filledTensors(graph), boundedTensors(graph));
  const given = graph.inputs.flatMap(({ tensor }) => (tensor.type === 'float32' ? [tensor] : []));
  const observe = (tensor: TfTensor, values: Float32Array) => watches.observe(tensor, values);
  await watchTensors(graph, [...given, ...floatActivations(graph)], { samples, observe, options });
  return watches;
}

/** Tensors in runs that are neither too many nor too large. */
function watchedTogether(tensors: readonly TfTensor[]): readonly (readonly TfTensor[])[] {
  const groups: TfTensor[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    const bytes = 4 * tensor.shape.reduce((product, dim) => product * dim, 1);
    const last = groups.at(-1);
    if (last === undefined || last.length === WATCHED_AT_ONCE || bytes > room) {
      groups.push([tensor]);
      room = WATCHED_BYTES - bytes;
    } else {
      last.push(tensor);
      room -= bytes;
    }
  }
  return groups;
}

/** How tensors are watched. */
export interface Watching {
  readonly samples: readonly SampleFeed[];
  /** Called with what a tensor held on each sample in turn. */
  observe(tensor: TfTensor, values: Float32Array): void;
  /** Called with tensors that have been observed on all samples. */
  finished?(tensors: readonly TfTensor[]): void;
  readonly options: LiteRtOptions;
}

/** Runs a graph on samples with float tensors of it made outputs; inputs of the model are taken from the samples. */
export async function watchTensors(graph: TfGraph, tensors: readonly TfTensor[], watching: Watching): Promise<void> {
  const { samples, observe, options } = watching;
  const ports = new Map(graph.inputs.map(({ name, tensor }) => [tensor, name]));
  const given = tensors.filter((tensor) => ports.has(tensor));
  for (const tensor of given) for (const feed of samples) observe(tensor, toFloat32(feed.get(ports.get(tensor)!)!));
  watching.finished?.(given);
  for (const group of watchedTogether(tensors.filter((tensor) => !ports.has(tensor)))) {
    const outputs = group.map((tensor, k) => ({ name: `t${k}`, tensor }));
    const session = await openLiteRtSession(
      writeTflite({ ...graph, outputs }, { description: 'calibration' }),
      options,
    );
    try {
      for (const feed of samples) {
        const results = await session.run(feed);
        for (const { name, tensor } of outputs) observe(tensor, toFloat32(results.get(name) as Tensor));
      }
    } finally {
      await session.close();
    }
    watching.finished?.(group);
  }
}

/** The float tensors that operators of a graph make, without those that hold nothing. */
function floatActivations(graph: TfGraph): readonly TfTensor[] {
  const made = graph.operators.flatMap((operator) => operator.outputs);
  return made.filter((tensor) => tensor.type === 'float32' && !tensor.shape.includes(0));
}

interface Watch {
  readonly observers: ReadonlyMap<ObserverName, Observer>;
  readonly means: ChannelMeans;
  /** How far each sample reached above and below 0. */
  readonly above: number[];
  readonly below: number[];
}

/**
 * Tensors that are padded with the lowest number before a maximum, by what is padded, in order. That number is no value,
 * and a range that reached to it would have no room for others.
 */
function filledTensors(graph: TfGraph): ReadonlyMap<TfTensor, TfTensor> {
  const filled = new Map<TfTensor, TfTensor>();
  for (const { name, inputs, outputs } of graph.operators) {
    const [source, , fill] = inputs;
    if (name === 'PADV2' && source !== undefined && isLowest(fill)) filled.set(outputs[0]!, source);
  }
  return filled;
}

/** Relu6 among the numbers of `ActivationFunctionType`. */
const RELU6 = 3;

/** Results that stay within bounds of their own whatever the data is, as those of Softmax do. */
function boundedTensors(graph: TfGraph): ReadonlySet<TfTensor> {
  const bounded = graph.operators.filter(
    ({ name, options }) =>
      quantizedRule(name, 'int8')?.kind === 'fixed' || name === 'RELU6' || options.fused_activation_function === RELU6,
  );
  return new Set(bounded.flatMap(({ outputs }) => outputs));
}

class Watches implements GraphObservations {
  readonly #names: readonly ObserverName[];
  readonly #watches = new Map<TfTensor, Watch>();
  readonly #infinite = new Set<TfTensor>();
  readonly #ranges = new Map<ObserverName, ReadonlyMap<TfTensor, ValueRange>>();

  readonly #filled: ReadonlyMap<TfTensor, TfTensor>;

  readonly #bounded: ReadonlySet<TfTensor>;

  constructor(names: readonly ObserverName[], filled: ReadonlyMap<TfTensor, TfTensor>, bounded: ReadonlySet<TfTensor>) {
    this.#names = names;
    this.#filled = filled;
    this.#bounded = bounded;
  }

  observe(tensor: TfTensor, values: Float32Array): void {
    if (this.#infinite.has(tensor) || this.#filled.has(tensor)) return;
    const watch = this.#watches.get(tensor) ?? this.#begin(tensor);
    try {
      for (const observer of watch.observers.values()) observer.observe(values);
      watch.means.observe(values, tensor.shape);
      const { min, max } = finiteExtent(tensor.name, values);
      watch.above.push(Math.max(0, max));
      watch.below.push(Math.max(0, -min));
    } catch (error) {
      if (!(error instanceof ModelpressError) || error.code !== 'calibrate-not-finite') throw error;
      this.#watches.delete(tensor);
      this.#infinite.add(tensor);
    }
  }

  ranges(observer: ObserverName): ReadonlyMap<TfTensor, ValueRange> {
    const known = this.#ranges.get(observer);
    if (known !== undefined) return known;
    const chosen = [...this.#watches].map(([tensor, { observers, above, below }]) => {
      const range = observers.get(observer)!.range();
      if (this.#bounded.has(tensor)) return [tensor, range] as const;
      const size = tensor.shape.reduce((product, dim) => product * dim, 1);
      const min = range.min < 0 ? range.min * rangeHeadroom(below, size) : range.min;
      const max = range.max > 0 ? range.max * rangeHeadroom(above, size) : range.max;
      return [tensor, { min, max }] as const;
    });
    const ranges = new Map(chosen);
    for (const [tensor, source] of this.#filled) {
      const range = ranges.get(source);
      if (range !== undefined) ranges.set(tensor, range);
    }
    this.#ranges.set(observer, ranges);
    return ranges;
  }

  channelMeans(): ReadonlyMap<TfTensor, Float64Array> {
    const found = new Map<TfTensor, Float64Array>();
    for (const [tensor, watch] of this.#watches) {
      const means = watch.means.means();
      if (means !== undefined) found.set(tensor, means);
    }
    return found;
  }

  #begin(tensor: TfTensor): Watch {
    const observers = new Map(this.#names.map((name) => [name, OBSERVERS[name].create(tensor.name, {})]));
    const watch = { observers, means: channelMeans(-1), above: [], below: [] };
    this.#watches.set(tensor, watch);
    return watch;
  }
}
