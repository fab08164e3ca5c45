import type { Node } from '../../ir/node.ts';
import type { Tensor } from '../../ir/tensor.ts';
import { ACTIVATION_KERNELS } from './activation-kernels.ts';
import { CAST_KERNELS } from './cast-kernel.ts';
import { ELEMENTWISE_KERNELS } from './elementwise-kernels.ts';
import { INDEXING_KERNELS } from './indexing-kernels.ts';
import { CannotEvaluate, type KernelTable } from './kernel.ts';
import { MOVEMENT_KERNELS } from './movement-kernels.ts';
import { PRODUCT_KERNELS } from './product-kernels.ts';
import { QUANTIZATION_KERNELS } from './quantization-kernels.ts';
import { REDUCTION_KERNELS } from './reduction-kernels.ts';
import { SELECTION_KERNELS } from './selection-kernels.ts';
import { SHAPE_KERNELS } from './shape-kernels.ts';

const KERNELS: KernelTable = {
  ...ELEMENTWISE_KERNELS,
  ...CAST_KERNELS,
  ...MOVEMENT_KERNELS,
  ...REDUCTION_KERNELS,
  ...SHAPE_KERNELS,
  ...ACTIVATION_KERNELS,
  ...PRODUCT_KERNELS,
  ...QUANTIZATION_KERNELS,
  ...INDEXING_KERNELS,
  ...SELECTION_KERNELS,
};

/** The results of a node on constants, or why they cannot be had. */
export type Evaluation =
  | { readonly kind: 'value'; readonly outputs: readonly Tensor[] }
  | { readonly kind: 'declined'; readonly reason: string };

/** Whether there is a kernel for a node's operator. */
export function canEvaluate(node: Node): boolean {
  return node.domain === '' && Object.hasOwn(KERNELS, node.op);
}

/**
 * Computes a node of ai.onnx on constant operands.
 *
 * @param inputs one tensor per operand slot, `undefined` for absent ones.
 * @param opset the version of ai.onnx that the node follows.
 */
export function evaluateNode(node: Node, inputs: readonly (Tensor | undefined)[], opset: number): Evaluation {
  const kernel = node.domain === '' && Object.hasOwn(KERNELS, node.op) ? KERNELS[node.op] : undefined;
  if (kernel === undefined) return { kind: 'declined', reason: `no kernel for ${node.op}` };
  try {
    const outputs = kernel({ node, inputs, opset });
    if (!outputs.every(({ dims }) => dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0)))
      return { kind: 'declined', reason: 'a size that is none' };
    return { kind: 'value', outputs };
  } catch (error) {
    // RangeError: operands that no runtime takes either, such as a negative size, or a size that no array has.
    if (error instanceof CannotEvaluate || error instanceof RangeError)
      return { kind: 'declined', reason: error.message };
    throw error;
  }
}
