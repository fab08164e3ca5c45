import { chunkBytes } from '../bytes/byte-source.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { DataType } from '../ir/dtype.ts';
import { bitsOf, packedByteLength } from '../ir/dtype.ts';
import type { SparseTensor, Tensor, TensorStorage } from '../ir/tensor.ts';
import { requireDataType } from './element-types.ts';
import type { ExternalData } from './external-data.ts';
import { extraFrom } from './extras.ts';
import type { Proto } from './schema.ts';

type TensorProto = Proto<'TensorProto'>;

const EXTERNAL = 1;

/**
 * A tensor from its message. `raw_data` stays a view and external data an unread range; the typed fields become packed
 * little-endian bytes.
 *
 * @throws ModelpressError `onnx-tensor-size`, `onnx-tensor-dims`, `onnx-unknown-element-type`, and those of
 * `ExternalData`.
 */
export function tensorFromProto(proto: TensorProto, external: ExternalData): Tensor {
  const label = proto.name ?? '';
  const dtype = requireDataType(proto.dataType, label);
  const dims = dimsFrom(proto.dims, label);
  const extra = extraFrom(proto);
  return {
    dtype,
    dims,
    storage: storageFrom(proto, dtype, dims, label, external),
    ...(proto.name === undefined ? {} : { name: proto.name }),
    ...(extra === undefined ? {} : { extra }),
  };
}

/** A sparse tensor from its message; its name is that of its values. */
export function sparseTensorFromProto(proto: Proto<'SparseTensorProto'>, external: ExternalData): SparseTensor {
  const label = proto.values?.name ?? '';
  if (proto.values === undefined || proto.indices === undefined) {
    fail({
      code: 'onnx-sparse-tensor',
      at: label,
      message: `sparse tensor '${label}' has no values or no indices`,
      hint: 'The file is damaged.',
    });
  }
  const values = tensorFromProto(proto.values, external);
  const indices = tensorFromProto(proto.indices, external);
  const dims = dimsFrom(proto.dims, label);
  const [count, rank] = indices.dims;
  const shaped = indices.dims.length === 1 || (indices.dims.length === 2 && rank === dims.length);
  if (indices.dtype !== 'int64' || values.dims.length !== 1 || count !== values.dims[0] || !shaped) {
    fail({
      code: 'onnx-sparse-tensor',
      at: label,
      message: `sparse tensor '${label}' of rank ${dims.length} has values [${values.dims}] and ${indices.dtype} indices [${indices.dims}]; expected values [n] and int64 indices [n] or [n,${dims.length}]`,
      hint: 'The file is damaged.',
    });
  }
  return { dims, values, indices, ...(proto.unknown === undefined ? {} : { extra: { unknown: proto.unknown } }) };
}

/** Dimensions as numbers, checked to be sizes whose product is one too. */
function dimsFrom(dims: readonly bigint[] = [], label: string): readonly number[] {
  let count = 1n;
  let exact = true;
  for (const dim of dims) {
    count *= dim;
    exact &&= dim >= 0n && dim <= Number.MAX_SAFE_INTEGER;
  }
  if (!exact || count > Number.MAX_SAFE_INTEGER) {
    fail({
      code: 'onnx-tensor-dims',
      at: label,
      message: `tensor '${label}' has dimensions [${dims.join(',')}], which no memory can hold`,
      hint: 'The file is damaged.',
    });
  }
  return dims.map(Number);
}

function storageFrom(
  proto: TensorProto,
  dtype: DataType,
  dims: readonly number[],
  label: string,
  external: ExternalData,
): TensorStorage {
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (dtype === 'string') {
    const values = proto.stringData ?? [];
    if (values.length !== count) wrongSize(label, `${count} strings`, `${values.length}`);
    return { kind: 'strings', values };
  }
  const expected = packedByteLength(dtype, count);
  if (proto.dataLocation === EXTERNAL) return { kind: 'slice', ...external(proto.externalData ?? [], expected, label) };
  const bytes = proto.rawData === undefined ? typedBytes(proto, dtype) : chunkBytes(proto.rawData);
  if (bytes.byteLength !== expected)
    wrongSize(label, `${expected} bytes for ${dtype}[${dims.join(',')}]`, `${bytes.byteLength}`);
  return { kind: 'bytes', bytes };
}

/** The bytes of whichever typed field holds elements of `dtype` (`TensorProto`, "data fields"). */
function typedBytes(proto: TensorProto, dtype: DataType): Uint8Array {
  switch (dtype) {
    case 'float32':
    case 'complex64':
      return proto.floatData ?? new Uint8Array(0);
    case 'float64':
    case 'complex128':
      return proto.doubleData ?? new Uint8Array(0);
    case 'int64':
      return bytesOf(BigInt64Array.from(proto.int64Data ?? []));
    case 'uint64':
      return bytesOf(BigUint64Array.from(proto.uint64Data ?? []));
    case 'uint32':
      return bytesOf(Uint32Array.from(proto.uint64Data ?? [], Number));
    default: {
      const values = proto.int32Data ?? [];
      if (bitsOf(dtype) === 32) return bytesOf(Int32Array.from(values));
      // Typed arrays keep the low bits, which is what an entry holds; elements under 8 bits share an entry's low byte.
      return bytesOf(bitsOf(dtype) === 16 ? Uint16Array.from(values) : Uint8Array.from(values));
    }
  }
}

function bytesOf(
  array: Uint8Array | Uint16Array | Uint32Array | Int32Array | BigInt64Array | BigUint64Array,
): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function wrongSize(label: string, expected: string, found: string): never {
  fail({
    code: 'onnx-tensor-size',
    at: label,
    message: `tensor '${label}' needs ${expected}, and has ${found}`,
    hint: 'The file is damaged; export the model again.',
  });
}
