import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { differenceOfModels } from '../../src/ir/equal-models.ts';
import type { Model } from '../../src/ir/model.ts';
import { verify } from '../../src/ir/verify.ts';
import { graphsOf } from '../../src/ir/walk.ts';
import { decodeModel } from '../../src/onnx/decode-model.ts';
import { encodeModel } from '../../src/onnx/encode-model.ts';
import { readModel } from '../../src/onnx/read-model.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { HAS_ZOO, ZOO_NOTE, zooModel, zooModels } from '../zoo.ts';

describe.skipIf(!HAS_ZOO)(`models of the zoo${ZOO_NOTE}`, () => {
  it.each(zooModels())('%s: reads, writes, and reads again as an equal model', async (name) => {
    const found: Diagnostic[] = [];
    const model = await openModelFile(zooModel(name), { report: (diagnostic) => found.push(diagnostic) });
    expect(found).toEqual([]);
    expect(verify(model)).toEqual([]);
    const bytes = writeModel(model);
    const back = readModel(bytes);
    expect(differenceOfModels(model, back)).toBeUndefined();
    expect(Buffer.compare(writeModel(back), bytes)).toBe(0);
  });

  it('shares the weights with the file that was read, and hands them on uncopied', () => {
    const file = new Uint8Array(readFileSync(zooModel('mobilenetv2-100-224')));
    const model = readModel(file);
    const weights = weightsOf(model);
    expect(weights.length).toBeGreaterThan(100);
    for (const bytes of weights) expect(bytes.buffer).toBe(file.buffer);
    const { chunks } = encodeModel(model);
    const large = weights.filter((bytes) => bytes.byteLength >= 4096);
    expect(large.length).toBeGreaterThan(40);
    for (const bytes of large) expect(chunks).toContain(bytes);
  });

  it('does not read external data before something needs it', () => {
    const file = readFileSync(zooModel('mnist-dynamo-external'));
    const model = decodeModel(
      { label: 'm', size: file.length, read: (offset, length) => file.subarray(offset, offset + length) },
      { external: (location) => ({ label: location, size: 2 ** 40, read: () => expect.unreachable() }) },
    );
    const slices = [...model.graph.constants()].filter(({ constant }) => constant?.storage.kind === 'slice');
    expect(slices.length).toBeGreaterThan(0);
  });
});

function weightsOf(model: Model): Uint8Array[] {
  const weights: Uint8Array[] = [];
  for (const graph of graphsOf(model)) {
    for (const { constant } of graph.constants()) {
      if (constant?.storage.kind === 'bytes' && constant.storage.bytes.byteLength > 0)
        weights.push(constant.storage.bytes);
    }
  }
  return weights;
}
