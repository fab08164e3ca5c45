import type { onnx } from 'onnx-proto';
import { Writer } from 'protobufjs/minimal.js';
import { describe, expect, it } from 'vitest';
import { ModelpressError } from '../../src/diagnostics/modelpress-error.ts';
import { verify } from '../../src/ir/verify.ts';
import { nodesWithin } from '../../src/ir/walk.ts';
import { readModel } from '../../src/onnx/read-model.ts';
import { errorOf, floats, graphAttribute, info, modelBytes, nodeProto } from './message-bytes.ts';

const SMALL = modelBytes(
  {
    name: 'g',
    input: [info('x', 'N', 2)],
    initializer: [floats('w', 1, 2)],
    node: [
      nodeProto('Add', ['x', 'w'], ['h'], { name: 'add' }),
      nodeProto('If', ['h'], ['y'], {
        attribute: [graphAttribute('then_branch', { node: [nodeProto('Neg', ['h'], ['t'])], output: [info('t', 1)] })],
      }),
    ],
    valueInfo: [info('h', 'N', 2)],
    output: [info('y', 'N', 2)],
  },
  { producerName: 'test', functions: [{ name: 'f', domain: 'd', output: [], opsetImport: [{ version: 17 }] }] },
);

/** The code of the error that reading fails with; nothing when it succeeds; anything else fails the test. */
function codeOf(bytes: Uint8Array): string | undefined {
  try {
    readModel(bytes, { label: 'm.onnx' });
    return undefined;
  } catch (error) {
    if (error instanceof ModelpressError) return error.code;
    throw error;
  }
}

const attributed = (attribute: onnx.IAttributeProto): onnx.INodeProto =>
  nodeProto('Relu', [], ['y'], { attribute: [attribute] });

const text = (value: string) => new TextEncoder().encode(value);

