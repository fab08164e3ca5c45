import { intOf, tensorOf, textOf } from '../../ir/attribute.ts';
import {
  elementCount,
  int64Tensor,
  scalarTensor,
  stringTensor,
  type Tensor,
  tensorFromNumbers,
  toNumbers,
} from '../../ir/tensor.ts';
import { stridesOf, takeElements } from './index-map.ts';
import { CannotEvaluate, type KernelTable, operand } from './kernel.ts';
import { bigIntsOf, fromBigInts, fromNumbers, numbersOf, usesBigInt } from './number-access.ts';

/** Operators that make tensors out of shapes, limits and attributes. */
export const SHAPE_KERNELS: KernelTable = {
  Constant: ({ node }) => {
    const tensor = tensorOf(node, 'value');
    if (tensor !== undefined) return [tensor];
    for (const [name, attribute] of node.attributes) {
      if (name === 'value_float' && attribute.kind === 'float') return [scalarTensor('float32', attribute.value)];
      if (name === 'value_int' && attribute.kind === 'int') return [scalarTensor('int64', attribute.value)];
      if (name === 'value_string' && attribute.kind === 'string') return [stringTensor([], [attribute.value])];
      if (name === 'value_floats' && attribute.kind === 'floats') {
        return [tensorFromNumbers('float32', [attribute.value.length], attribute.value)];
      }
      if (name === 'value_ints' && attribute.kind === 'ints') return [int64Tensor(attribute.value)];
      if (name === 'value_strings' && attribute.kind === 'strings')
        return [stringTensor([attribute.value.length], attribute.value)];
    }
    throw new CannotEvaluate('a constant in sparse form');
  },
  Shape: (call) => {
    const { dims } = operand(call, 0);
    const limit = (name: string): number | undefined => intOf(call.node, name);
    return [int64Tensor(dims.slice(limit('start') ?? 0, limit('end') ?? dims.length))];
  },
  Size: (call) => [scalarTensor('int64', elementCount(operand(call, 0).dims))],
  ConstantOfShape: (call) => {
    const dims = toNumbers(operand(call, 0));
    const value = tensorOf(call.node, 'value') ?? scalarTensor('float32', 0);
    return [takeElements(value, new Int32Array(elementCount(dims)), dims)];
  },
  Range: (call) => {
    const [start, limit, delta] = [operand(call, 0), operand(call, 1), operand(call, 2)];
    const [a, b, d] = [start, limit, delta].map((tensor) => numbersOf(tensor)[0] ?? Number.NaN) as [
      number,
      number,
      number,
    ];
    const count = Math.max(0, Math.ceil((b - a) / d));
    if (!Number.isSafeInteger(count)) throw new CannotEvaluate('a range without an end');
    if (usesBigInt(start.dtype)) {
      const [first, by] = [bigIntsOf(start)[0]!, bigIntsOf(delta)[0]!];
      return [
        fromBigInts(
          start.dtype,
          [count],
          Array.from({ length: count }, (_, i) => first + by * BigInt(i)),
        ),
      ];
    }
    return [
      fromNumbers(
        start.dtype,
        [count],
        Array.from({ length: count }, (_, i) => a + d * i),
      ),
    ];
  },
  NonZero: (call) => {
    const x = operand(call, 0);
    const values = numbersOf(x);
    const found = Array.from({ length: values.length }, (_, i) => i).filter((i) => values[i] !== 0);
    const rank = Math.max(x.dims.length, 1);
    const strides = x.dims.length === 0 ? [1] : stridesOf(x.dims);
    const sizes = x.dims.length === 0 ? [1] : x.dims;
    const rows = strides.map((stride, axis) => found.map((i) => Math.floor(i / stride) % sizes[axis]!));
    return [tensorFromNumbers('int64', [rank, found.length], rows.flat())];
  },
  Pad: (call) => {
    const mode = textOf(call.node, 'mode') ?? 'constant';
    if (call.opset < 11 || mode !== 'constant' || call.inputs[3] !== undefined)
      throw new CannotEvaluate('this form of Pad');
    return [padConstant(operand(call, 0), toNumbers(operand(call, 1)), call.inputs[2])];
  },
};

function padConstant(x: Tensor, pads: readonly number[], value: Tensor | undefined): Tensor {
  const rank = x.dims.length;
  if (pads.length !== 2 * rank || pads.some((pad) => pad < 0)) throw new CannotEvaluate('negative pads');
  const dims = x.dims.map((dim, axis) => dim + pads[axis]! + pads[axis + rank]!);
  const strides = stridesOf(dims);
  const values: ArrayLike<number | bigint> = usesBigInt(x.dtype) ? bigIntsOf(x) : numbersOf(x);
  const fill = value === undefined ? 0 : numbersOf(value)[0]!;
  const out = new Array<number | bigint>(elementCount(dims)).fill(usesBigInt(x.dtype) ? BigInt(fill) : fill);
  const inner = stridesOf(x.dims);
  for (let i = 0; i < values.length; i++) {
    let at = 0;
    for (let axis = 0; axis < rank; axis++)
      at += ((Math.floor(i / inner[axis]!) % x.dims[axis]!) + pads[axis]!) * strides[axis]!;
    out[at] = values[i]!;
  }
  return usesBigInt(x.dtype)
    ? fromBigInts(x.dtype, dims, out as bigint[])
    : fromNumbers(x.dtype, dims, out as number[]);
}
