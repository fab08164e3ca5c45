import type { DataType } from '../../../ir/dtype.ts';

/** The element types of TensorFlow Lite that are written, with their number in `TensorType`. */
export const ELEMENT_TYPES = {
  float32: 0,
  float16: 1,
  int32: 2,
  uint8: 3,
  int64: 4,
  bool: 6,
  int16: 7,
  int8: 9,
  float64: 10,
  uint64: 12,
  uint32: 15,
  uint16: 16,
} as const satisfies Partial<Record<DataType, number>>;

export type ElementType = keyof typeof ELEMENT_TYPES;

export function isElementType(dtype: DataType): dtype is ElementType {
  return Object.hasOwn(ELEMENT_TYPES, dtype);
}

const BY_NUMBER = new Map<number, ElementType>(
  Object.entries(ELEMENT_TYPES).map(([name, number]) => [number, name as ElementType]),
);

/** The type of a number in a file, if it is one of those above. */
export function elementTypeOf(number: number): ElementType | undefined {
  return BY_NUMBER.get(number);
}
