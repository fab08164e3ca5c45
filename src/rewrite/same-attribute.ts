import type { Attribute } from '../ir/attribute.ts';
import { equalTensors, type SparseTensor } from '../ir/tensor.ts';
import { formatType } from '../ir/value-type.ts';

/** Whether two attributes hold the same, bit for bit: NaN is itself, and 0 is not -0. Graphs are the same only as objects. */
export function sameAttribute(a: Attribute, b: Attribute): boolean {
  switch (a.kind) {
    case 'float':
      return a.kind === b.kind && Object.is(a.value, b.value);
    case 'int':
      return a.kind === b.kind && a.value === b.value;
    case 'string':
      return a.kind === b.kind && sameBytes(a.value, b.value);
    case 'tensor':
      return a.kind === b.kind && equalTensors(a.value, b.value);
    case 'graph':
      return a.kind === b.kind && a.value === b.value;
    case 'sparse-tensor':
      return a.kind === b.kind && sameSparse(a.value, b.value);
    case 'type':
      return a.kind === b.kind && formatType(a.value) === formatType(b.value);
    case 'floats':
      return a.kind === b.kind && sameList(a.value, b.value, Object.is);
    case 'ints':
      return a.kind === b.kind && sameList(a.value, b.value, Object.is);
    case 'strings':
      return a.kind === b.kind && sameList(a.value, b.value, sameBytes);
    case 'tensors':
      return a.kind === b.kind && sameList(a.value, b.value, equalTensors);
    case 'graphs':
      return a.kind === b.kind && sameList(a.value, b.value, Object.is);
    case 'sparse-tensors':
      return a.kind === b.kind && sameList(a.value, b.value, sameSparse);
    case 'types':
      return a.kind === b.kind && sameList(a.value, b.value, (x, y) => formatType(x) === formatType(y));
    case 'reference':
      return a.kind === b.kind && a.value === b.value && a.of === b.of;
  }
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean {
  return a.length === b.length && a.every((item, index) => same(item, b[index]!));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function sameSparse(a: SparseTensor, b: SparseTensor): boolean {
  const sameDims = sameList(a.dims, b.dims, (x: number, y: number) => x === y);
  return sameDims && equalTensors(a.values, b.values) && equalTensors(a.indices, b.indices);
}
