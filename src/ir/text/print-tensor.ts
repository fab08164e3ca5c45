import { elementCount, elements, type SparseTensor, type Tensor, tensorBytes } from '../tensor.ts';
import { tensorType } from '../value-type.ts';
import { printBytes, printDouble, printFloat32, printHex } from './print-literal.ts';
import { printType } from './print-type.ts';

/** Most elements that are written out; more are left out with a note of how many. `undefined`: all are written. */
export type ElideAbove = number | undefined;

/** The elements of a tensor between braces. */
export function printElements(tensor: Tensor, elideAbove: ElideAbove): string {
  const count = elementCount(tensor.dims);
  if (elideAbove !== undefined && count > elideAbove) return `{ ... ${count} elements }`;
  if (tensor.storage.kind === 'strings') return `{${tensor.storage.values.map(printBytes).join(', ')}}`;
  const values = elements(tensor);
  if (values instanceof Float32Array || values instanceof Float64Array) {
    if (hasOddNaN(values)) return `{${printHex(tensorBytes(tensor))}}`;
    return `{${Array.from(values, values instanceof Float32Array ? printFloat32 : printDouble).join(', ')}}`;
  }
  return `{${Array.from(values as ArrayLike<number | bigint>, String).join(', ')}}`;
}

/** A tensor as a value: type, name if it has one, elements. */
export function printTensor(tensor: Tensor, printedName: string, elideAbove: ElideAbove): string {
  return `${printType(tensorType(tensor.dtype, tensor.dims))}${printedName && ` ${printedName}`} ${printElements(tensor, elideAbove)}`;
}

/** The parts of a sparse tensor between braces: values, then indices. */
export function printSparseParts(sparse: SparseTensor, elideAbove: ElideAbove): string {
  return `{${printTensor(sparse.values, '', elideAbove)}, ${printTensor(sparse.indices, '', elideAbove)}}`;
}

export function printSparseType(sparse: SparseTensor): string {
  return printType({ kind: 'sparse-tensor', dtype: sparse.values.dtype, shape: sparse.dims });
}

/** Whether a not-a-number has other bits than the one that the word `nan` stands for. */
function hasOddNaN(values: Float32Array | Float64Array): boolean {
  if (!values.some(Number.isNaN)) return false;
  if (values instanceof Float32Array) {
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    return values.some((value, index) => Number.isNaN(value) && bits[index] !== 0x7fc00000);
  }
  const bits = new BigUint64Array(values.buffer, values.byteOffset, values.length);
  return values.some((value, index) => Number.isNaN(value) && bits[index] !== 0x7ff8000000000000n);
}
