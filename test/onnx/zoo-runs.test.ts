import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { tensorBytes, toStrings } from '../../src/ir/tensor.ts';
import { shapeOf } from '../../src/ir/value-type.ts';
import { decodeTensor } from '../../src/onnx/tensor-file.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';
import type { OutputValue } from '../../src/runtime/session.ts';
import { HAS_ZOO, testDataFiles, ZOO_NOTE, zooModel, zooModels, zooTestData } from '../zoo.ts';

/** Runs a model on a feed; the outputs by name, tensors as their bytes. */
async function run(
  model: string | Uint8Array,
  inputs: readonly Uint8Array[],
  names: readonly string[],
): Promise<Map<string, unknown>> {
  const session = await openOrtSession(model);
  const feed = new Map(inputs.map((bytes, index) => [names[index]!, decodeTensor(bytes)]));
  const outputs = await session.run(feed);
  await session.close();
  return new Map(Array.from(outputs, ([name, value]) => [name, plain(value)]));
}

/** A tensor by its type, its dimensions and a hash of its bytes; anything else as it is. */
function plain(value: OutputValue): unknown {
  if ('kind' in value) return value.value;
  if (value.storage.kind === 'strings') return { dims: value.dims, strings: toStrings(value) };
  return { dtype: value.dtype, dims: value.dims, hash: createHash('sha256').update(tensorBytes(value)).digest('hex') };
}

describe.skipIf(!HAS_ZOO)(`models of the zoo in ONNX Runtime${ZOO_NOTE}`, () => {
  it.each(zooModels())('%s: gives the same bits after reading and writing', async (name) => {
    const model = await openModelFile(zooModel(name));
    const inputs = testDataFiles(zooTestData(name)[0]!, 'input');
    const names = model.graph.inputs.filter(({ initial }) => initial === undefined).map((input) => input.name);
    expect(inputs).toHaveLength(names.length);
    expect(model.graph.inputs.every(({ type }) => type?.kind !== 'tensor' || shapeOf(type) !== undefined)).toBe(true);
    expect(await run(writeModel(model), inputs, names)).toEqual(await run(zooModel(name), inputs, names));
  });
});
