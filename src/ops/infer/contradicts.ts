import type { Dim, Shape } from '../../ir/shape.ts';
import type { ValueType } from '../../ir/value-type.ts';

/** Whether no value can have both types: another element type, rank or size. */
export function contradicts(declared: ValueType, proven: ValueType): boolean {
  if (declared.kind !== proven.kind) return declared.kind !== 'optional' && proven.kind !== 'optional';
  if (declared.kind !== 'tensor' || proven.kind !== 'tensor') return false;
  return declared.dtype !== proven.dtype || shapesContradict(declared.shape, proven.shape);
}

function shapesContradict(a: Shape | undefined, b: Shape | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.length !== b.length || a.some((dim, i) => differ(dim, b[i]));
}

function differ(a: Dim, b: Dim): boolean {
  return typeof a === 'number' && typeof b === 'number' && a !== b;
}
