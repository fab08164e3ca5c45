import type { Dataset, Feed } from '../data/dataset.ts';
import type { Model } from '../ir/model.ts';
import { type Lowering, lowerToTflite } from '../targets/device/lower-to-tflite.ts';
import { affordableSamples } from '../targets/device/quantize/affordable-samples.ts';
import {
  type DeviceQuantization,
  type QuantizedTflite,
  quantizeTflite,
} from '../targets/device/quantize/quantize-tflite.ts';
import type { StageClock } from './events.ts';
import type { ResolvedOptions } from './optimize-options.ts';

/** What .tflite files are made from. */
export interface TfliteRequest {
  /** The cleaned and pruned model, before quantization: TensorFlow Lite has rules of its own for integers. */
  readonly model: Model;
  readonly calibration: Dataset;
  readonly resolved: Pick<ResolvedOptions, 'quantize' | 'calibrationSamples' | 'deviceActivations'>;
  readonly clock: StageClock;
}

/** The .tflite forms of a model. Each is made when it is first asked for, and once for all targets. */
export interface TfliteForms {
  /** How the options' quantization is called here; undefined where they ask for none. */
  readonly mode: DeviceQuantization | undefined;
  /** In float32, with the shapes of the first calibration sample; or why there is none. */
  lowered(): Promise<Lowering>;
  /**
   * Quantized in `mode`; undefined where there is no mode, or no float32 form.
   *
   * @param ports what inputs and outputs are; default `float32`.
   *
   * @throws ModelpressError those of `quantizeTflite`.
   */
  quantized(ports?: ResolvedOptions['devicePorts']): Promise<QuantizedTflite | undefined>;
}

/** How each mode of the command is called in TensorFlow Lite; weights in 8 bits are its dynamic range quantization. */
const MODES: Readonly<Record<ResolvedOptions['quantize'], DeviceQuantization | undefined>> = {
  none: undefined,
  int8: 'int8',
  'int8-dynamic': 'int8-dynamic',
  'int8-weights': 'int8-dynamic',
  float16: 'float16',
};

/** The .tflite forms of a model, none of them made yet. */
export function tfliteForms({ model, calibration, resolved, clock }: TfliteRequest): TfliteForms {
  const asked = MODES[resolved.quantize];
  const mode = asked === 'int8' && resolved.deviceActivations === 'int16' ? 'int16x8' : asked;
  const shapesOf = async (): Promise<ReadonlyMap<string, readonly number[]>> => {
    const { feed } = await calibration.sample(0);
    return new Map([...feed].map(([input, tensor]) => [input, tensor.dims]));
  };
  const lowered = once(() =>
    clock.run('lower to tflite', async () => lowerToTflite(model, { binding: { shapes: await shapesOf() } })),
  );
  const quantize = async (ports: ResolvedOptions['devicePorts']): Promise<QuantizedTflite | undefined> => {
    const lowering = await lowered();
    if (mode === undefined || lowering.kind === 'refused') return undefined;
    const shapes = await shapesOf();
    // A file has one shape; samples of another one do not fit it.
    const fitting = (await feedsOf(calibration, resolved.calibrationSamples)).filter((feed) =>
      [...feed].every(([input, tensor]) => tensor.dims.join() === shapes.get(input)?.join()),
    );
    return clock.run('quantize tflite', () =>
      quantizeTflite(lowering.graph, { mode, samples: fitting.slice(0, affordableSamples(lowering.graph)), ports }),
    );
  };
  const made = { float32: once(() => quantize('float32')), quantized: once(() => quantize('quantized')) };
  return { mode, lowered, quantized: (ports = 'float32') => made[ports]() };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

async function feedsOf(dataset: Dataset, limit: number): Promise<Feed[]> {
  const feeds: Feed[] = [];
  for (let i = 0; i < Math.min(limit, dataset.size); i++) feeds.push((await dataset.sample(i)).feed);
  return feeds;
}
