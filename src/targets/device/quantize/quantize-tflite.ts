import { fail } from '../../../diagnostics/modelpress-error.ts';
import type { TfGraph, TfOperator } from '../tflite/tf-graph.ts';
import { writeTflite } from '../tflite/write-tflite.ts';
import { type ObserveOptions, observeGraph, type SampleFeed } from './observe-graph.ts';
import { type QuantizeGraphOptions, quantizeGraph } from './quantize-graph.ts';
import { quantizeWeightsDynamically, storeWeightsInFloat16 } from './quantize-weights.ts';

/** The ways to make a .tflite file smaller or faster than in float32. */
export type DeviceQuantization = 'float16' | 'int8-dynamic' | 'int8' | 'int16x8';

/** How a lowered graph is quantized. */
export interface QuantizeTfliteOptions extends ObserveOptions, Pick<QuantizeGraphOptions, 'ports'> {
  readonly mode: DeviceQuantization;
  /** Data to calibrate on; `int8` and `int16x8` need it. */
  readonly samples?: Iterable<SampleFeed> | AsyncIterable<SampleFeed>;
  readonly keepFloat?: (operator: TfOperator) => boolean;
}

export interface QuantizedTflite {
  readonly bytes: Uint8Array;
  readonly graph: TfGraph;
  /** Operators that compute with integers, and those that do with floats, by name. */
  readonly integerOperators: number;
  readonly floatOperators: Readonly<Record<string, number>>;
}

/**
 * Quantizes a lowered graph and writes it.
 *
 * @throws ModelpressError `calibrate-no-samples` where data is needed and missing, and those of `observeGraph`.
 */
export async function quantizeTflite(graph: TfGraph, options: QuantizeTfliteOptions): Promise<QuantizedTflite> {
  const { mode } = options;
  switch (mode) {
    case 'float16':
      return written(storeWeightsInFloat16(graph), mode);
    case 'int8-dynamic':
      return written(quantizeWeightsDynamically(graph), mode);
    case 'int8':
    case 'int16x8': {
      const { samples } = options;
      if (samples === undefined) {
        return fail({
          code: 'calibrate-no-samples',
          message: `${mode} needs data to calibrate on`,
          hint: 'Give calibration data, or quantize with int8-dynamic or float16.',
        });
      }
      const ranges = await observeGraph(graph, samples, options);
      const activations = mode === 'int8' ? 'int8' : 'int16';
      const result = quantizeGraph(graph, ranges, { ...options, activations });
      const { integerOperators, floatOperators } = result;
      return { ...written(result.graph, mode), integerOperators, floatOperators };
    }
  }
}

function written(graph: TfGraph, mode: DeviceQuantization): QuantizedTflite {
  const floatOperators: Record<string, number> = {};
  for (const { name } of graph.operators) floatOperators[name] = (floatOperators[name] ?? 0) + 1;
  const bytes = writeTflite(graph, { description: `${graph.name}, ${mode}` });
  return { bytes, graph, integerOperators: 0, floatOperators };
}
