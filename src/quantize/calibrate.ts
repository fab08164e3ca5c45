import type { Dataset } from '../data/dataset.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { Model } from '../ir/model.ts';
import { toFloat32 } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { tensorType } from '../ir/value-type.ts';
import { writeModel } from '../onnx/write-model.ts';
import type { ValueRange } from '../pass/define-pass.ts';
import { openOrtSession } from '../runtime/onnxruntime-node.ts';
import type { OutputValue, Session } from '../runtime/session.ts';
import { type ChannelMeans, channelMeans } from './channel-means.ts';
import type { Observer } from './observers/observer.ts';
import { OBSERVERS, type ObserverName, type ObserverSettings } from './observers/observer-table.ts';
import { type ObservedValue, observedValues, type PlanOptions, planInt8 } from './plan-int8.ts';
import { clampRange } from './useful-interval.ts';

/** How to calibrate. */
export interface CalibrateOptions extends ObserverSettings {
  /** How a range is chosen from the values seen. Default `DEFAULT_OBSERVER`. */
  readonly observer?: ObserverName;
  /** Which values are observed: those that the plan with these options quantizes. */
  readonly plan?: PlanOptions;
  /** Samples to run at most, the first of the dataset. Default all. */
  readonly maxSamples?: number;
  /** Threads of the runtime. Default 1; the ranges do not depend on it. */
  readonly threads?: number;
  /** Called after each sample. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The observer that lost least accuracy over the labelled models that it was measured on. */
export const DEFAULT_OBSERVER: ObserverName = 'min-max';

/**
 * Runs a model on samples and finds the range of every value that int8 quantization needs one of; a value that the
 * samples never gave has none.
 *
 * The values are made outputs of the graph while the model is written, and no longer when this returns. ONNX Runtime
 * runs it without optimizing, one sample at a time; what a sample gave is dropped before the next one, so memory does
 * not grow with their number, and their shapes may differ.
 *
 * @throws ModelpressError `calibrate-no-samples`, `calibrate-not-finite`, and those of the runtime and the dataset.
 */
export async function calibrate(
  model: Model,
  dataset: Dataset,
  options: CalibrateOptions = {},
): Promise<Map<Value, ValueRange>> {
  const total = Math.min(dataset.size, options.maxSamples ?? dataset.size);
  if (total < 1) {
    fail({
      code: 'calibrate-no-samples',
      message: `${dataset.label} has no samples to calibrate with`,
      at: dataset.label,
      hint: 'Give --calibrate a dataset that holds some.',
    });
  }
  const watches = observedValues(planInt8(model.graph, options.plan)).map((observed) => watch(observed, options));
  const inputs = watches.filter(({ value }) => value.isInput);
  const computed = watches.filter(({ value }) => !value.isInput);
  const probe =
    computed.length === 0
      ? undefined
      : await openProbe(
          model,
          computed.map(({ value }) => value),
          options.threads ?? 1,
        );
  try {
    let done = 0;
    for await (const { feed } of dataset.samples()) {
      for (const input of inputs) observe(input, feed.get(input.value.name) ?? input.value.initial);
      if (probe !== undefined) {
        const results = await probe.session.run(feed, probe.names);
        for (const [i, watched] of computed.entries()) observe(watched, results.get(probe.names[i]!));
      }
      done++;
      options.onProgress?.(done, total);
      if (done === total) break;
    }
  } finally {
    await probe?.session.close();
  }
  return new Map(watches.filter(({ seen }) => seen).map((watched) => [watched.value, rangeOf(watched)]));
}

interface Watch extends Pick<ObservedValue, 'value' | 'interval'> {
  readonly observer: Observer;
  readonly means: ChannelMeans | undefined;
  /** Whether it took any value at all. */
  seen: boolean;
}

function watch({ value, interval, channelAxis }: ObservedValue, options: CalibrateOptions): Watch {
  const observer = OBSERVERS[options.observer ?? DEFAULT_OBSERVER].create(value.name, options);
  const means = channelAxis === undefined ? undefined : channelMeans(channelAxis);
  return { value, interval, observer, means, seen: false };
}

function observe(watched: Watch, tensor: OutputValue | undefined): void {
  if (tensor === undefined || 'kind' in tensor || tensor.dtype !== 'float32') return;
  const values = toFloat32(tensor);
  if (values.length > 0) watched.seen = true;
  watched.observer.observe(values);
  watched.means?.observe(values, tensor.dims);
}

function rangeOf({ observer, interval, means }: Watch): ValueRange {
  const range = clampRange(observer.range(), interval);
  const found = means?.means();
  return found === undefined ? range : { ...range, channelMeans: found };
}

/** A session that gives the values, and the names under which it does. */
async function openProbe(
  model: Model,
  values: readonly Value[],
  threads: number,
): Promise<{ session: Session; names: readonly string[] }> {
  const { graph } = model;
  const own = graph.outputs.length;
  let bytes: Uint8Array;
  try {
    for (const [i, value] of values.entries()) {
      graph.addOutput(value, value.name || `observed_${i}`, { declared: value.type ?? tensorType('float32') });
    }
    bytes = writeModel(model);
  } finally {
    while (graph.outputs.length > own) graph.removeOutput(graph.outputs.length - 1);
  }
  const session = await openOrtSession(bytes, { optimization: 'disabled', threads });
  return { session, names: session.outputs.slice(own).map((port) => port.name) };
}
