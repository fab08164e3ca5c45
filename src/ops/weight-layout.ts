import { intOf } from '../ir/attribute.ts';
import type { Node } from '../ir/node.ts';

/** Where a linear operator has its weights, and what their axes mean. */
export interface WeightLayout {
  /** Operand that holds the weights. */
  readonly operand: number;
  /** Operand that holds the bias, where the operator has one. */
  readonly bias: number | undefined;
  /** Axis of the output channels; negative counts from the end. */
  readonly channelAxis: number;
  /** Axis of the input channels, over which the operator sums. */
  readonly reductionAxis: number;
}

const LAYOUTS: Readonly<Record<string, (node: Node) => WeightLayout>> = {
  Conv: () => ({ operand: 1, bias: 2, channelAxis: 0, reductionAxis: 1 }),
  ConvTranspose: () => ({ operand: 1, bias: 2, channelAxis: 1, reductionAxis: 0 }),
  Gemm: (node) =>
    intOf(node, 'transB') === 1
      ? { operand: 1, bias: 2, channelAxis: 0, reductionAxis: 1 }
      : { operand: 1, bias: 2, channelAxis: 1, reductionAxis: 0 },
  MatMul: () => ({ operand: 1, bias: undefined, channelAxis: -1, reductionAxis: -2 }),
};

/** The layout of the weights of a Conv, ConvTranspose, Gemm or MatMul; `undefined` for every other operator. */
export function weightLayoutOf(node: Node): WeightLayout | undefined {
  return node.domain === '' ? LAYOUTS[node.op]?.(node) : undefined;
}
