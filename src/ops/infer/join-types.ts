import type { Shape } from '../../ir/shape.ts';
import type { ValueType } from '../../ir/value-type.ts';

/** What two types have in common: what is known of a value that has the one or the other. */
export function joinTypes(a: ValueType | undefined, b: ValueType | undefined): ValueType | undefined {
  if (a === undefined || b === undefined) return undefined;
  if ((a.kind === 'tensor' && b.kind === 'tensor') || (a.kind === 'sparse-tensor' && b.kind === 'sparse-tensor')) {
    if (a.dtype !== b.dtype) return undefined;
    const shape = joinShapes(a.shape, b.shape);
    return shape === undefined ? { kind: a.kind, dtype: a.dtype } : { kind: a.kind, dtype: a.dtype, shape };
  }
  if (a.kind === 'sequence' && b.kind === 'sequence')
    return { kind: 'sequence', element: joinTypes(a.element, b.element) };
  if (a.kind === 'optional' && b.kind === 'optional')
    return { kind: 'optional', element: joinTypes(a.element, b.element) };
  if (a.kind === 'map' && b.kind === 'map' && a.key === b.key)
    return { kind: 'map', key: a.key, value: joinTypes(a.value, b.value) };
  return a.kind === 'opaque' && b.kind === 'opaque' && a.domain === b.domain && a.name === b.name ? a : undefined;
}

/** The dimensions that two shapes agree in. */
export function joinShapes(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (a === undefined || b === undefined || a.length !== b.length) return undefined;
  return a.map((dim, i) => (dim === b[i] ? dim : undefined));
}

/** Whether two types say the same, unknown dimensions included; what dimensions mean (`denotations`) is left out. */
export function sameType(a: ValueType | undefined, b: ValueType | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  switch (a.kind) {
    case 'tensor':
    case 'sparse-tensor':
      return b.kind === a.kind && a.dtype === b.dtype && identicalShapes(a.shape, b.shape);
    case 'sequence':
    case 'optional':
      return b.kind === a.kind && sameType(a.element, b.element);
    case 'map':
      return b.kind === 'map' && a.key === b.key && sameType(a.value, b.value);
    case 'opaque':
      return b.kind === 'opaque' && a.domain === b.domain && a.name === b.name;
  }
}

function identicalShapes(a: Shape | undefined, b: Shape | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}
