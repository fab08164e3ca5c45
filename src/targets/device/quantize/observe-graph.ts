import { fail, ModelpressError } from '../../../diagnostics/modelpress-error.ts';
import { type Tensor, toFloat32 } from '../../../ir/tensor.ts';
import type { ValueRange } from '../../../pass/define-pass.ts';
import type { Observer } from '../../../quantize/observers/observer.ts';
import { OBSERVERS, type ObserverName } from '../../../quantize/observers/observer-table.ts';
import { type LiteRtOptions, openLiteRtSession } from '../../../runtime/litert.ts';
import type { TfGraph, TfTensor } from '../tflite/tf-graph.ts';
import { writeTflite } from '../tflite/write-tflite.ts';

/** How ranges are found. */
export interface ObserveOptions extends LiteRtOptions {
  /** Default `min-max`. */
  readonly observer?: ObserverName;
}

/** The inputs of one sample, by the names of the model's inputs. */
export type SampleFeed = ReadonlyMap<string, Tensor>;

/**
 * The range of every float tensor of a graph over some samples, watched in LiteRT itself: each tensor is made an output.
 * Tensors that become infinite, as masks do, have none.
 *
 * @throws ModelpressError `calibrate-no-samples`, and those of `openLiteRtSession`.
 */
export async function observeGraph(
  graph: TfGraph,
  samples: Iterable<SampleFeed> | AsyncIterable<SampleFeed>,
  options: ObserveOptions = {},
): Promise<ReadonlyMap<TfTensor, ValueRange>> {
  const made = graph.operators.flatMap((operator) => operator.outputs);
  const watched = made.filter((tensor) => tensor.type === 'float32' && !tensor.shape.includes(0));
  const outputs = watched.map((tensor, k) => ({ name: `t${k}`, tensor }));
  const bytes = writeTflite({ ...graph, outputs }, { description: 'calibration' });
  const kind = OBSERVERS[options.observer ?? 'min-max'];
  const ports = graph.inputs.filter(({ tensor }) => tensor.type === 'float32');
  const observers = new Map(
    [...watched, ...ports.map((port) => port.tensor)].map((tensor) => [tensor, kind.create(tensor.name, {})]),
  );
  const session = await openLiteRtSession(bytes, options);
  let count = 0;
  try {
    for await (const feed of samples) {
      count++;
      for (const { name, tensor } of ports) observe(observers, tensor, toFloat32(feed.get(name)!));
      const results = await session.run(feed);
      for (const { name, tensor } of outputs) observe(observers, tensor, toFloat32(results.get(name) as Tensor));
    }
  } finally {
    await session.close();
  }
  if (count === 0) {
    fail({
      code: 'calibrate-no-samples',
      message: `${graph.name} was to be calibrated on no samples`,
      hint: 'Give calibration data.',
    });
  }
  return new Map([...observers].map(([tensor, observer]) => [tensor, observer.range()]));
}

function observe(observers: Map<TfTensor, Observer>, tensor: TfTensor, values: Float32Array): void {
  try {
    observers.get(tensor)?.observe(values);
  } catch (error) {
    if (!(error instanceof ModelpressError) || error.code !== 'calibrate-not-finite') throw error;
    observers.delete(tensor);
  }
}
