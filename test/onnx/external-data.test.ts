import { onnx } from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { bytesSource, joinChunks } from '../../src/bytes/byte-source.ts';
import { differenceOfModels } from '../../src/ir/equal-models.ts';
import { tensorFromNumbers } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { encodeModel } from '../../src/onnx/encode-model.ts';
import { readModel } from '../../src/onnx/read-model.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { errorOf, graphAttribute, modelBytes, nodeProto } from './message-bytes.ts';

/** A model whose only weight, float32[2], is said to lie in another file of 64 bytes. */
function external(entries: Readonly<Record<string, string>>, dims = [2]): () => unknown {
  const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
  const bytes = modelBytes({ initializer: [{ name: 'w', dataType: 1, dims, dataLocation: 1, externalData }] });
  return () => readModel(bytes, { external: (location) => bytesSource(location, new Uint8Array(64)) });
}

function withWeights(): ReturnType<typeof parseModel> {
  const model = parseModel('g (float[2] x) => (float[2] y) { y = Neg (x) }');
  const ramp = (count: number, from: number) =>
    tensorFromNumbers(
      'float32',
      [count],
      Array.from({ length: count }, (_, i) => from + i),
    );
  for (const [name, count, from] of [
    ['a', 1000, 0],
    ['b', 300, 5],
    ['twin of a', 1000, 0],
    ['small', 10, 1],
    ['c', 1000, 7],
  ] as const) {
    model.graph.addConstant(ramp(count, from), name);
  }
  return model;
}

describe('places of external data', () => {
  it.each<[string, Record<string, string>]>([
    ['with offset and length', { location: 'w.bin', offset: '56', length: '8' }],
    ['without', { location: 'deep/er/w.bin' }],
    ['with keys that are not known', { location: 'w.bin', __class__: 'x', checksum: 'abc', offset: '0' }],
    ['with a name that only looks odd', { location: '..w..bin/ü weights' }],
  ])('are followed %s', (_, entries) => {
    expect(external(entries)()).toMatchObject({ irVersion: 8 });
  });

  it.each([
    '',
    '..',
    '../w.bin',
    'a/../../w.bin',
    'a/../b',
    './w.bin',
    '/etc/passwd',
    'C:w.bin',
    'C:\\w.bin',
    'a\\b',
    '\\\\host\\w',
    'a//b',
    'a/',
    'w\0.bin',
    '*/_ORT_MEM_ADDR_/*',
    '_ORT_MEM_ADDR_',
    'x'.repeat(5000),
  ])('that leave the folder are refused: %j', (location) => {
    expect(errorOf(external({ location }))).toMatchObject({ code: 'onnx-external-data-escapes', at: 'w' });
  });

  it('are refused wherever a tensor may stand', () => {
    const entry = (value: string) => ({ key: 'location', value });
    const outside: onnx.ITensorProto = {
      name: 'w',
      dataType: 1,
      dims: [2],
      dataLocation: 1,
      externalData: [entry('../w')],
    };
    const constant = nodeProto('Constant', [], ['c'], { attribute: [{ name: 'value', type: 4, t: outside }] });
    const inside = graphAttribute('body', { initializer: [outside] });
    const indices: onnx.ITensorProto = { dataType: 7, dims: [2], int64Data: [0, 1] };
    const places: readonly [onnx.IGraphProto, onnx.IModelProto][] = [
      [{ initializer: [outside] }, {}],
      [{ initializer: [{ ...outside, externalData: [entry('w'), entry('/w')] }] }, {}],
      [{ sparseInitializer: [{ values: outside, indices, dims: [9] }] }, {}],
      [{ node: [constant] }, {}],
      [{ node: [nodeProto('Loop', [], ['y'], { attribute: [inside] })] }, {}],
      [{}, { functions: [{ name: 'f', domain: 'd', node: [constant], opsetImport: [{ version: 17 }] }] }],
    ];
    for (const [graph, rest] of places) {
      const read = () => readModel(modelBytes(graph, rest), { external: () => expect.unreachable() });
      expect(errorOf(read).code).toBe('onnx-external-data-escapes');
    }
  });

  it('are refused without a location', () => {
    expect(errorOf(external({ offset: '0' })).code).toBe('onnx-external-data-escapes');
  });

  it.each<[Record<string, string>]>([
    [{ offset: '57' }],
    [{ offset: '64', length: '8' }],
    [{ offset: '9007199254740991' }],
    [{ offset: '18446744073709551615' }],
    [{ offset: '-8' }],
    [{ offset: '0x10' }],
    [{ offset: ' 8' }],
    [{ offset: '1e1' }],
    [{ offset: '' }],
    [{ length: '7' }],
    [{ length: '64' }],
    [{ length: '18446744073709551608' }],
  ])('outside of the file or the tensor are refused: %j', (entries) => {
    expect(errorOf(external({ location: 'w.bin', ...entries }))).toMatchObject({
      code: 'onnx-external-data-range',
      at: 'w',
    });
  });

  it('are refused when all tensors together ask for more than any disk holds', () => {
    const initializer = Array.from({ length: 300 }, (_, i) => ({
      name: `w${i}`,
      dataType: 1,
      dims: [2 ** 30],
      dataLocation: 1,
      externalData: [{ key: 'location', value: 'w' }],
    }));
    const read = () =>
      readModel(modelBytes({ initializer }), {
        external: (label) => ({ label, size: 2 ** 40, read: () => expect.unreachable() }),
      });
    expect(errorOf(read).code).toBe('onnx-external-data-range');
  });
});

describe('writing external data', () => {
  it('puts large weights into one file: aligned, each once, in order', () => {
    const model = withWeights();
    const { chunks, data } = encodeModel(model, { external: { location: 'w.data' } });
    const places = onnx.ModelProto.decode(joinChunks(chunks)).graph!.initializer!.map(
      ({ name, rawData, externalData }) => [name, rawData!.length, ...(externalData ?? []).map(({ value }) => value)],
    );
    expect(places).toEqual([
      ['a', 0, 'w.data', '0', '4000'],
      ['b', 0, 'w.data', '4096', '1200'],
      ['twin of a', 0, 'w.data', '0', '4000'],
      ['small', 40],
      ['c', 0, 'w.data', '8192', '4000'],
    ]);
    expect([data!.location, data!.byteLength, joinChunks(data!.chunks).byteLength]).toEqual(['w.data', 12192, 12192]);
    const file = joinChunks(data!.chunks);
    const back = readModel(joinChunks(chunks), { external: (location) => bytesSource(location, file) });
    expect(differenceOfModels(model, back)).toBeUndefined();
    expect(Buffer.compare(writeModel(back), writeModel(model))).toBe(0);
  });

  it('obeys a threshold and an alignment', () => {
    const { data } = encodeModel(withWeights(), { external: { location: 'w.data', threshold: 2000, align: 64 } });
    expect(data!.byteLength).toBe(4032 + 4000);
  });

  it('happens by itself above the limit of a message', () => {
    const model = withWeights();
    expect(encodeModel(model, { limit: 20_000 }).data).toBeUndefined();
    expect(encodeModel(model, { limit: 2000, location: 'm.data' }).data?.location).toBe('m.data');
    expect(errorOf(() => encodeModel(model, { limit: 100 })).code).toBe('onnx-too-large');
  });
});
