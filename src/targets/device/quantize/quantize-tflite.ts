import { type Diagnostic, warning } from '../../../diagnostics/diagnostic.ts';
import { fail } from '../../../diagnostics/modelpress-error.ts';
import { MIN_SQNR_DB } from '../../../quantize/min-sqnr.ts';
import type { LiteRtOptions } from '../../../runtime/litert.ts';
import type { TfGraph } from '../tflite/tf-graph.ts';
import { writeTflite } from '../tflite/write-tflite.ts';
import { bestTrial } from './best-trial.ts';
import { INTEGER_LEVELS, type IntegerLevel } from './fallback-levels.ts';
import { openTrials } from './integer-trials.ts';
import { isRuntimeFailure, runSamples } from './measure-sqnr.ts';
import type { SampleFeed } from './observe-graph.ts';
import type { QuantizeGraphOptions } from './quantize-graph.ts';
import { needsConstantWeights, quantizeWeightsDynamically, storeWeightsInFloat16 } from './quantize-weights.ts';

/** The ways to make a .tflite file smaller or faster than in float32. */
export type DeviceQuantization = 'float16' | 'int8-dynamic' | 'int8' | 'int16x8';

/** How a lowered graph is quantized. */
export interface QuantizeTfliteOptions extends LiteRtOptions, Pick<QuantizeGraphOptions, 'ports'> {
  readonly mode: DeviceQuantization;
  /** Data to calibrate on and to compare with float32 on; `int8` and `int16x8` need it. */
  readonly samples?: readonly SampleFeed[];
  /** Signal-to-noise ratio in decibels below which more operators stay float. Default `MIN_SQNR_DB`. */
  readonly minSqnrDb?: number;
  /** Levels that may be used, in order. Default all; `['all-operators']` never falls back. */
  readonly levels?: readonly IntegerLevel[];
}

export interface QuantizedTflite {
  readonly bytes: Uint8Array;
  readonly graph: TfGraph;
  /** What was asked for, or `float32` where LiteRT does not run that. */
  readonly precision: DeviceQuantization | 'float32';
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
 * the warning `device-quantization-noise`. Where LiteRT cannot run the result on the first sample, that is a warning too,
 * `device-quantization-failed`, and the file is float32.
 *
 * @throws ModelpressError `calibrate-no-samples` where data is needed and missing, and those of `observeGraph`.
 */
export async function quantizeTflite(graph: TfGraph, options: QuantizeTfliteOptions): Promise<QuantizedTflite> {
  const { mode } = options;
  switch (mode) {
    case 'float16': {
      const kept = graph.operators.filter(needsConstantWeights).length;
      const diagnostics = kept === 0 ? [] : [weightsKept(graph, kept)];
      return await provenToRun(graph, { ...written(storeWeightsInFloat16(graph), mode), diagnostics }, options);
    }
    case 'int8-dynamic':
      return await provenToRun(graph, written(quantizeWeightsDynamically(graph), mode), options);
    case 'int8':
    case 'int16x8':
      return quantizeIntegers(graph, mode, options);
  }
}

/** The file, if LiteRT runs it on the first sample or there is none; else the graph in float32. */
async function provenToRun(
  graph: TfGraph,
  file: QuantizedTflite,
  options: QuantizeTfliteOptions,
): Promise<QuantizedTflite> {
  try {
    await runSamples(file.graph, file.bytes, (options.samples ?? []).slice(0, 1), options);
    return file;
  } catch (error) {
    if (!isRuntimeFailure(error)) throw error;
    return unquantized(graph, options.mode, error.message);
  }
}

function unquantized(graph: TfGraph, mode: DeviceQuantization, reason: string): QuantizedTflite {
  const diagnostic = warning({
    code: 'device-quantization-failed',
    message: `${graph.name} does not run in ${mode} and stays float32: ${reason}`,
    at: graph.name,
    hint: 'Quantize the device artifact in another way, or leave it as it is.',
  });
  return { ...written(graph, 'float32'), diagnostics: [diagnostic] };
}

function weightsKept(graph: TfGraph, count: number): Diagnostic {
  return warning({
    code: 'device-float16-kept',
    message: `${count} convolutions of ${graph.name} keep weights in float32: with weights in float16 they would unfold their data to over 256 MiB`,
    at: graph.name,
    hint: 'Use int8, or convert the model for smaller inputs.',
  });
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
  const trials = await openTrials(graph, samples, { ...options, mode });
  const best = await bestTrial(graph, trials, { minSqnrDb, levels });
  if (best.sqnrDb === Number.NEGATIVE_INFINITY) return unquantized(graph, mode, 'LiteRT runs it at no level');
  const { quantized, bytes, level, sqnrDb } = best;
  const { integerOperators, floatOperators } = quantized;
  const diagnostics = sqnrDb >= minSqnrDb ? [] : [tooNoisy(graph, sqnrDb, minSqnrDb)];
  return {
    bytes,
    graph: quantized.graph,
    precision: mode,
    integerOperators,
    floatOperators,
    level,
    sqnrDb,
    diagnostics,
  };
}

function tooNoisy(graph: TfGraph, found: number, wanted: number): Diagnostic {
  return warning({
    code: 'device-quantization-noise',
    message: `${graph.name} in integers comes to ${found.toFixed(1)} dB of float32, under ${wanted} dB`,
    at: graph.name,
    hint: 'Give more calibration data, or use int16x8, int8-dynamic or float16.',
  });
}

function written(graph: TfGraph, precision: QuantizedTflite['precision']): QuantizedTflite {
  const floatOperators: Record<string, number> = {};
  for (const { name } of graph.operators) floatOperators[name] = (floatOperators[name] ?? 0) + 1;
  const bytes = writeTflite(graph, { description: `${graph.name}, ${precision}` });
  return { bytes, graph, precision, integerOperators: 0, floatOperators, diagnostics: [] };
}
