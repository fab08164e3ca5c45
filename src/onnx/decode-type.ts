import { joinChunks } from '../bytes/byte-source.ts';
import type { Dim } from '../ir/shape.ts';
import type { TensorType, ValueType } from '../ir/value-type.ts';
import { dataTypeFrom } from './element-types.ts';
import { encodeProto, type Proto } from './schema.ts';

/**
 * A type from its message; `undefined` where the message leaves the kind or the element type open, as files do for
 * values whose type is to be inferred.
 */
export function typeFromProto(proto: Proto<'TypeProto'> | undefined): ValueType | undefined {
  if (proto === undefined) return undefined;
  const bare = bareType(proto);
  if (bare === undefined) return undefined;
  const unknown = unknownWithin(proto);
  return {
    ...bare,
    ...(proto.denotation === undefined ? {} : { denotation: proto.denotation }),
    ...(unknown === undefined ? {} : { unknown }),
  };
}

function bareType(proto: Proto<'TypeProto'>): ValueType | undefined {
  if (proto.tensorType !== undefined) return tensorFrom(proto.tensorType);
  if (proto.sparseTensorType !== undefined) {
    const dtype = dataTypeFrom(proto.sparseTensorType.elemType);
    const shape = proto.sparseTensorType.shape?.dim?.map(dimFrom);
    if (dtype === undefined) return undefined;
    return {
      kind: 'sparse-tensor',
      dtype,
      shape: proto.sparseTensorType.shape === undefined ? undefined : (shape ?? []),
    };
  }
  if (proto.sequenceType !== undefined)
    return { kind: 'sequence', element: typeFromProto(proto.sequenceType.elemType) };
  if (proto.optionalType !== undefined)
    return { kind: 'optional', element: typeFromProto(proto.optionalType.elemType) };
  if (proto.mapType !== undefined) {
    const key = dataTypeFrom(proto.mapType.keyType);
    return key === undefined ? undefined : { kind: 'map', key, value: typeFromProto(proto.mapType.valueType) };
  }
  if (proto.opaqueType !== undefined)
    return { kind: 'opaque', domain: proto.opaqueType.domain ?? '', name: proto.opaqueType.name ?? '' };
  return undefined;
}

function tensorFrom(proto: Proto<'TensorTypeProto'>): TensorType | undefined {
  const dtype = dataTypeFrom(proto.elemType);
  if (dtype === undefined) return undefined;
  if (proto.shape === undefined) return { kind: 'tensor', dtype };
  const dims = proto.shape.dim ?? [];
  return {
    kind: 'tensor',
    dtype,
    shape: dims.map(dimFrom),
    ...(dims.some((dim) => dim.denotation !== undefined) ? { denotations: dims.map((dim) => dim.denotation) } : {}),
    ...(dims.some((dim) => dim.unknown !== undefined) ? { unknownOfDims: dims.map((dim) => dim.unknown) } : {}),
  };
}

/** A size, a symbol, or unknown: files write unknown also as an empty name or a negative size. */
function dimFrom({ dimValue, dimParam }: Proto<'DimensionProto'>): Dim {
  if (dimValue !== undefined)
    return dimValue >= 0n && dimValue <= Number.MAX_SAFE_INTEGER ? Number(dimValue) : undefined;
  return dimParam === undefined || dimParam === '' ? undefined : dimParam;
}

/**
 * The unknown fields of a type and of the messages inside it, as one encoded type message: appended to the written one,
 * protobuf's merging puts each back at its level.
 */
function unknownWithin(proto: Proto<'TypeProto'>): Uint8Array | undefined {
  const rest: Record<string, unknown> = proto.unknown === undefined ? {} : { unknown: proto.unknown };
  for (const field of ['tensorType', 'sparseTensorType'] as const) {
    const within = proto[field];
    const shape = within?.shape?.unknown === undefined ? undefined : { unknown: within.shape.unknown };
    if (within?.unknown !== undefined || shape !== undefined) rest[field] = { shape, unknown: within?.unknown };
  }
  for (const field of ['sequenceType', 'optionalType', 'mapType', 'opaqueType'] as const) {
    const unknown = proto[field]?.unknown;
    if (unknown !== undefined) rest[field] = { unknown };
  }
  if (Object.keys(rest).length === 0) return undefined;
  return joinChunks(encodeProto('TypeProto', rest as Proto<'TypeProto'>).chunks);
}
