import type { ByteRange } from '../bytes/byte-source.ts';
import type { SparseTensor, Tensor } from '../ir/tensor.ts';
import { dataTypeNumber } from './element-types.ts';
import { extraFields, stringEntries } from './extras.ts';
import type { Proto } from './schema.ts';

/** Where a tensor's data is written: with the message (`undefined`), or at a place in another file. */
export type PlaceTensor = (
  tensor: Tensor,
) => { readonly location: string; readonly offset: number; readonly length: number } | undefined;

const EXTERNAL = 1;

/** Every tensor with the message. */
export const placeInline: PlaceTensor = () => undefined;

/** The message of a tensor: `raw_data` shared with the tensor, strings in `string_data`. `name` replaces its own. */
export function tensorToProto(tensor: Tensor, place: PlaceTensor, name = tensor.name): Proto<'TensorProto'> {
  return {
    dims: tensor.dims.map(BigInt),
    dataType: dataTypeNumber(tensor.dtype),
    name,
    ...extraFields(tensor.extra),
    ...dataFields(tensor, place),
  };
}

export function sparseTensorToProto(
  sparse: SparseTensor,
  place: PlaceTensor,
  name = sparse.values.name,
): Proto<'SparseTensorProto'> {
  return {
    values: tensorToProto(sparse.values, place, name),
    indices: tensorToProto(sparse.indices, place),
    dims: sparse.dims.map(BigInt),
    unknown: sparse.extra?.unknown,
  };
}

function dataFields(tensor: Tensor, place: PlaceTensor): Proto<'TensorProto'> {
  const { storage } = tensor;
  if (storage.kind === 'strings') return { stringData: storage.values };
  const placed = place(tensor);
  if (placed !== undefined) {
    const entries = Object.entries(placed).map(([key, value]) => [key, `${value}`] as const);
    return { externalData: stringEntries(entries), dataLocation: EXTERNAL };
  }
  const data: Uint8Array | ByteRange = storage.kind === 'bytes' ? storage.bytes : storage;
  return { rawData: data };
}
