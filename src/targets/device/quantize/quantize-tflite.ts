import { type Diagnostic, warning } from '../../../diagnostics/diagnostic.ts';
import { fail, ModelpressError } from '../../../diagnostics/modelpress-error.ts';
import type { TfGraph } from '../tflite/tf-graph.ts';
import { writeTflite } from '../tflite/write-tflite.ts';
import { INTEGER_LEVELS, type IntegerLevel, keptInFloat } from './fallback-levels.ts';
import { runSamples, type SampleOutputs, worstSqnr } from './measure-sqnr.ts';
import { type ObserveOptions, observeGraph, type SampleFeed } from './observe-graph.ts';
import { type QuantizeGraphOptions, quantizeGraph } from './quantize-graph.ts';
import { quantizeWeightsDynamically, storeWeightsInFloat16 } from './quantize-weights.ts';

/** The ways to make a .tflite file smaller or faster than in float32. */
export type DeviceQuantization = 'float16' | 'int8-dynamic' | 'int8' | 'int16x8';

/** How a lowered graph is quantized. */
export interface QuantizeTfliteOptions extends ObserveOptions, Pick<QuantizeGraphOptions, 'ports'> {
  readonly mode: DeviceQuantization;
  /** Data to calibrate on and to compare with float32 on; `int8` and `int16x8` need it. */
  readonly samples?: readonly SampleFeed[];
  /** Signal-to-noise ratio in decibels below which more operators stay float. Default `MIN_SQNR_DB`. */
  readonly minSqnrDb?: number;
  /** Levels that may be used, in order. Default all; `['all-operators']` never falls back. */
  readonly levels?: readonly IntegerLevel[];
}

/** Below 20 dB noise is a tenth of the signal, and predictions change. */
export const MIN_SQNR_DB = 20;

/** Samples that levels are compared on; more tell the same in more time. */
const COMPARED_SAMPLES = 8;

export interface QuantizedTflite {
  readonly bytes: Uint8Array;
  readonly graph: TfGraph;
  /** Operators that compute with integers, and those that do with floats, by name. */
  readonly integerOperators: number;
  readonly floatOperators: Readonly<Record<string, number>>;
  /** For integer modes: how much computes with integers, and how close it comes to float32 in LiteRT. */
  readonly level?: IntegerLevel;
  readonly sqnrDb?: number;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Quantizes a lowered graph and writes it. The integer modes calibrate in LiteRT, run the result there beside the float
 * graph, and keep more operators in float until it is close enough; where no level is, the closest one is returned with
 * the warning `device-quantization-noise`.
 *
 * @throws ModelpressError `calibrate-no-samples` where data is needed and missing, `device-quantization-failed` where no
 * level runs, and those of `observeGraph`.
 */
export async function quantizeTflite(graph: TfGraph, options: QuantizeTfliteOptions): Promise<QuantizedTflite> {
  const { mode } = options;
  switch (mode) {
    case 'float16':
      return written(storeWeightsInFloat16(graph), mode);
    case 'int8-dynamic':
      return written(quantizeWeightsDynamically(graph), mode);
    case 'int8':
    case 'int16x8':
      return quantizeIntegers(graph, mode, options);
  }
}

async function quantizeIntegers(
  graph: TfGraph,
  mode: 'int8' | 'int16x8',
  options: QuantizeTfliteOptions,
): Promise<QuantizedTflite> {
  const { samples = [], minSqnrDb = MIN_SQNR_DB, levels = INTEGER_LEVELS } = options;
  if (samples.length === 0) {
    fail({
      code: 'calibrate-no-samples',
      message: `${mode} needs data to calibrate on`,
      hint: 'Give calibration data, or quantize with int8-dynamic or float16.',
    });
  }
  const ranges = await observeGraph(graph, samples, options);
  const compared = samples.slice(0, COMPARED_SAMPLES);
  const reference = await runSamples(graph, writeTflite(graph, { description: graph.name }), compared, options);
  const activations = mode === 'int8' ? 'int8' : 'int16';
  let best: QuantizedTflite | undefined;
  for (const level of levels) {
    const keepFloat = keptInFloat(graph, level);
    const result = quantizeGraph(graph, ranges, { ...options, activations, keepFloat });
    const file = written(result.graph, mode);
    const sqnrDb = await sqnrOf(result.graph, file.bytes, { reference, samples: compared, options });
    const { integerOperators, floatOperators } = result;
    if (best === undefined || sqnrDb > best.sqnrDb!)
      best = { ...file, integerOperators, floatOperators, level, sqnrDb };
    if (sqnrDb >= minSqnrDb) return best;
  }
  if (best?.sqnrDb === Number.NEGATIVE_INFINITY) {
    fail({
      code: 'device-quantization-failed',
      message: `${graph.name} does not run in LiteRT in ${mode} at any level`,
      at: graph.name,
      hint: 'Use int8-dynamic or float16.',
    });
  }
  return { ...best!, diagnostics: [tooNoisy(graph, best!.sqnrDb!, minSqnrDb)] };
}

interface Comparison {
  readonly reference: SampleOutputs;
  readonly samples: readonly SampleFeed[];
  readonly options: QuantizeTfliteOptions;
}

/** How close a file comes to the reference; minus infinity where LiteRT has no kernel for one of its operators. */
async function sqnrOf(graph: TfGraph, bytes: Uint8Array, { reference, samples, options }: Comparison): Promise<number> {
  try {
    return worstSqnr(reference, await runSamples(graph, bytes, samples, options));
  } catch (error) {
    if (!(error instanceof ModelpressError) || !/^runtime-(load|run)-failed$/.test(error.code)) throw error;
    return Number.NEGATIVE_INFINITY;
  }
}

function tooNoisy(graph: TfGraph, found: number, wanted: number): Diagnostic {
  return warning({
    code: 'device-quantization-noise',
    message: `${graph.name} in integers comes to ${found.toFixed(1)} dB of float32, under ${wanted} dB`,
    at: graph.name,
    hint: 'Give more calibration data, or use int16x8, int8-dynamic or float16.',
  });
}

function written(graph: TfGraph, mode: DeviceQuantization): QuantizedTflite {
  const floatOperators: Record<string, number> = {};
  for (const { name } of graph.operators) floatOperators[name] = (floatOperators[name] ?? 0) + 1;
  const bytes = writeTflite(graph, { description: `${graph.name}, ${mode}` });
  return { bytes, graph, integerOperators: 0, floatOperators, diagnostics: [] };
}
