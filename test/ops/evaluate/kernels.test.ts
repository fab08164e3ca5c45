import { describe, expect, it } from 'vitest';
import { int64Tensor, type Tensor, tensorFromElements, tensorFromNumbers, toNumbers } from '../../../src/ir/tensor.ts';
import { parseModel } from '../../../src/ir/text/parse.ts';
import { erf } from '../../../src/ops/evaluate/erf.ts';
import { type Evaluation, evaluateNode } from '../../../src/ops/evaluate/evaluate-node.ts';

/** The result of one node, written as `Neg(x)`, on operands that it reads as x0, x1, ... */
function evaluate(call: string, ...inputs: readonly Tensor[]): Evaluation {
  const names = inputs.map(
    (tensor, i) => `${tensor.dtype === 'float32' ? 'float' : tensor.dtype}[${tensor.dims.join()}] x${i}`,
  );
  const model = parseModel(
    `<ir_version: 10, opset_import: ["" : 23]> g (${names.join(', ')}) => (float[] y) { y = ${call} }`,
  );
  return evaluateNode([...model.graph.nodes()][0]!, inputs, 23);
}

function result(call: string, ...inputs: readonly Tensor[]): Tensor {
  const found = evaluate(call, ...inputs);
  if (found.kind === 'declined') throw new Error(found.reason);
  return found.outputs[0]!;
}

const floats = (...values: readonly number[]): Tensor => tensorFromNumbers('float32', [values.length], values);

describe('erf', () => {
  it.each([
    [0, 0],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2.4, 0.9993114861033549],
    [2.6, 0.9997639655834707],
    [-1.5, -0.9661051464753108],
    [6, 1],
  ])('of %d is %d to fifteen digits', (x, expected) => {
    expect(Math.abs(erf(x) - expected)).toBeLessThan(3e-15);
  });
});

describe('wide integers', () => {
  const largest = int64Tensor([9223372036854775807n, -9007199254740993n]);

  it.each([
    ['Neg(x0)', [-9223372036854775807n, 9007199254740993n]],
    ['Abs(x0)', [9223372036854775807n, 9007199254740993n]],
    ['BitwiseNot(x0)', [-9223372036854775808n, 9007199254740992n]],
  ])('%s keeps all of their 64 bits', (call, expected) => {
    const { storage } = result(call, largest);
    const bytes = storage.kind === 'bytes' ? storage.bytes : new Uint8Array();
    expect([...new BigInt64Array(bytes.slice().buffer)]).toEqual(expected);
  });
});

describe('what is left to the runtime', () => {
  it.each<[string, string, readonly Tensor[]]>([
    ['operands of two types', 'Add(x0, x1)', [int64Tensor([1]), floats(0.25)]],
    ['an order with NaN', 'ArgMax(x0)', [floats(1, Number.NaN, 3)]],
    ['an index outside', 'GatherElements(x0, x1)', [floats(1, 2), int64Tensor([2])]],
    ['a range of no width', 'DynamicQuantizeLinear(x0)', [floats(0, 0)]],
    [
      'a product that would take seconds',
      'MatMul(x0, x1)',
      [
        tensorFromElements('float32', [1000, 700], new Float32Array(700_000)),
        tensorFromElements('float32', [700, 1000], new Float32Array(700_000)),
      ],
    ],
  ])('%s', (_, call, inputs) => {
    expect(evaluate(call, ...inputs).kind).toBe('declined');
  });
});

describe('products', () => {
  it('broadcast their batches, and drop the axis of a vector', () => {
    const a = tensorFromNumbers(
      'float32',
      [2, 1, 2, 3],
      Array.from({ length: 12 }, (_, i) => i),
    );
    const b = tensorFromNumbers('float32', [3], [1, 0, 2]);
    const product = result('MatMul(x0, x1)', a, b);
    expect(product.dims).toEqual([2, 1, 2]);
    expect(toNumbers(product)).toEqual([4, 13, 22, 31]);
  });
});
