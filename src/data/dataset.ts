import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Tensor } from '../ir/tensor.ts';

/** One sample's inputs by name, each with the batch axis that the model declares (usually a leading 1). */
export type Feed = ReadonlyMap<string, Tensor>;

/**
 * What is known to be right for one sample: a class, several numbers in row-major order, or the expected outputs by
 * name. Where the model's batch is fixed above 1 a sample holds that many rows, and its label is theirs, one row after the
 * other: a class each, or their numbers.
 */
export type Label =
  | { readonly kind: 'class'; readonly index: number }
  | { readonly kind: 'classes'; readonly indices: readonly number[] }
  | { readonly kind: 'values'; readonly values: readonly number[] }
  | { readonly kind: 'outputs'; readonly outputs: ReadonlyMap<string, Tensor> };

/** How the outputs of a classifier are to be read, where that does not show; see `ClassOptions`. */
export interface ScoringOptions {
  /** The output that the labels are about. */
  readonly output?: string | undefined;
  /** Added to the labels' class indices to get the model's. */
  readonly labelOffset?: number | undefined;
  /** From which score on a single one says class 1. */
  readonly threshold?: number | undefined;
}

/** One sample of a dataset. */
export interface Sample {
  readonly feed: Feed;
  readonly label?: Label;
  /**
   * SHA-256 of the sample's inputs in hexadecimal, for telling whether two datasets share it; computed when first
   * asked for. Names, types, dimensions and elements all count, the label does not.
   */
  fingerprint(): string;
}

/** The ways a dataset can have come to be; `synthetic` data says nothing about accuracy. */
export type DatasetOrigin = 'npz' | 'npy' | 'images' | 'csv' | 'jsonl' | 'onnx-test-data' | 'synthetic' | 'memory';

/**
 * Samples that can be gone through again and again, in the same order each time, without all of them being held.
 */
export interface Dataset {
  /** What to call it in a message: usually its path. */
  readonly label: string;
  readonly origin: DatasetOrigin;
  readonly size: number;
  /** Names of the classes where the data gives them (the sub-folders of an image folder). */
  readonly classNames?: readonly string[];
  /** What the data's options say of the outputs. */
  readonly scoring?: ScoringOptions;
  /** SHA-256 over what the dataset was read from, in hexadecimal. */
  readonly sha256: string;
  /** What opening it decided or left out that a person may want to know. */
  readonly notes: readonly Diagnostic[];
  /**
   * Sample `index`, from 0 to `size - 1`.
   *
   * @throws ModelpressError when the sample cannot be read or does not fit the model.
   * @throws RangeError when there is no such sample.
   */
  sample(index: number): Promise<Sample>;
  samples(): AsyncIterable<Sample>;
}
