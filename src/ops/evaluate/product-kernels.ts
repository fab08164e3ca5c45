import { floatOf, intOf } from '../../ir/attribute.ts';
import { isFloat } from '../../ir/dtype.ts';
import { elementCount, type Tensor } from '../../ir/tensor.ts';
import { broadcastDims } from './broadcast.ts';
import { broadcastStrides, stridedPositions, stridesOf, takeElements } from './index-map.ts';
import { CannotEvaluate, type KernelTable, operand } from './kernel.ts';
import { fromNumbers, numbersOf } from './number-access.ts';

/** Most multiplications of one product: about a second's work. Larger ones are left to the runtime. */
const MOST_PRODUCTS = 2e8;

/** Matrix products of floats; sums are taken in 64 bits and rounded once. */
export const PRODUCT_KERNELS: KernelTable = {
  MatMul: (call) => {
    const [a, b] = [floats(operand(call, 0)), floats(operand(call, 1))];
    if (a.dims.length === 0 || b.dims.length === 0) throw new CannotEvaluate('MatMul of a scalar');
    const left = a.dims.length === 1 ? [1, ...a.dims] : a.dims;
    const right = b.dims.length === 1 ? [...b.dims, 1] : b.dims;
    const batch = broadcastDims(left.slice(0, -2), right.slice(0, -2));
    const [rows, inner] = left.slice(-2) as [number, number];
    const [depth, columns] = right.slice(-2) as [number, number];
    if (inner !== depth) throw new CannotEvaluate('the inner sizes of a product differ');
    const products = elementCount(batch) * rows * inner * columns;
    if (products > MOST_PRODUCTS) throw new CannotEvaluate(`a product of ${products} multiplications`);
    const starts = (dims: readonly number[]): Int32Array =>
      stridedPositions(batch, broadcastStrides(dims.slice(0, -2), batch));
    const [leftAt, rightAt] = [starts(left), starts(right)];
    const [x, y] = [numbersOf(a), numbersOf(b)];
    const result = new Float64Array(elementCount(batch) * rows * columns);
    for (let at = 0; at < leftAt.length; at++) {
      multiply(
        { values: x, start: leftAt[at]! * rows * inner, strides: [inner, 1] },
        { values: y, start: rightAt[at]! * inner * columns, strides: [columns, 1] },
        { rows, inner, columns, result, start: at * rows * columns },
      );
    }
    const dims = [...batch, ...(a.dims.length === 1 ? [] : [rows]), ...(b.dims.length === 1 ? [] : [columns])];
    return [fromNumbers(a.dtype, dims, result)];
  },
  Gemm: (call) => {
    const [a, b, c] = [floats(operand(call, 0)), floats(operand(call, 1)), call.inputs[2]];
    if (a.dims.length !== 2 || b.dims.length !== 2 || call.opset < 7) throw new CannotEvaluate('this form of Gemm');
    const transposed = (tensor: Tensor, name: string): { dims: readonly number[]; strides: readonly number[] } => {
      const strides = stridesOf(tensor.dims);
      return intOf(call.node, name) === 1
        ? { dims: [...tensor.dims].reverse(), strides: strides.reverse() }
        : { dims: tensor.dims, strides };
    };
    const [left, right] = [transposed(a, 'transA'), transposed(b, 'transB')];
    const [rows, inner] = left.dims as [number, number];
    const [depth, columns] = right.dims as [number, number];
    if (inner !== depth) throw new CannotEvaluate('the inner sizes of a product differ');
    if (rows * inner * columns > MOST_PRODUCTS) throw new CannotEvaluate('a product of many multiplications');
    const result = new Float64Array(rows * columns);
    multiply(
      { values: numbersOf(a), start: 0, strides: left.strides },
      { values: numbersOf(b), start: 0, strides: right.strides },
      { rows, inner, columns, result, start: 0 },
    );
    const [alpha, beta] = [floatOf(call.node, 'alpha') ?? 1, floatOf(call.node, 'beta') ?? 1];
    const dims = [rows, columns];
    const added =
      c === undefined
        ? undefined
        : numbersOf(takeElements(c, stridedPositions(dims, broadcastStrides(c.dims, dims)), dims));
    for (let i = 0; i < result.length; i++)
      result[i] = alpha * result[i]! + (added === undefined ? 0 : beta * added[i]!);
    return [fromNumbers(a.dtype, dims, result)];
  },
};

function floats(tensor: Tensor): Tensor {
  if (!isFloat(tensor.dtype)) throw new CannotEvaluate(`a product of ${tensor.dtype}`);
  return tensor;
}

interface Matrix {
  readonly values: ArrayLike<number>;
  readonly start: number;
  /** From row to row, and from column to column. */
  readonly strides: readonly number[];
}

interface Target {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly result: Float64Array;
  readonly start: number;
}

function multiply(a: Matrix, b: Matrix, { rows, inner, columns, result, start }: Target): void {
  const [aRow = 0, aColumn = 0] = a.strides;
  const [bRow = 0, bColumn = 0] = b.strides;
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < inner; k++) {
      const factor = a.values[a.start + row * aRow + k * aColumn]!;
      const from = b.start + k * bRow;
      const to = start + row * columns;
      for (let column = 0; column < columns; column++)
        result[to + column] = result[to + column]! + factor * b.values[from + column * bColumn]!;
    }
  }
}
