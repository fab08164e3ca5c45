import type { Model } from '../../src/ir/model.ts';
import { elementCount, type Tensor } from '../../src/ir/tensor.ts';
import { tensorType } from '../../src/ir/value-type.ts';
import { isExchanged } from './exchange-types.ts';

/** A case in another form, so that folding, fusing and symbolic shapes have something to work on. */
export interface CaseVariant {
  /** Which inputs become constants that hold the test data. */
  readonly freeze: 'none' | 'all-but-first' | 'all';
  /** Whether every dimension of the remaining inputs becomes a symbol of its own. */
  readonly symbolic: boolean;
}

export const CASE_VARIANTS = {
  'as it is': { freeze: 'none', symbolic: false },
  'all but the first input constant': { freeze: 'all-but-first', symbolic: false },
  'all inputs constant': { freeze: 'all', symbolic: false },
  'symbolic sizes': { freeze: 'none', symbolic: true },
  'symbolic first input, others constant': { freeze: 'all-but-first', symbolic: true },
} as const satisfies Record<string, CaseVariant>;

export type CaseVariantName = keyof typeof CASE_VARIANTS;

/** Most elements of an input that becomes a constant; the suite's are small. */
const MAX_ELEMENTS = 100_000;

/**
 * Brings a model into the form of a variant. Inputs of types that onnxruntime-node cannot be given become constants in
 * every variant.
 *
 * @param data the test data in the order of the inputs; absent where it is no tensor.
 * @returns whether the model has changed, and the data of the inputs that are left.
 */
export function applyVariant(
  { graph }: Model,
  data: readonly (Tensor | undefined)[],
  { freeze, symbolic }: CaseVariant,
): { readonly changed: boolean; readonly feed: ReadonlyMap<string, Tensor> } {
  const feed = new Map<string, Tensor>();
  let changed = false;
  for (const [index, input] of [...graph.inputs].entries()) {
    const tensor = data[index];
    const { name, type } = input;
    if (tensor === undefined) continue;
    const wanted = freeze === 'all' || (freeze === 'all-but-first' && index > 0) || !isExchanged(tensor.dtype);
    if (wanted && elementCount(tensor.dims) <= MAX_ELEMENTS) {
      const { dtype, dims, storage } = tensor;
      graph.replaceAllUses(input, graph.addConstant({ dtype, dims, storage }, name), { outputs: true });
      graph.eraseValue(input);
      changed = true;
      continue;
    }
    feed.set(name, tensor);
    if (symbolic && type?.kind === 'tensor' && type.shape !== undefined && type.shape.length > 0) {
      graph.setType(
        input,
        tensorType(
          type.dtype,
          type.shape.map((_, axis) => `${name}_${axis}`),
        ),
      );
      changed = true;
    }
  }
  return { changed, feed };
}
