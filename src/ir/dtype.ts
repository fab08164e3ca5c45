/**
 * The 26 element types of an ONNX tensor, under the names that NumPy and ml_dtypes give them.
 *
 * One row per type: `bits` per element, what kind of number it is, and the smallest and largest finite value of the
 * integer types. The order is ONNX's own (`TensorProto.DataType` 1 to 26), which `onnx/` relies on.
 */
const ROWS = {
  float32: { bits: 32, kind: 'float' },
  uint8: { bits: 8, kind: 'uint' },
  int8: { bits: 8, kind: 'int' },
  uint16: { bits: 16, kind: 'uint' },
  int16: { bits: 16, kind: 'int' },
  int32: { bits: 32, kind: 'int' },
  int64: { bits: 64, kind: 'int' },
  string: { bits: 0, kind: 'string' },
  bool: { bits: 8, kind: 'bool' },
  float16: { bits: 16, kind: 'float' },
  float64: { bits: 64, kind: 'float' },
  uint32: { bits: 32, kind: 'uint' },
  uint64: { bits: 64, kind: 'uint' },
  complex64: { bits: 64, kind: 'complex' },
  complex128: { bits: 128, kind: 'complex' },
  bfloat16: { bits: 16, kind: 'float' },
  float8e4m3fn: { bits: 8, kind: 'float' },
  float8e4m3fnuz: { bits: 8, kind: 'float' },
  float8e5m2: { bits: 8, kind: 'float' },
  float8e5m2fnuz: { bits: 8, kind: 'float' },
  uint4: { bits: 4, kind: 'uint' },
  int4: { bits: 4, kind: 'int' },
  float4e2m1: { bits: 4, kind: 'float' },
  float8e8m0: { bits: 8, kind: 'float' },
  uint2: { bits: 2, kind: 'uint' },
  int2: { bits: 2, kind: 'int' },
} as const satisfies Record<string, { bits: number; kind: string }>;

/** The name of an element type. */
export type DataType = keyof typeof ROWS;

/** What sort of number an element type holds. */
export type DataTypeKind = (typeof ROWS)[DataType]['kind'];

/** Every element type in the order of ONNX's numbering, which starts at 1. */
export const DATA_TYPES = Object.keys(ROWS) as readonly DataType[];

/** Bits of one element; 0 for strings, which have no fixed size. */
export function bitsOf(dtype: DataType): number {
  return ROWS[dtype].bits;
}

export function kindOf(dtype: DataType): DataTypeKind {
  return ROWS[dtype].kind;
}

/** Whether an element is an integer, signed or not. Booleans are not. */
export function isInteger(dtype: DataType): boolean {
  const kind = ROWS[dtype].kind;
  return kind === 'int' || kind === 'uint';
}

export function isFloat(dtype: DataType): boolean {
  return ROWS[dtype].kind === 'float';
}

/** Bytes that `count` elements take when packed; types under 8 bits share bytes, the first element lowest. */
export function packedByteLength(dtype: DataType, count: number): number {
  return Math.ceil((count * ROWS[dtype].bits) / 8);
}
