import { isStatic } from '../../../ir/shape.ts';
import { elementCount } from '../../../ir/tensor.ts';
import type { ValueType } from '../../../ir/value-type.ts';
import { MAX_SYMBOLIC_ELEMENTS } from '../symbolic-value.ts';

/** The sizes of a result whose elements can be followed: all known, and few. */
export function resultDims(type: ValueType | undefined): readonly number[] | undefined {
  if (type?.kind !== 'tensor' || !isStatic(type.shape)) return undefined;
  return elementCount(type.shape) <= MAX_SYMBOLIC_ELEMENTS ? type.shape : undefined;
}
