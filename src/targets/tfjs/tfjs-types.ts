import type { ElementType } from '../device/tflite/element-type.ts';
import type { TfTensor } from '../device/tflite/tf-graph.ts';
import { CannotLower } from '../nhwc/refusal.ts';
import type { TfDataType } from './node-def.ts';

/** What TensorFlow.js computes with. It has no integers but those of 32 bits. */
export type TfjsType = 'float32' | 'int32' | 'bool';

/**
 * Each element type that is lowered: what computes in its place, and its name in the signature, by which a reader of the
 * model knows the type that was meant. Numbers of 64 bits become those of 32, of which results keep the low ones.
 */
const TYPES: Partial<Record<ElementType, { readonly held: TfjsType; readonly dtype: TfDataType }>> = {
  float32: { held: 'float32', dtype: 'DT_FLOAT' },
  int32: { held: 'int32', dtype: 'DT_INT32' },
  int64: { held: 'int32', dtype: 'DT_INT64' },
  int16: { held: 'int32', dtype: 'DT_INT16' },
  int8: { held: 'int32', dtype: 'DT_INT8' },
  uint8: { held: 'int32', dtype: 'DT_UINT8' },
  bool: { held: 'bool', dtype: 'DT_BOOL' },
};

/** TensorFlow's names of the types that tensors are held in. */
export const HELD_TYPES: Readonly<Record<TfjsType, TfDataType>> = {
  float32: 'DT_FLOAT',
  int32: 'DT_INT32',
  bool: 'DT_BOOL',
};

/** How the elements of a type are held. @throws CannotLower `tfjs-type`. */
export function heldAs(type: ElementType, at: string): TfjsType {
  return rowOf(type, at).held;
}

/** The name of a type in the signature. @throws CannotLower `tfjs-type`. */
export function signatureType(type: ElementType, at: string): TfDataType {
  return rowOf(type, at).dtype;
}

function rowOf(type: ElementType, at: string) {
  const row = TYPES[type];
  if (row !== undefined) return row;
  throw new CannotLower({
    code: 'tfjs-type',
    at,
    message: `'${at}' has type ${type}, which TensorFlow.js does not compute with`,
    hint: 'Export this part of the model with float32 or int32.',
  });
}

/** The bytes of a constant in the type that it is held in. @throws CannotLower `tfjs-int64-range`. */
export function heldBytes({ name, type, data }: TfTensor & { readonly data: Uint8Array }): Uint8Array {
  if (type === 'float32' || type === 'int32' || type === 'bool') return data;
  const aligned = data.slice().buffer;
  if (type === 'int8') return bytesOf(Int32Array.from(new Int8Array(aligned)));
  if (type === 'uint8') return bytesOf(Int32Array.from(new Uint8Array(aligned)));
  if (type === 'int16') return bytesOf(Int32Array.from(new Int16Array(aligned)));
  const wide = new BigInt64Array(aligned);
  const beyond = wide.find((value) => value !== BigInt.asIntN(32, value));
  if (beyond !== undefined) {
    throw new CannotLower({
      code: 'tfjs-int64-range',
      at: name,
      message: `the constant '${name}' holds ${beyond}, which does not fit the 32 bits that TensorFlow.js computes with`,
      hint: 'Export the model with int32 where it counts or indexes.',
    });
  }
  return bytesOf(Int32Array.from(wide, Number));
}

function bytesOf(values: Int32Array): Uint8Array {
  return new Uint8Array(values.buffer);
}
