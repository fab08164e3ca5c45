import { type Shape, sameDim } from '../ir/shape.ts';

/**
 * Whether two shapes of the same elements are proven equal: all dimensions but one are the same positive number, so that
 * the number of elements proves the last.
 */
export function provesSameShape(before: Shape | undefined, after: Shape | undefined): boolean {
  if (before === undefined || before.length !== after?.length) return false;
  const open = before.filter((dim, index) => !(sameDim(dim, after[index]) && isPositive(dim)));
  return open.length <= 1 || before.every((dim, index) => sameDim(dim, after[index]));
}

/**
 * The constant operand of a Reshape from `before` to `after`: numbers where they are proven, 0 where a symbolic
 * dimension stays in its place, one -1. None where that does not say the shape, also for tensors without elements: a -1
 * beside a copied dimension that is 0 at run time is an error in ONNX Runtime.
 */
export function reshapeTarget(before: Shape | undefined, after: Shape | undefined): readonly number[] | undefined {
  if (after === undefined) return undefined;
  const open = after.filter((dim) => !isPositive(dim));
  if (open.some((dim) => typeof dim === 'number')) return undefined;
  if (open.length <= 1) return after.map((dim) => (isPositive(dim) ? dim : -1));
  const copied = after.every((dim, index) => isPositive(dim) || sameDim(dim, before?.[index]));
  return copied ? after.map((dim) => (isPositive(dim) ? dim : 0)) : undefined;
}

/**
 * The operand of a Reshape of `before`, given the operand `target` of one that reshapes the same elements in the shape
 * `between`. A 0 copies a dimension of `between`, so it is replaced by what that is proven to be.
 */
export function retargeted(
  target: readonly number[],
  between: Shape | undefined,
  before: Shape | undefined,
): readonly number[] | undefined {
  const resolved = target.map((wanted, index) => {
    if (wanted !== 0) return wanted;
    const dim = between?.[index];
    if (isPositive(dim)) return dim;
    return sameDim(dim, before?.[index]) && typeof dim === 'string' ? 0 : undefined;
  });
  const open = resolved.filter((dim) => dim === undefined).length;
  if (open === 0) return resolved as number[];
  const rest = resolved.every((dim) => dim === undefined || dim > 0);
  return open === 1 && rest ? resolved.map((dim) => dim ?? -1) : undefined;
}

function isPositive(dim: Shape[number]): dim is number {
  return typeof dim === 'number' && dim > 0;
}
