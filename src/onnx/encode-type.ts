import type { Dim, Shape } from '../ir/shape.ts';
import type { ValueType } from '../ir/value-type.ts';
import { dataTypeNumber } from './element-types.ts';
import type { Proto } from './schema.ts';

/** The message of a type. */
export function typeToProto(type: ValueType): Proto<'TypeProto'> {
  return { ...kindFields(type), denotation: type.denotation, unknown: type.unknown };
}

function kindFields(type: ValueType): Proto<'TypeProto'> {
  switch (type.kind) {
    case 'tensor': {
      const { denotations, unknownOfDims } = type;
      const dims = type.shape?.map((dim, i) => ({
        ...dimToProto(dim),
        denotation: denotations?.[i],
        unknown: unknownOfDims?.[i],
      }));
      return {
        tensorType: { elemType: dataTypeNumber(type.dtype), shape: dims === undefined ? undefined : { dim: dims } },
      };
    }
    case 'sparse-tensor':
      return { sparseTensorType: { elemType: dataTypeNumber(type.dtype), shape: shapeToProto(type.shape) } };
    case 'sequence':
      return { sequenceType: { elemType: optionalType(type.element) } };
    case 'optional':
      return { optionalType: { elemType: optionalType(type.element) } };
    case 'map':
      return { mapType: { keyType: dataTypeNumber(type.key), valueType: optionalType(type.value) } };
    case 'opaque':
      return { opaqueType: { domain: type.domain, name: type.name } };
  }
}

function optionalType(type: ValueType | undefined): Proto<'TypeProto'> | undefined {
  return type === undefined ? undefined : typeToProto(type);
}

function shapeToProto(shape: Shape | undefined): Proto<'TensorShapeProto'> | undefined {
  return shape === undefined ? undefined : { dim: shape.map(dimToProto) };
}

function dimToProto(dim: Dim): Proto<'DimensionProto'> {
  if (dim === undefined) return {};
  return typeof dim === 'number' ? { dimValue: BigInt(dim) } : { dimParam: dim };
}
