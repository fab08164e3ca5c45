import { packedByteLength } from '../../ir/dtype.ts';
import type { Dim, Shape } from '../../ir/shape.ts';
import type { Value } from '../../ir/value.ts';
import { shapeOf, tensorType, type ValueType } from '../../ir/value-type.ts';
import { evaluateDim, symbolsOf } from '../dims/evaluate-dim.ts';

/** Sizes for the symbols of dynamic dimensions; a symbol without one counts as 1. */
export type DimBindings = ReadonlyMap<string, number>;

/** Where the cost functions learn a value's proven type. */
export type TypeOf = (value: Value) => ValueType | undefined;

/** The type that the graph itself holds: what `infer-shapes` has written, or a constant's. */
export const typeInGraph: TypeOf = (value) =>
  value.constant === undefined ? value.type : tensorType(value.constant.dtype, value.constant.dims);

/** A dimension as a number; `undefined` where it is unknown, or the sizes are too small for the model. */
export function sizeOfDim(dim: Dim, bindings: DimBindings): number | undefined {
  if (typeof dim !== 'string') return dim;
  const open = symbolsOf(dim).filter((symbol) => !bindings.has(symbol));
  const sizes = open.length === 0 ? bindings : new Map([...bindings, ...open.map((symbol) => [symbol, 1] as const)]);
  const size = evaluateDim(dim, sizes);
  return size === undefined || size < 0 ? undefined : size;
}

/** All dimensions as numbers; `undefined` where one is unknown. */
export function sizesOfShape(shape: Shape | undefined, bindings: DimBindings): readonly number[] | undefined {
  const sizes = shape?.map((dim) => sizeOfDim(dim, bindings));
  return sizes?.every((size) => size !== undefined) ? (sizes as number[]) : undefined;
}

/** Elements of a tensor of this shape. */
export function elementsOfShape(shape: Shape | undefined, bindings: DimBindings): number | undefined {
  return sizesOfShape(shape, bindings)?.reduce((count, size) => count * size, 1);
}

/** Bytes of a tensor of this type; `undefined` where it is none, or strings, or of unknown size. */
export function bytesOfType(type: ValueType | undefined, bindings: DimBindings): number | undefined {
  if (type?.kind !== 'tensor' || type.dtype === 'string') return undefined;
  const count = elementsOfShape(shapeOf(type), bindings);
  return count === undefined ? undefined : packedByteLength(type.dtype, count);
}
