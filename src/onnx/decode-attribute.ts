import { fail } from '../diagnostics/modelpress-error.ts';
import type { Attribute, AttributeKind, AttributeValue } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import type { ValueType } from '../ir/value-type.ts';
import { sparseTensorFromProto, tensorFromProto } from './decode-tensor.ts';
import { typeFromProto } from './decode-type.ts';
import type { ExternalData } from './external-data.ts';
import { extraFrom } from './extras.ts';
import type { Proto } from './schema.ts';

type AttributeProto = Proto<'AttributeProto'>;
type DirectKind = Exclude<AttributeKind, 'reference'>;

/** `AttributeProto.type` and the field that holds the value, of each kind. */
export const ATTRIBUTE_KINDS: Readonly<
  Record<DirectKind, { readonly type: number; readonly field: keyof AttributeProto }>
> = {
  float: { type: 1, field: 'f' },
  int: { type: 2, field: 'i' },
  string: { type: 3, field: 's' },
  tensor: { type: 4, field: 't' },
  graph: { type: 5, field: 'g' },
  'sparse-tensor': { type: 11, field: 'sparseTensor' },
  type: { type: 13, field: 'tp' },
  floats: { type: 6, field: 'floats' },
  ints: { type: 7, field: 'ints' },
  strings: { type: 8, field: 'strings' },
  tensors: { type: 9, field: 'tensors' },
  graphs: { type: 10, field: 'graphs' },
  'sparse-tensors': { type: 12, field: 'sparseTensors' },
  types: { type: 14, field: 'typeProtos' },
};

const KINDS = Object.keys(ATTRIBUTE_KINDS) as readonly DirectKind[];
const KIND_BY_TYPE: ReadonlyMap<number, DirectKind> = new Map(KINDS.map((kind) => [ATTRIBUTE_KINDS[kind].type, kind]));

/** What an attribute's value is read with. */
export interface AttributeContext {
  readonly external: ExternalData;
  /** Reads a subgraph, whose nodes may name values of the graphs around it. */
  readonly graph: (proto: Proto<'GraphProto'>) => Graph;
}

/**
 * An attribute from its message. Where the kind is not given (IR version 1) it is that of the field that is there.
 *
 * @throws ModelpressError `onnx-attribute`.
 */
export function attributeFromProto(proto: AttributeProto, context: AttributeContext, owner: string): Attribute {
  if ((proto.name ?? '') === '') bad(proto, owner, 'has no name');
  const kind = kindOf(proto, owner);
  const value: AttributeValue =
    proto.refAttrName === undefined || proto.refAttrName === ''
      ? valueFrom(proto, kind, context, owner)
      : { kind: 'reference', value: proto.refAttrName, of: kind };
  const extra = extraFrom({ docString: proto.docString, unknown: proto.unknown });
  return extra === undefined ? value : { ...value, extra };
}

function kindOf(proto: AttributeProto, owner: string): DirectKind {
  const { type = 0 } = proto;
  const kind =
    type === 0
      ? KINDS.find((candidate) => proto[ATTRIBUTE_KINDS[candidate].field] !== undefined)
      : KIND_BY_TYPE.get(type);
  return (
    kind ?? bad(proto, owner, type === 0 ? 'has neither a kind nor a value' : `is of kind ${type}, which is not known`)
  );
}

function valueFrom(proto: AttributeProto, kind: DirectKind, context: AttributeContext, owner: string): AttributeValue {
  switch (kind) {
    // A writer may leave out a value that equals the field's default.
    case 'float':
      return { kind, value: proto.f ?? 0 };
    case 'int':
      return { kind, value: proto.i ?? 0n };
    case 'string':
      return { kind, value: proto.s ?? new Uint8Array(0) };
    case 'floats':
      return { kind, value: proto.floats ?? [] };
    case 'ints':
      return { kind, value: proto.ints ?? [] };
    case 'strings':
      return { kind, value: proto.strings ?? [] };
    case 'tensor':
      return { kind, value: tensorFromProto(given(proto.t, proto, owner), context.external) };
    case 'tensors':
      return { kind, value: (proto.tensors ?? []).map((tensor) => tensorFromProto(tensor, context.external)) };
    case 'graph':
      return { kind, value: context.graph(given(proto.g, proto, owner)) };
    case 'graphs':
      return { kind, value: (proto.graphs ?? []).map(context.graph) };
    case 'sparse-tensor':
      return { kind, value: sparseTensorFromProto(given(proto.sparseTensor, proto, owner), context.external) };
    case 'sparse-tensors':
      return {
        kind,
        value: (proto.sparseTensors ?? []).map((tensor) => sparseTensorFromProto(tensor, context.external)),
      };
    case 'type':
      return { kind, value: typeOf(given(proto.tp, proto, owner), proto, owner) };
    case 'types':
      return { kind, value: (proto.typeProtos ?? []).map((type) => typeOf(type, proto, owner)) };
  }
}

function given<T>(value: T | undefined, proto: AttributeProto, owner: string): T {
  return value ?? bad(proto, owner, 'has no value');
}

function typeOf(type: Proto<'TypeProto'>, proto: AttributeProto, owner: string): ValueType {
  return typeFromProto(type) ?? bad(proto, owner, 'holds a type without a kind or an element type');
}

function bad(proto: AttributeProto, owner: string, what: string): never {
  fail({
    code: 'onnx-attribute',
    at: owner,
    message: `attribute '${proto.name ?? ''}' of ${owner} ${what}`,
    hint: 'The file is damaged or follows a newer ONNX than this program knows.',
  });
}
