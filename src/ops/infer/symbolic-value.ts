import { type DataType, isFloat, isInteger, kindOf } from '../../ir/dtype.ts';
import type { Dim } from '../../ir/shape.ts';
import { elementCount, type Tensor, toNumbers } from '../../ir/tensor.ts';

/**
 * What is known of the elements of a small tensor: shapes on their way from `Shape` to `Reshape`, axes, conditions.
 * An element is a number, an expression over the model's symbols (integers only), or unknown. Booleans are 0 and 1.
 */
export interface SymbolicValue {
  readonly dtype: DataType;
  readonly dims: readonly number[];
  /** In row-major order, as many as `dims` say. */
  readonly elements: readonly Dim[];
}

/** Most elements of a tensor whose elements are followed; shapes and their parts are far smaller. */
export const MAX_SYMBOLIC_ELEMENTS = 64;

/** A symbolic value, or nothing where it is too large, of sizes that are none, or without an element that is known. */
export function symbolicValue(
  dtype: DataType,
  dims: readonly number[],
  elements: readonly Dim[],
): SymbolicValue | undefined {
  if (elements.length > MAX_SYMBOLIC_ELEMENTS || elements.length !== elementCount(dims)) return undefined;
  if (!dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0)) return undefined;
  const kept = elements.map((element) => (fits(dtype, element) ? element : undefined));
  return elements.length > 0 && kept.every((element) => element === undefined)
    ? undefined
    : { dtype, dims, elements: kept };
}

/** Every sweep asks for the elements of the same constants. */
const valuesOfTensors = new WeakMap<Tensor, SymbolicValue | null>();

/** The elements of a constant, if it is small and holds numbers or booleans. */
export function valueOfTensor(tensor: Tensor): SymbolicValue | undefined {
  const { dtype, dims } = tensor;
  if (elementCount(dims) > MAX_SYMBOLIC_ELEMENTS) return undefined;
  const known = valuesOfTensors.get(tensor);
  if (known !== undefined) return known ?? undefined;
  const kind = kindOf(dtype);
  const value = kind === 'string' || kind === 'complex' ? undefined : symbolicValue(dtype, dims, toNumbers(tensor));
  valuesOfTensors.set(tensor, value ?? null);
  return value;
}

/** Whether every element is a number. */
export function isKnown(
  value: SymbolicValue | undefined,
): value is SymbolicValue & { readonly elements: readonly number[] } {
  return value?.elements.every((element) => typeof element === 'number') ?? false;
}

/** Bounds of the types that arithmetic may leave; int64, which sizes are computed in, has none that matter. */
const BOUNDS: Readonly<Partial<Record<DataType, readonly [number, number]>>> = {
  uint8: [0, 2 ** 8 - 1],
  int8: [-(2 ** 7), 2 ** 7 - 1],
  uint16: [0, 2 ** 16 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  uint32: [0, 2 ** 32 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint64: [0, 2 ** 64],
  uint4: [0, 2 ** 4 - 1],
  int4: [-(2 ** 3), 2 ** 3 - 1],
  uint2: [0, 2 ** 2 - 1],
  int2: [-(2 ** 1), 2 ** 1 - 1],
  bool: [0, 1],
};

/**
 * Whether an element can be what it is said to be in this type. 64-bit sentinels (INT64_MAX and the like) are kept as
 * the doubles next to them. Symbols stand only in the types that sizes are computed in.
 */
function fits(dtype: DataType, element: Dim): boolean {
  if (element === undefined) return false;
  if (typeof element === 'string') return dtype === 'int64' || dtype === 'int32';
  if (isFloat(dtype)) return true;
  const bounds = BOUNDS[dtype];
  if (bounds !== undefined) return Number.isInteger(element) && element >= bounds[0] && element <= bounds[1];
  return isInteger(dtype) && Number.isInteger(element);
}
