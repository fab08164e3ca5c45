import type { ObserverName } from '../../../quantize/observers/observer-table.ts';
import type { LiteRtOptions } from '../../../runtime/litert.ts';
import type { TfGraph, TfOperator } from '../tflite/tf-graph.ts';
import { writeTflite } from '../tflite/write-tflite.ts';
import { applicableRule } from './applicable-rule.ts';
import type { IntegerLevel } from './fallback-levels.ts';
import type { ActivationBits } from './int8-rules.ts';
import { isRuntimeFailure, runSamples, type SampleOutputs, worstSqnr } from './measure-sqnr.ts';
import { type GraphObservations, observeGraph, type SampleFeed } from './observe-graph.ts';
import { type QuantizedGraph, type QuantizeGraphOptions, quantizeGraph } from './quantize-graph.ts';
import { blockNoise, type OperatorBlock } from './sensitive-operators.ts';

/** How ranges are chosen, in the order in which it is tried. Biases are corrected for both. */
export const TRIED_OBSERVERS = ['min-max', 'mse'] as const satisfies readonly ObserverName[];

/** One of the ways in which ranges are chosen. */
export type TriedObserver = (typeof TRIED_OBSERVERS)[number];

/** Samples that trials are compared on; more tell the same in more time. */
const COMPARED_SAMPLES = 8;

/** Samples that parts of a graph are compared on, which are many. */
const BLOCK_SAMPLES = 2;

/** What is tried. */
export interface TrialSetting {
  readonly observer: TriedObserver;
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
  const observations = await observeGraph(graph, samples, TRIED_OBSERVERS, options);
  const compared = samples.slice(0, COMPARED_SAMPLES);
  const reference = await runSamples(graph, writeTflite(graph, { description: graph.name }), compared, options);
  return new IntegerTrials(graph, { observations, compared, reference }, options);
}

interface TrialData {
  readonly observations: GraphObservations;
  readonly compared: readonly SampleFeed[];
  readonly reference: SampleOutputs;
}

/** Quantizes a calibrated graph in one way or another and runs the result. */
export class IntegerTrials {
  readonly #graph: TfGraph;
  readonly #data: TrialData;
  readonly #options: TrialOptions;
  readonly #type: ActivationBits;

  constructor(graph: TfGraph, data: TrialData, options: TrialOptions) {
    this.#graph = graph;
    this.#data = data;
    this.#options = options;
    this.#type = options.mode === 'int8' ? 'int8' : 'int16';
  }

  async run({ observer, level, keepFloat }: TrialSetting): Promise<Trial> {
    const { quantized, bytes } = this.#quantize(observer, keepFloat);
    return { observer, level, keepFloat, quantized, bytes, sqnrDb: await this.#sqnrOf(quantized.graph, bytes) };
  }

  /** The noise that each part of the graph brings into the results, when nothing else computes with integers. */
  async blockNoise(observer: TriedObserver): Promise<readonly OperatorBlock[]> {
    const ranges = this.#data.observations.ranges(observer);
    const setting = { type: this.#type, ranges, keepFloat: undefined };
    const candidates = this.#graph.operators.filter((operator) => applicableRule(operator, setting) !== undefined);
    return await blockNoise(candidates, async (alone) => {
      const { quantized, bytes } = this.#quantize(observer, (operator) => !alone.has(operator));
      return 10 ** (-(await this.#sqnrOf(quantized.graph, bytes, BLOCK_SAMPLES)) / 10);
    });
  }

  #quantize(observer: TriedObserver, keepFloat: (operator: TfOperator) => boolean) {
    const { observations } = this.#data;
    const quantized = quantizeGraph(this.#graph, observations.ranges(observer), {
      ...this.#options,
      activations: this.#type,
      keepFloat,
      channelMeans: observations.channelMeans(),
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
