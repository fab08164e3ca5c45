import type { Dataset, Feed } from '../data/dataset.ts';
import { ModelpressError } from '../diagnostics/modelpress-error.ts';
import type { Model } from '../ir/model.ts';
import { writeModel } from '../onnx/write-model.ts';
import { costOf } from '../ops/cost/cost-of.ts';
import { openOrtSession } from '../runtime/onnxruntime-node.ts';
import { type OutputContents, outputContents } from '../validate/scoring/output-content.ts';
import { outputNoise } from './output-noise.ts';

/** Samples that whole models are compared on, and parts of one, which are many; more tell the same in more time. */
const COMPARED_SAMPLES = 8;
const BLOCK_SAMPLES = 2;

/** Multiply-accumulates that one comparison may take: a second or so. Dearer models run fewer samples, down to two, and their parts one. */
const COMPARED_MACS = 20e9;

/** Runs quantized models beside the one in float32, on samples of the data that it was calibrated on. */
export class Int8Trials {
  readonly #feeds: readonly Feed[];
  readonly #expected: readonly OutputContents[];
  #models = 0;
  #runs = 0;

  readonly #partSamples: number;
  readonly #onModel: (models: number) => void;

  private constructor(
    feeds: readonly Feed[],
    expected: readonly OutputContents[],
    partSamples: number,
    onModel: (models: number) => void,
  ) {
    this.#feeds = feeds;
    this.#expected = expected;
    this.#partSamples = partSamples;
    this.#onModel = onModel;
  }

  /**
   * @param onModel called with the number of models after each that was run.
   * @throws ModelpressError those of the runtime and the dataset.
   */
  static async open(float: Model, dataset: Dataset, onModel: (models: number) => void = () => {}): Promise<Int8Trials> {
    const { macs } = costOf(float);
    const affordable = Math.max(2, Math.floor(COMPARED_MACS / Math.max(1, macs)));
    const count = Math.min(dataset.size, COMPARED_SAMPLES, affordable);
    const feeds: Feed[] = [];
    // From all over the data, which may be sorted by class.
    for (let i = 0; i < count; i++) feeds.push((await dataset.sample(Math.floor((i * dataset.size) / count))).feed);
    const partSamples = affordable < COMPARED_SAMPLES ? 1 : Math.min(BLOCK_SAMPLES, count);
    return new Int8Trials(feeds, await answers(float, feeds), partSamples, onModel);
  }

  /** Models that were loaded, and samples that were run through them, the float model's apart. */
  get cost(): { readonly models: number; readonly runs: number } {
    return { models: this.#models, runs: this.#runs };
  }

  /** The samples that whole models are compared on. */
  get samples(): number {
    return this.#feeds.length;
  }

  /** The noise of a model's outputs; infinite where it does not run. */
  noiseOf(model: Model): Promise<number> {
    return this.#noise(model, this.#feeds.length);
  }

  /** The same on fewer samples, for models of which only a part is quantized. */
  noiseOfPart(model: Model): Promise<number> {
    return this.#noise(model, this.#partSamples);
  }

  async #noise(model: Model, samples: number): Promise<number> {
    this.#models++;
    this.#runs += samples;
    try {
      return outputNoise(this.#expected.slice(0, samples), await answers(model, this.#feeds.slice(0, samples)));
    } catch (error) {
      if (error instanceof ModelpressError && /^runtime-(load|run)-failed$/.test(error.code)) return Infinity;
      throw error;
    } finally {
      this.#onModel(this.#models);
    }
  }
}

async function answers(model: Model, feeds: readonly Feed[]): Promise<readonly OutputContents[]> {
  const session = await openOrtSession(writeModel(model), { quiet: true });
  try {
    const outputs: OutputContents[] = [];
    for (const feed of feeds) outputs.push(outputContents(await session.run(feed)));
    return outputs;
  } finally {
    await session.close();
  }
}
