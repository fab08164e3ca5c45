import type { Node } from '../../ir/node.ts';
import type { Tensor } from '../../ir/tensor.ts';

/** What a kernel computes on: the node for its attributes, its constant operands, and the opset that gives it meaning. */
export interface KernelCall {
  readonly node: Node;
  /** One entry per operand slot; `undefined` for an absent optional operand. */
  readonly inputs: readonly (Tensor | undefined)[];
  readonly opset: number;
}

/**
 * Computes a node's results from constant operands. Throws `CannotEvaluate` for what it does not cover; the results are
 * those of the operator's specification, rounded once to the result's type.
 */
export type Kernel = (call: KernelCall) => readonly Tensor[];

export type KernelTable = Readonly<Record<string, Kernel>>;

/** A kernel's word that it does not cover a case; never seen outside `evaluate/`. */
export class CannotEvaluate extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'CannotEvaluate';
  }
}

/** The operand at `index`. @throws CannotEvaluate where it is absent. */
export function operand(call: KernelCall, index: number): Tensor {
  const tensor = call.inputs[index];
  if (tensor === undefined) throw new CannotEvaluate(`operand ${index} is absent`);
  return tensor;
}

/** An axis counted from the front. @throws CannotEvaluate where it lies outside the rank. */
export function normalizeAxis(axis: number, rank: number): number {
  const normalized = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(normalized) || normalized < 0 || normalized >= Math.max(rank, 1)) {
    throw new CannotEvaluate(`axis ${axis} lies outside rank ${rank}`);
  }
  return normalized;
}
