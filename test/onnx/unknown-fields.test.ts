import { Writer } from 'protobufjs/minimal.js';
import { describe, expect, it } from 'vitest';
import { joinChunks } from '../../src/bytes/byte-source.ts';
import { cloneModel } from '../../src/ir/clone.ts';
import { readModel } from '../../src/onnx/read-model.ts';
import { decodeProto, encodeProto, type Proto } from '../../src/onnx/schema.ts';
import { writeModel } from '../../src/onnx/write-model.ts';

/** Field 1234 as a varint: no message of ONNX has it. */
function unknown(value: number): { readonly unknown: Uint8Array } {
  return {
    unknown: Uint8Array.from(
      new Writer()
        .uint32(1234 * 8)
        .uint32(value)
        .finish(),
    ),
  };
}

const type = (seed: number): Proto<'TypeProto'> => ({
  tensorType: {
    elemType: 1,
    shape: {
      dim: [{ dimParam: 'N', denotation: 'DATA_BATCH', ...unknown(seed) }, { dimValue: 2n }],
      ...unknown(seed + 1),
    },
    ...unknown(seed + 2),
  },
  denotation: 'IMAGE',
  ...unknown(seed + 3),
});

const tensor = (seed: number): Proto<'TensorProto'> => ({
  dims: [1n],
  dataType: 1,
  name: `t${seed}`,
  rawData: new Uint8Array(4),
  docString: `doc ${seed}`,
  metadataProps: [{ key: 'k', value: `${seed}` }],
  ...unknown(seed),
});

const beside = (seed: number) => ({
  docString: `doc ${seed}`,
  metadataProps: [{ key: 'k', value: `${seed}` }],
  ...unknown(seed),
});

const sparse = (seed: number): Proto<'SparseTensorProto'> => ({
  values: tensor(seed),
  indices: { dims: [1n], dataType: 7, rawData: new Uint8Array(8), ...unknown(seed + 1) },
  dims: [4n],
  ...unknown(seed + 2),
});

/** A model with something unknown, documented and tagged at each level, fields in the order in which they are written. */
const MODEL: Proto<'ModelProto'> = {
  irVersion: 10n,
  producerName: 'p',
  graph: {
    node: [
      {
        input: ['x'],
        output: ['h', 'y'],
        name: 'n',
        opType: 'Op',
        attribute: [
          { name: 'a', type: 2, i: 0n, docString: 'an attribute', ...unknown(20) },
          { name: 'b', type: 4, t: tensor(21) },
          { name: 'c', type: 13, tp: { sequenceType: { elemType: type(22), ...unknown(26) }, ...unknown(27) } },
          { name: 'd', type: 11, sparseTensor: sparse(28) },
          {
            name: 'e',
            type: 5,
            g: { name: 'inner', output: [{ name: 'x', type: type(70), ...beside(31) }], ...beside(32) },
          },
        ],
        ...beside(33),
      },
    ],
    name: 'g',
    initializer: [tensor(40)],
    sparseInitializer: [sparse(41)],
    input: [{ name: 'x', type: type(44), ...beside(48) }],
    output: [{ name: 'y', type: { mapType: { keyType: 7, valueType: type(49), ...unknown(53) } }, ...beside(54) }],
    valueInfo: [
      { name: 't40', type: { tensorType: { elemType: 1 } }, ...beside(55) },
      { name: 't41', ...beside(56) },
      { name: 'h', type: { opaqueType: { domain: 'd', name: 'n', ...unknown(57) } }, ...beside(58) },
    ],
    ...beside(59),
  },
  opsetImport: [{ domain: '', version: 21n }],
  trainingInfo: [Uint8Array.from([0x0a, 0x00])],
  functions: [
    {
      name: 'f',
      domain: 'local',
      input: ['a'],
      output: ['b'],
      attribute: ['r'],
      attributeProto: [{ name: 'q', type: 1, f: 0.5, ...unknown(60) }],
      node: [{ input: ['a'], output: ['b'], opType: 'Neg', ...beside(61) }],
      valueInfo: [{ name: 'a', type: type(62), ...beside(66) }],
      opsetImport: [{ domain: '', version: 21n }],
      ...beside(67),
    },
  ],
  ...beside(68),
};

const bytesOf = (model: Proto<'ModelProto'>) => joinChunks(encodeProto('ModelProto', model).chunks);

describe('what a file carries beside its meaning', () => {
  it('survives reading and writing at every level', () => {
    const bytes = bytesOf(MODEL);
    expect(decodeProto('ModelProto', writeModel(readModel(bytes)))).toEqual(decodeProto('ModelProto', bytes));
  });

  it('survives cloning', () => {
    const bytes = bytesOf(MODEL);
    expect(decodeProto('ModelProto', writeModel(cloneModel(readModel(bytes)).model))).toEqual(
      decodeProto('ModelProto', bytes),
    );
  });
});
