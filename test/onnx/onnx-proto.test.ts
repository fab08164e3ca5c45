import { readFileSync } from 'node:fs';
import { onnx } from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { HAS_ZOO, ZOO_NOTE, zooModel, zooModels } from '../zoo.ts';

type Plain = Readonly<Record<string, unknown>>;

/** What of a message both files must agree on, as plain data: bytes and typed fields of a tensor come to the same. */
function content(value: unknown): unknown {
  if (value instanceof onnx.TensorProto) return tensorContent(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(content);
  if (typeof value !== 'object' || value === null) return value;
  if ('low' in value && 'high' in value) return String(value);
  const fields = Object.entries(value).filter(([, field]) => !isDefault(field));
  const plain = Object.fromEntries(
    fields.map(([name, field]) => [name, name === 'valueInfo' ? undefined : content(field)]),
  );
  return plain;
}

/** Absent, default and empty are the same to a reader, and so are the two spellings of the ONNX domain. */
function isDefault(field: unknown): boolean {
  return (
    field === '' ||
    field === 'ai.onnx' ||
    field === null ||
    field === 0 ||
    String(field) === '0' ||
    (typeof field === 'object' && Object.keys(field).length === 0)
  );
}

function tensorContent(tensor: onnx.ITensorProto): Plain {
  const {
    dims,
    dataType,
    name,
    docString,
    rawData,
    floatData,
    int32Data,
    int64Data,
    doubleData,
    uint64Data,
    stringData,
  } = tensor;
  const longs = (values: readonly unknown[] | null | undefined) => values?.map((value) => BigInt(String(value)));
  const { FLOAT, INT32, INT64, DOUBLE, BOOL, UINT8, INT8 } = onnx.TensorProto.DataType;
  const arrays: Partial<Record<number, () => ArrayBufferView>> = {
    [FLOAT]: () => Float32Array.from(floatData ?? []),
    [DOUBLE]: () => Float64Array.from(doubleData ?? []),
    [INT32]: () => Int32Array.from(int32Data ?? []),
    [INT64]: () => BigInt64Array.from(longs(int64Data) ?? []),
    [BOOL]: () => Uint8Array.from(int32Data ?? []),
    [UINT8]: () => Uint8Array.from(int32Data ?? []),
    [INT8]: () => Int8Array.from(int32Data ?? []),
  };
  const typed = arrays[dataType ?? 0]?.();
  const bytes = rawData?.length
    ? Buffer.from(rawData)
    : typed && Buffer.from(typed.buffer, typed.byteOffset, typed.byteLength);
  expect(longs(uint64Data)).toEqual([]);
  return {
    dims: longs(dims),
    dataType,
    name,
    docString,
    bytes: bytes?.toString('base64'),
    strings: stringData?.map((text) => Buffer.from(text).toString()),
  };
}

/** Initializers are a set; everything else has an order. */
function modelContent(bytes: Uint8Array): Plain {
  const model = onnx.ModelProto.decode(bytes);
  const names = new Set(model.graph?.initializer?.map(({ name }) => name));
  model.graph!.initializer?.sort((a, b) => (a.name! < b.name! ? -1 : 1));
  // Before IR version 4 initializers are listed among the inputs, in an order that says nothing.
  if (Number(model.irVersion) < 4)
    model.graph!.input = model.graph!.input?.filter(({ name }) => !names.has(name)) ?? [];
  return content(model) as Plain;
}

describe.skipIf(!HAS_ZOO)(`models of the zoo, decoded by onnx-proto${ZOO_NOTE}`, () => {
  // The data of these lies in other files in the original.
  const models = zooModels().filter((name) => !name.includes('external'));

  it.each(models)('%s: holds the same as the original', async (name) => {
    const original = readFileSync(zooModel(name));
    const model = await openModelFile(zooModel(name));
    expect(modelContent(writeModel(model))).toEqual(modelContent(original));
  });
});
