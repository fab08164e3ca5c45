import type { Dataset, Feed } from '../../data/dataset.ts';
import type { Model } from '../../ir/model.ts';
import type { Session } from '../../runtime/session.ts';
import { type Lowering, lowerToTflite } from '../../targets/device/lower-to-tflite.ts';
import { affordableSamples } from '../../targets/device/quantize/affordable-samples.ts';
import {
  type DeviceQuantization,
  type QuantizedTflite,
  quantizeTflite,
} from '../../targets/device/quantize/quantize-tflite.ts';
import type { StageClock } from '../events.ts';
import type { ResolvedOptions } from '../optimize-options.ts';
import { type FixedShapes, fixShapes } from './fixed-shapes.ts';

/** What .tflite files are made from. */
export interface TfliteRequest {
  /** The cleaned and pruned model, before quantization: TensorFlow Lite has rules of its own for integers. */
  readonly model: Model;
  /** The source, whose answers show whether a batch may be taken apart. */
  readonly source: Session;
  readonly calibration: Dataset;
  readonly resolved: Pick<
    ResolvedOptions,
    'quantize' | 'calibrationSamples' | 'deviceActivations' | 'minSqnr' | 'tune'
  >;
  readonly clock: StageClock;
}

/** The .tflite forms of a model. Each is made when it is first asked for, and once for all targets. */
export interface TfliteForms {
  /** How the options' quantization is called here; undefined where they ask for none. */
  readonly mode: DeviceQuantization | undefined;
  /** The shapes that the files take: those of the first calibration sample, one row of it where it is a batch. */
  fixed(): Promise<FixedShapes>;
  /** In float32; or why there is none. */
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
export function tfliteForms({ model, source, calibration, resolved, clock }: TfliteRequest): TfliteForms {
  const asked = MODES[resolved.quantize];
  const mode = asked === 'int8' && resolved.deviceActivations === 'int16' ? 'int16x8' : asked;
  const fixed = once(() => fixShapes(source, calibration));
  const lowered = once(async () => {
    const { shapes } = await fixed();
    return clock.run('lower to tflite', async () => lowerToTflite(model, { binding: { shapes } }));
  });
  const quantize = async (ports: ResolvedOptions['devicePorts']): Promise<QuantizedTflite | undefined> => {
    const lowering = await lowered();
    if (mode === undefined || lowering.kind === 'refused') return undefined;
    const fitting = await (await fixed()).fitting(calibration, { limit: resolved.calibrationSamples });
    const count = Math.min(resolved.calibrationSamples, affordableSamples(lowering.graph));
    const samples = await feedsOf(fitting.dataset, count);
    const options = {
      ...{ mode, samples, ports, minSqnrDb: resolved.minSqnr },
      ...(!resolved.tune && { levels: ['all-operators'] as const }),
    };
    return clock.run('quantize tflite', () => quantizeTflite(lowering.graph, options));
  };
  const made = { float32: once(() => quantize('float32')), quantized: once(() => quantize('quantized')) };
  return { mode, fixed, lowered, quantized: (ports = 'float32') => made[ports]() };
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
