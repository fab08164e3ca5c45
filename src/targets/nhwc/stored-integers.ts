import type { Tensor } from '../../ir/tensor.ts';

/** The integers that a float constant was stored as in the model: it is `scale * (integer - zeroPoint)`, rounded. */
export interface StoredIntegers {
  readonly integers: Tensor;
  /** One, or one per index along `axis`. */
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly axis: number;
}

/** What is known of the constants of a model that were quantized in it; keyed by the float tensors that replace them. */
export type IntegerSources = ReadonlyMap<Tensor, StoredIntegers>;
