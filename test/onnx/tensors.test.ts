import { describe, expect, it } from 'vitest';
import { joinChunks } from '../../src/bytes/byte-source.ts';
import { DATA_TYPES } from '../../src/ir/dtype.ts';
import {
  elements,
  equalTensors,
  stringTensor,
  type Tensor,
  tensorBytes,
  tensorFromNumbers,
  toNumbers,
} from '../../src/ir/tensor.ts';
import { encodeProto, type Proto } from '../../src/onnx/schema.ts';
import { decodeMap, decodeOptional, decodeSequence, decodeTensor, encodeTensor } from '../../src/onnx/tensor-file.ts';
import { errorOf } from './message-bytes.ts';

const decode = (proto: Proto<'TensorProto'>): Tensor =>
  decodeTensor(joinChunks(encodeProto('TensorProto', proto).chunks));
const f32 = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const f64 = (...values: number[]) => new Uint8Array(Float64Array.from(values).buffer);

describe('typed fields of a tensor', () => {
  it.each<[number, Proto<'TensorProto'>, readonly (number | bigint)[]]>([
    [1, { floatData: f32(0.5, -0) }, [0.5, -0]],
    [2, { int32Data: [0, 255] }, [0, 255]],
    [3, { int32Data: [-128, 127] }, [-128, 127]],
    [4, { int32Data: [1, 65535] }, [1, 65535]],
    [5, { int32Data: [-32768, 2] }, [-32768, 2]],
    [6, { int32Data: [-(2 ** 31), 2 ** 31 - 1] }, [-(2 ** 31), 2 ** 31 - 1]],
    [7, { int64Data: [-(2n ** 63n), 2n ** 63n - 1n] }, [-(2n ** 63n), 2n ** 63n - 1n]],
    [9, { int32Data: [0, 1] }, [0, 1]],
    [10, { int32Data: [0x3c00, 0xbc00] }, [0x3c00, 0xbc00]],
    [11, { doubleData: f64(1 / 3, 2) }, [1 / 3, 2]],
    [12, { uint64Data: [0n, 2n ** 32n - 1n] }, [0, 2 ** 32 - 1]],
    [13, { uint64Data: [0n, 2n ** 64n - 1n] }, [0n, 2n ** 64n - 1n]],
    [14, { floatData: f32(1, 2, 3, 4) }, [1, 2, 3, 4]],
    [15, { doubleData: f64(1, 2, 3, 4) }, [1, 2, 3, 4]],
    [16, { int32Data: [0x3f80, 0xbf80] }, [0x3f80, 0xbf80]],
    [17, { int32Data: [0x38, 0xff] }, [0x38, 0xff]],
    [18, { int32Data: [0x38, 0x80] }, [0x38, 0x80]],
    [19, { int32Data: [0x3c, 0x7c] }, [0x3c, 0x7c]],
    [20, { int32Data: [0x40, 0x80] }, [0x40, 0x80]],
    [21, { int32Data: [0xf1] }, [1, 15]],
    [22, { int32Data: [0x7f] }, [-1, 7]],
    [23, { int32Data: [0x21] }, [1, 2]],
    [24, { int32Data: [127, 128] }, [127, 128]],
    [25, { int32Data: [0b1110] }, [2, 3]],
    [26, { int32Data: [0b0111] }, [-1, 1]],
  ])('of element type %i become packed bytes', (dataType, data, expected) => {
    const tensor = decode({ dataType, dims: [2n], ...data });
    expect(tensor.dtype).toBe(DATA_TYPES[dataType - 1]);
    expect([...(elements(tensor) as Iterable<number | bigint>)]).toEqual(expected);
    const raw = decode({ dataType, dims: [2n], rawData: tensorBytes(tensor) });
    expect(equalTensors(raw, tensor)).toBe(true);
    expect(equalTensors(decodeTensor(encodeTensor(tensor)), tensor)).toBe(true);
  });

  it('pack four elements of two bits into an entry, and two of four', () => {
    expect(toNumbers(decode({ dataType: 25, dims: [5n], int32Data: [0b11_10_01_00, 0b01] }))).toEqual([0, 1, 2, 3, 1]);
    expect(toNumbers(decode({ dataType: 22, dims: [3n], int32Data: [0x21, 0x0f] }))).toEqual([1, 2, -1]);
  });
});

describe('tensor files', () => {
  it('keep scalars, empty tensors, strings that are not UTF-8, and names', () => {
    for (const tensor of [
      tensorFromNumbers('float32', [], [3]),
      tensorFromNumbers('int64', [0, 4], []),
      stringTensor([2], [Uint8Array.from([0xff, 0xfe]), 'text']),
      stringTensor([], ['scalar']),
    ]) {
      const back = decodeTensor(encodeTensor(tensor, 'named'));
      expect([equalTensors(back, tensor), back.name]).toEqual([true, 'named']);
    }
  });

  it('hold sequences, maps and optional values', () => {
    const tensor: Proto<'TensorProto'> = { dataType: 1, dims: [1n], floatData: f32(2) };
    const bytes = (name: 'SequenceProto' | 'OptionalProto' | 'MapProto', proto: object) =>
      joinChunks(encodeProto(name, proto).chunks);
    expect(decodeSequence(bytes('SequenceProto', { elemType: 1, tensorValues: [tensor, tensor] }))).toMatchObject([
      { kind: 'tensor' },
      { kind: 'tensor' },
    ]);
    expect(decodeSequence(bytes('SequenceProto', { elemType: 1 }))).toEqual([]);
    const nested = { elemType: 3, sequenceValues: [{ elemType: 1, tensorValues: [tensor] }] };
    expect(decodeSequence(bytes('SequenceProto', nested))).toMatchObject([
      { kind: 'sequence', elements: [{ kind: 'tensor' }] },
    ]);
    expect(decodeOptional(bytes('OptionalProto', { elemType: 1, tensorValue: tensor }))).toMatchObject({
      kind: 'tensor',
    });
    expect(decodeOptional(bytes('OptionalProto', { elemType: 0 }))).toBeUndefined();
    const map = {
      keyType: 8,
      stringKeys: [new TextEncoder().encode('a')],
      values: { elemType: 1, tensorValues: [tensor] },
    };
    expect(decodeMap(bytes('MapProto', map))).toMatchObject({ kind: 'map', keys: ['a'], values: [{ kind: 'tensor' }] });
  });

  it('that are damaged say so', () => {
    expect(errorOf(() => decodeTensor(Uint8Array.from([0x4a, 0x7f, 0x00]), 'input_0.pb'))).toMatchObject({
      code: 'onnx-tensor-file',
      at: 'input_0.pb',
    });
    expect(
      errorOf(() =>
        decode({ dataType: 1, dims: [1n], dataLocation: 1, externalData: [{ key: 'location', value: 'w' }] }),
      ),
    ).toMatchObject({ code: 'onnx-external-data-missing' });
  });
});
