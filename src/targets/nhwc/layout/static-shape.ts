import { isStatic } from '../../../ir/shape.ts';
import type { Value } from '../../../ir/value.ts';
import { shapeOf } from '../../../ir/value-type.ts';

/** The sizes of a value's axes, where all are proven. */
export function staticShape(value: Value | undefined): readonly number[] | undefined {
  const shape = value?.constant?.dims ?? shapeOf(value?.type);
  return isStatic(shape) ? shape : undefined;
}
