import { joinChunks } from '../bytes/byte-source.ts';
import { fail, ModelpressError } from '../diagnostics/modelpress-error.ts';
import type { DataType } from '../ir/dtype.ts';
import type { SparseTensor, Tensor } from '../ir/tensor.ts';
import { sparseTensorFromProto, tensorFromProto } from './decode-tensor.ts';
import { dataTypeFrom } from './element-types.ts';
import { placeInline, tensorToProto } from './encode-tensor.ts';
import { externalData } from './external-data.ts';
import type { ONNX, Proto } from './schema.ts';
import { decodeProto, encodeProto } from './schema.ts';

/** A value as test data files hold it: what a model takes or gives. */
export type TestValue =
  | { readonly kind: 'tensor'; readonly tensor: Tensor }
  | { readonly kind: 'sparse-tensor'; readonly tensor: SparseTensor }
  | { readonly kind: 'sequence'; readonly elements: readonly TestValue[] }
  | {
      readonly kind: 'map';
      readonly key: DataType;
      readonly keys: readonly (bigint | string)[];
      readonly values: readonly TestValue[];
    }
  | { readonly kind: 'optional'; readonly value: TestValue | undefined };

/**
 * Reads a `TensorProto` file (`test_data_set_*\/input_0.pb`).
 *
 * @throws ModelpressError `onnx-tensor-file`, and those of tensors.
 */
export function decodeTensor(bytes: Uint8Array, label = 'tensor'): Tensor {
  return tensorFromProto(decodeFile('TensorProto', bytes, label), noFiles());
}

/** Writes a `TensorProto` file. */
export function encodeTensor(tensor: Tensor, name = tensor.name): Uint8Array {
  return joinChunks(encodeProto('TensorProto', tensorToProto(tensor, placeInline, name)).chunks);
}

/** Reads a `SequenceProto` file: the elements in order. @throws ModelpressError as `decodeTensor`. */
export function decodeSequence(bytes: Uint8Array, label = 'sequence'): readonly TestValue[] {
  return sequenceFrom(decodeFile('SequenceProto', bytes, label), label);
}

/** Reads an `OptionalProto` file: what it holds, if anything. @throws ModelpressError as `decodeTensor`. */
export function decodeOptional(bytes: Uint8Array, label = 'optional'): TestValue | undefined {
  return optionalFrom(decodeFile('OptionalProto', bytes, label), label);
}

/** Reads a `MapProto` file. @throws ModelpressError as `decodeTensor`. */
export function decodeMap(bytes: Uint8Array, label = 'map'): TestValue {
  return mapFrom(decodeFile('MapProto', bytes, label), label);
}

/** The numbers of `SequenceProto.DataType`, in order from 1. */
const KINDS = ['tensorValues', 'sparseTensorValues', 'sequenceValues', 'mapValues', 'optionalValues'] as const;

function sequenceFrom(proto: Proto<'SequenceProto'>, label: string): readonly TestValue[] {
  // Zoo files leave `elem_type` out; then it is the field that is there.
  const field = KINDS[(proto.elemType ?? 0) - 1] ?? KINDS.find((kind) => proto[kind] !== undefined);
  switch (field) {
    case undefined:
      return [];
    case 'tensorValues':
      return (proto.tensorValues ?? []).map((tensor) => tensorValue(tensor));
    case 'sparseTensorValues':
      return (proto.sparseTensorValues ?? []).map((tensor) => ({
        kind: 'sparse-tensor',
        tensor: sparseTensorFromProto(tensor, noFiles()),
      }));
    case 'sequenceValues':
      return (proto.sequenceValues ?? []).map((sequence) => ({
        kind: 'sequence',
        elements: sequenceFrom(sequence, label),
      }));
    case 'mapValues':
      return (proto.mapValues ?? []).map((map) => mapFrom(map, label));
    case 'optionalValues':
      return (proto.optionalValues ?? []).map((optional) => ({
        kind: 'optional',
        value: optionalFrom(optional, label),
      }));
  }
}

function optionalFrom(proto: Proto<'OptionalProto'>, label: string): TestValue | undefined {
  if (proto.tensorValue !== undefined) return tensorValue(proto.tensorValue);
  if (proto.sparseTensorValue !== undefined)
    return { kind: 'sparse-tensor', tensor: sparseTensorFromProto(proto.sparseTensorValue, noFiles()) };
  if (proto.sequenceValue !== undefined)
    return { kind: 'sequence', elements: sequenceFrom(proto.sequenceValue, label) };
  if (proto.mapValue !== undefined) return mapFrom(proto.mapValue, label);
  if (proto.optionalValue !== undefined) return { kind: 'optional', value: optionalFrom(proto.optionalValue, label) };
  return undefined;
}

function mapFrom(proto: Proto<'MapProto'>, label: string): TestValue {
  const key = dataTypeFrom(proto.keyType) ?? 'int64';
  const decoder = new TextDecoder();
  const keys = key === 'string' ? (proto.stringKeys ?? []).map((bytes) => decoder.decode(bytes)) : (proto.keys ?? []);
  return { kind: 'map', key, keys, values: proto.values === undefined ? [] : sequenceFrom(proto.values, label) };
}

function tensorValue(proto: Proto<'TensorProto'>): TestValue {
  return { kind: 'tensor', tensor: tensorFromProto(proto, noFiles()) };
}

function noFiles() {
  return externalData(undefined);
}

function decodeFile<M extends keyof typeof ONNX>(message: M, bytes: Uint8Array, label: string): Proto<M> {
  try {
    return decodeProto(message, bytes);
  } catch (error) {
    if (!(error instanceof ModelpressError)) throw error;
    return fail(
      {
        code: 'onnx-tensor-file',
        at: label,
        message: `${label} cannot be read as ${message}: ${error.message}`,
        hint: 'Test data files hold one message each, as the ONNX backend tests write them.',
      },
      error,
    );
  }
}