describe('damaged files', () => {
  it('that are cut off anywhere say so', () => {
    const codes = new Set<string | undefined>();
    for (let length = 0; length < SMALL.length; length++) codes.add(codeOf(SMALL.subarray(0, length)));
    // What stands after the operator sets may be missing without a trace.
    expect([...codes].sort()).toEqual(['onnx-empty', 'onnx-no-opset', 'onnx-not-a-model', 'onnx-truncated', undefined]);
    expect(codeOf(SMALL.subarray(0, SMALL.length >> 1))).toBe('onnx-truncated');
    expect(errorOf(() => readModel(SMALL.subarray(0, 100), { label: 'm.onnx' }))).toMatchObject({
      code: 'onnx-truncated',
      at: 'm.onnx',
      hint: expect.any(String),
    });
  });

  it('with any byte changed are read or refused, and nothing else', () => {
    for (let at = 0; at < SMALL.length; at++) {
      for (const value of [0x00, 0x01, 0x7f, 0x80, 0xff, SMALL[at]! ^ 0x08]) {
        const bytes = SMALL.slice();
        bytes[at] = value;
        codeOf(bytes);
      }
    }
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /is empty/],
    ['JSON', text('{"format": "graph-model"}'), /is JSON/],
    ['text', text('hello, this is not a model\n'), /is text/],
    ['HTML', text('<!DOCTYPE html><html></html>'), /HTML or XML/],
    ['a Git LFS pointer', text('version https://git-lfs.github.com/spec/v1\noid sha256:abc\n'), /Git LFS pointer/],
    ['a TensorFlow Lite model', Uint8Array.from([0x1c, 0, 0, 0, ...text('TFL3'), 1, 2, 3]), /TensorFlow Lite/],
    ['an ORT model', Uint8Array.from([0x1c, 0, 0, 0, ...text('ORTM'), 1, 2, 3]), /ORT format/],
    ['a zip archive', Uint8Array.from([...text('PK'), 3, 4, 20, 0]), /zip archive/],
    ['a PNG image', Uint8Array.from([0x89, ...text('PNG'), 13, 10, 26, 10]), /PNG image/],
    ['a JPEG image', Uint8Array.from([0xff, 0xd8, 0xff, 0xe0]), /JPEG image/],
    ['an HDF5 file', Uint8Array.from([0x89, ...text('HDF'), 13, 10]), /HDF5/],
    ['a NumPy array', Uint8Array.from([0x93, ...text('NUMPY'), 1, 0]), /NumPy/],
    ['a pickle', Uint8Array.from([0x80, 2, 0x7d]), /pickle/],
    ['a safetensors file', Uint8Array.from([9, 0, 0, 0, 0, 0, 0, 0, ...text('{"a":1}  ')]), /safetensors/],
    ['random bytes', Uint8Array.from({ length: 64 }, (_, i) => (i * 167 + 91) & 0xff), /no ONNX message/],
    ['zeros', new Uint8Array(64), /no ONNX message/],
    ['a tensor', Uint8Array.from([0x08, 0x02, 0x10, 0x01, 0x4a, 0x08, 0, 0, 0, 0, 0, 0, 0, 0]), /./],
  ])('that are %s are named', (_, bytes, message) => {
    const error = errorOf(() => readModel(bytes, { label: 'm.onnx' }));
    expect(error.code).toMatch(/^onnx-(empty|not-a-model|truncated)$/);
    expect(error.message).toMatch(message);
    expect(error.hint).toBeDefined();
  });

  it('cannot ask for more memory than they have bytes for', () => {
    const tensor = (dims: number[], more = {}) =>
      modelBytes({ initializer: [{ name: 'w', dataType: 1, dims, ...more }] });
    const huge = 2 ** 53 - 1;
    expect(codeOf(tensor([huge]))).toBe('onnx-tensor-size');
    expect(codeOf(tensor([2 ** 40, 2 ** 40]))).toBe('onnx-tensor-dims');
    expect(codeOf(tensor([2 ** 32, 2 ** 32, 0]))).toBe(undefined);
    expect(codeOf(tensor([-1]))).toBe('onnx-tensor-dims');
    expect(codeOf(tensor([-1, -1], { floatData: [1] }))).toBe('onnx-tensor-dims');
    expect(codeOf(tensor([2], { floatData: [1] }))).toBe('onnx-tensor-size');
    expect(codeOf(tensor([1], { floatData: [1, 2] }))).toBe('onnx-tensor-size');
    expect(codeOf(modelBytes({ initializer: [{ name: 'w', dataType: 99, dims: [1] }] }))).toBe(
      'onnx-unknown-element-type',
    );
    expect(codeOf(modelBytes({ initializer: [{ name: 'w', dataType: 8, dims: [3], stringData: [text('a')] }] }))).toBe(
      'onnx-tensor-size',
    );
  });

  it.each<[string, onnx.IGraphProto, onnx.IModelProto, string | undefined]>([
    ['a node without an operator', { node: [{ input: [], output: ['y'] }] }, {}, 'onnx-no-operator'],
    ['an input without a name', { input: [info('', 2)] }, {}, 'onnx-no-name'],
    ['an attribute without a name', { node: [attributed({ type: 2, i: 1 })] }, {}, 'onnx-attribute'],
    [
      'an attribute of an unknown kind',
      { node: [attributed({ name: 'a', type: 99 as onnx.AttributeProto.AttributeType })] },
      {},
      'onnx-attribute',
    ],
    ['a negative IR version', {}, { irVersion: -1 }, 'onnx-version'],
    ['an IR version beyond numbers', {}, { irVersion: 2 ** 53 }, 'onnx-version'],
    ['an operator set version beyond numbers', {}, { opsetImport: [{ version: 2 ** 53 }] }, 'onnx-version'],
    ['a cycle', { node: [nodeProto('Neg', ['b'], ['a']), nodeProto('Neg', ['a'], ['b'])] }, {}, 'onnx-cycle'],
    ['a node that reads itself', { node: [nodeProto('Neg', ['a'], ['a'])] }, {}, 'onnx-cycle'],
    ['an operand from nowhere', { node: [nodeProto('Neg', ['x'], ['a'])] }, {}, 'onnx-undefined-name'],
    ['an output from nowhere', { output: [info('y', 2)] }, {}, 'onnx-undefined-name'],
    ['a name given twice', { input: [info('x', 2), info('x', 2)] }, {}, 'onnx-duplicate-name'],
  ])('that have %s are refused', (_, graph, rest, code) => {
    expect(codeOf(modelBytes(graph, rest))).toBe(code);
  });

  it('with an attribute that stands twice take the last, and hold no graph that belongs to nothing', () => {
    const branch = (op: string) =>
      graphAttribute('then_branch', { node: [nodeProto(op, ['x'], ['t'])], output: [info('t', 1)] });
    const node = nodeProto('If', ['x'], ['y'], { attribute: [branch('Neg'), branch('Abs')] });
    const codes: string[] = [];
    const model = readModel(modelBytes({ input: [info('x', 1)], node: [node], output: [info('y', 1)] }), {
      report: ({ code }) => codes.push(code),
    });
    expect(codes).toEqual(['onnx-duplicate-attribute']);
    expect(verify(model)).toEqual([]);
    expect([...nodesWithin(model.graph)].map(({ op }) => op)).toEqual(['If', 'Abs']);
  });

  it('with a million empty messages are refused instead of taking a hundred times their size', () => {
    const nodes = new Uint8Array(2 * (2 ** 22 + 1));
    for (let i = 0; i < nodes.length; i += 2) nodes[i] = 0x0a;
    const header = new Writer().uint32(8).uint32(8).uint32(0x3a).uint32(nodes.length).finish();
    expect(codeOf(Uint8Array.from([...header, ...nodes.subarray(0, 1000)]))).toBe('onnx-truncated');
    const bytes = new Uint8Array(header.length + nodes.length);
    bytes.set(header);
    bytes.set(nodes, header.length);
    expect(errorOf(() => readModel(bytes))).toMatchObject({
      code: 'onnx-malformed',
      message: expect.stringContaining('messages'),
    });
  });
});
