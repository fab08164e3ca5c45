import type { LiteRtOptions } from '../../../runtime/litert.ts';
import type { TfGraph, TfOperator } from '../tflite/tf-graph.ts';
import { writeTflite } from '../tflite/write-tflite.ts';
import { applicableRule } from './applicable-rule.ts';
import { equalizeChannels } from './equalize-channels.ts';
import type { IntegerLevel } from './fallback-levels.ts';
import type { ActivationBits } from './int8-rules.ts';
import { isRuntimeFailure, runSamples, type SampleOutputs, worstSqnr } from './measure-sqnr.ts';
import { type GraphObservations, observeGraph, type SampleFeed } from './observe-graph.ts';
import { type QuantizedGraph, type QuantizeGraphOptions, quantizeGraph } from './quantize-graph.ts';
import { type ReconstructedLayers, reconstructLayers } from './reconstruct-layers.ts';
import { blockNoise, type OperatorBlock } from './sensitive-operators.ts';

/** How ranges are chosen. */
export type TriedObserver = 'min-max' | 'mse';

/** How integers are chosen for floats. */
export interface TrialRecipe {
  readonly observer: TriedObserver;
  /** Whether weights are rounded each to the nearest, or together by the data that they are multiplied with. */
  readonly rounding: 'nearest' | 'reconstructed';
}

/** Samples that trials are compared on; more tell the same in more time. */
const COMPARED_SAMPLES = 16;

/** Samples that weights are rounded by. */
const RECONSTRUCTED_SAMPLES = 16;

/** Samples that parts of a graph are compared on, which are many. */
const BLOCK_SAMPLES = 4;

/** What is tried. */
export interface TrialSetting {
  readonly recipe: TrialRecipe;
  readonly level: IntegerLevel;
  /** Operators that stay float although they have an integer kernel. */
  readonly keepFloat: (operator: TfOperator) => boolean;
}

/** A quantized graph, and how close it comes to float32 in LiteRT. */
export interface Trial extends TrialSetting {
  readonly quantized: QuantizedGraph;
  readonly bytes: Uint8Array;
  /** Minus infinity where LiteRT has no kernel for one of its operators. */
  readonly sqnrDb: number;
}

/** What trials are run with. */
export interface TrialOptions extends LiteRtOptions, Pick<QuantizeGraphOptions, 'ports'> {
  readonly mode: 'int8' | 'int16x8';
}

/** Calibrates a graph for trials, which are judged on the first of the samples. */
export async function openTrials(
  graph: TfGraph,
  samples: readonly SampleFeed[],
  options: TrialOptions,
): Promise<IntegerTrials> {
  const compared = samples.slice(0, COMPARED_SAMPLES);
  const reference = await runSamples(graph, writeTflite(graph, { description: graph.name }), compared, options);
  const even = options.mode === 'int8' ? await equalizeChannels(graph, samples, options) : graph;
  const observations = await observeGraph(even, samples, ['min-max', 'mse'], options);
  return new IntegerTrials(even, { observations, samples, compared, reference }, options);
}

interface TrialData {
  readonly observations: GraphObservations;
  readonly samples: readonly SampleFeed[];
  readonly compared: readonly SampleFeed[];
  readonly reference: SampleOutputs;
}

/** Quantizes a calibrated graph in one way or another and runs the result. */
export class IntegerTrials {
  readonly #graph: TfGraph;
  readonly #data: TrialData;
  readonly #options: TrialOptions;
  readonly #type: ActivationBits;
  #reconstructed: ReconstructedLayers | undefined;

  constructor(graph: TfGraph, data: TrialData, options: TrialOptions) {
    this.#graph = graph;
    this.#data = data;
    this.#options = options;
    this.#type = options.mode === 'int8' ? 'int8' : 'int16';
  }

  async run({ recipe, level, keepFloat }: TrialSetting): Promise<Trial> {
    const { quantized, bytes } = await this.#quantize(recipe, keepFloat);
    return { recipe, level, keepFloat, quantized, bytes, sqnrDb: await this.#sqnrOf(quantized.graph, bytes) };
  }

  /** The noise that each part of the graph brings into the results, when nothing else computes with integers. */
  async blockNoise(recipe: TrialRecipe): Promise<readonly OperatorBlock[]> {
    const ranges = this.#data.observations.ranges(recipe.observer);
    const setting = { type: this.#type, ranges, keepFloat: undefined };
    const candidates = this.#graph.operators.filter((operator) => applicableRule(operator, setting) !== undefined);
    return await blockNoise(candidates, async (alone) => {
      const { quantized, bytes } = await this.#quantize(recipe, (operator) => !alone.has(operator));
      return 10 ** (-(await this.#sqnrOf(quantized.graph, bytes, BLOCK_SAMPLES)) / 10);
    });
  }

  async #quantize({ observer, rounding }: TrialRecipe, keepFloat: (operator: TfOperator) => boolean) {
    const { observations, samples } = this.#data;
    if (rounding === 'reconstructed') {
      this.#reconstructed ??= await reconstructLayers(
        this.#graph,
        samples.slice(0, RECONSTRUCTED_SAMPLES),
        this.#options,
      );
    }
    const quantized = quantizeGraph(this.#graph, observations.ranges(observer), {
      ...this.#options,
      activations: this.#type,
      keepFloat,
      channelMeans: observations.channelMeans(),
      ...(rounding === 'reconstructed' && this.#reconstructed && { reconstructed: this.#reconstructed }),
    });
    const bytes = writeTflite(quantized.graph, { description: `${this.#graph.name}, ${this.#options.mode}` });
    return { quantized, bytes };
  }

  async #sqnrOf(graph: TfGraph, bytes: Uint8Array, samples = COMPARED_SAMPLES): Promise<number> {
    const { reference, compared } = this.#data;
    try {
      const outputs = await runSamples(graph, bytes, compared.slice(0, samples), this.#options);
      return worstSqnr(reference.slice(0, samples), outputs);
    } catch (error) {
      if (!isRuntimeFailure(error)) throw error;
      return Number.NEGATIVE_INFINITY;
    }
  }
}
