import type { DataType } from './dtype.ts';
import { type Dim, formatShape, type Shape } from './shape.ts';

/** What a file says of a type beside the type, kept for writing it back. */
interface TypeExtra {
  /** What the value is (`TypeProto.denotation`: `IMAGE`, `AUDIO` and so on). */
  readonly denotation?: string;
  /** Fields of the file that this version of the format does not know, encoded as they stood. */
  readonly unknown?: Uint8Array;
}

/** A dense tensor; `shape` is absent where not even the rank is known. */
export interface TensorType extends TypeExtra {
  readonly kind: 'tensor';
  readonly dtype: DataType;
  readonly shape?: Shape | undefined;
  /** Meaning of each dimension (`TypeProto.Denotation`, `DATA_BATCH` and so on) where the file gives it. */
  readonly denotations?: readonly (string | undefined)[];
  /** As `unknown`, of each dimension. */
  readonly unknownOfDims?: readonly (Uint8Array | undefined)[];
}

/** The type of a value, after ONNX's `TypeProto`. */
export type ValueType =
  | TensorType
  | (TypeExtra &
      (
        | { readonly kind: 'sparse-tensor'; readonly dtype: DataType; readonly shape?: Shape | undefined }
        | { readonly kind: 'sequence'; readonly element: ValueType | undefined }
        | { readonly kind: 'optional'; readonly element: ValueType | undefined }
        | { readonly kind: 'map'; readonly key: DataType; readonly value: ValueType | undefined }
        | { readonly kind: 'opaque'; readonly domain: string; readonly name: string }
      ));

/** A tensor type. */
export function tensorType(dtype: DataType, shape?: readonly Dim[]): TensorType {
  return shape === undefined ? { kind: 'tensor', dtype } : { kind: 'tensor', dtype, shape };
}

/** The shape of a tensor-typed value, if it is one and the rank is known. */
export function shapeOf(type: ValueType | undefined): Shape | undefined {
  return type?.kind === 'tensor' ? type.shape : undefined;
}

/** The element type of a tensor-typed value. */
export function dtypeOf(type: ValueType | undefined): DataType | undefined {
  return type?.kind === 'tensor' ? type.dtype : undefined;
}

/** A type as text: `float32[N,3]`, `seq(float32[...])`. */
export function formatType(type: ValueType | undefined): string {
  switch (type?.kind) {
    case undefined:
      return '?';
    case 'tensor':
      return `${type.dtype}${formatShape(type.shape)}`;
    case 'sparse-tensor':
      return `sparse(${type.dtype}${formatShape(type.shape)})`;
    case 'sequence':
      return `seq(${formatType(type.element)})`;
    case 'optional':
      return `optional(${formatType(type.element)})`;
    case 'map':
      return `map(${type.key},${formatType(type.value)})`;
    case 'opaque':
      return `opaque(${type.domain},${type.name})`;
  }
}
