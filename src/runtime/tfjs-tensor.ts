import type { DataType } from '../ir/dtype.ts';
import { elements, type Tensor, tensorFromElements, tensorFromNumbers, toNumbers } from '../ir/tensor.ts';
import type { TfjsTensor } from './tfjs-host.ts';

/** The element types of a signature, by TensorFlow's names. */
const TYPES: Readonly<Record<string, DataType>> = {
  DT_FLOAT: 'float32',
  DT_INT8: 'int8',
  DT_INT16: 'int16',
  DT_INT32: 'int32',
  DT_INT64: 'int64',
  DT_UINT8: 'uint8',
  DT_BOOL: 'bool',
};

/** The element type that a name in a signature stands for. */
export function typeOfName(name: unknown): DataType | undefined {
  return TYPES[String(name)];
}

const INT32 = 2n ** 31n;

/**
 * A tensor as TensorFlow.js holds it: integers of every width in 32 bits.
 *
 * @throws RangeError for an integer that does not fit.
 */
export function toTfjsTensor(tensor: Tensor): TfjsTensor {
  const { dtype, dims } = tensor;
  const values = elements(tensor);
  if (dtype === 'float32') return { dtype, dims, data: (values as Float32Array).slice() };
  if (dtype === 'bool') return { dtype, dims, data: Uint8Array.from(values as Uint8Array) };
  if (dtype !== 'int64') return { dtype: 'int32', dims, data: Int32Array.from(toNumbers(tensor)) };
  const wide = values as BigInt64Array;
  const beyond = wide.find((value) => value < -INT32 || value >= INT32);
  if (beyond !== undefined) throw new RangeError(`${beyond} does not fit the 32 bits of TensorFlow.js's integers`);
  return { dtype: 'int32', dims, data: Int32Array.from(wide, Number) };
}

/** A result in the element type that the signature states. */
export function fromTfjsTensor({ dims, data }: TfjsTensor, dtype: DataType): Tensor {
  return data instanceof Float32Array && dtype === 'float32'
    ? tensorFromElements(dtype, dims, data)
    : tensorFromNumbers(dtype, dims, data);
}
