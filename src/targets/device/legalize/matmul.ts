import { floatOf, intOf } from '../../../ir/attribute.ts';
import { elementCount, elements, type Tensor } from '../../../ir/tensor.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import { reshape } from './broadcast-rank.ts';
import type { Legalization, LegalizationTable, LegalizeCall } from './legalization.ts';

/** A constant matrix as a fully connected layer wants it, outputs by inputs. */
function layerWeights(call: LegalizeCall, matrix: Tensor, transposed: boolean): TfTensor {
  return call.derived(matrix, `layer ${transposed}`, () =>
    call.weights(matrix, matrix.dims, transposed ? [0, 1] : [1, 0], 'weights'),
  );
}

const gemm: Legalization = (call) => {
  const { node } = call;
  const alpha = floatOf(node, 'alpha') ?? 1;
  const beta = floatOf(node, 'beta') ?? 1;
  const transA = intOf(node, 'transA') === 1;
  const transB = intOf(node, 'transB') === 1;
  const matrix = call.constant(1);
  const [rows = 0, columns = 0] = call.resultShape();
  let a = call.input(0);
  if (transA && matrix !== undefined) {
    const shape = [a.shape[1]!, a.shape[0]!];
    a = call.emit('TRANSPOSE', [a, call.integers([1, 0])], { shape });
  }
  const bias = layerBias(call, columns, beta, alpha);
  const last = bias !== undefined || !call.has(2);
  const product = (): TfTensor => {
    if (matrix === undefined || matrix.dtype !== 'float32') {
      return call.emit('BATCH_MATMUL', [a, call.input(1)], { options: { adj_x: transA, adj_y: transB } });
    }
    const inputs = [a, layerWeights(call, matrix, transB), bias];
    return call.emit('FULLY_CONNECTED', inputs, { shape: [rows, columns] });
  };
  let result = product();
  if (alpha !== 1) result = call.emit('MUL', [result, call.scalar(alpha)]);
  if (last && (matrix !== undefined || !call.has(2))) return call.bind(result);
  const c = call.broadcast(2);
  const scaled = beta === 1 ? c : call.emit('MUL', [c, call.scalar(beta)], { shape: c.shape });
  call.finish('ADD', [result, scaled]);
};

/** The addend of a Gemm as a layer's bias, where it is one number per output and nothing scales the product. */
function layerBias(call: LegalizeCall, outputs: number, beta: number, alpha: number): TfTensor | undefined {
  const c = call.constant(2);
  if (c === undefined || alpha !== 1 || c.dtype !== 'float32') return undefined;
  const count = elementCount(c.dims);
  if (count !== 1 && (count !== outputs || c.dims.at(-1) !== outputs)) return undefined;
  if (beta === 1 && count === outputs) {
    return call.derived(c, 'bias', () => call.weights(c, [outputs], [0], 'bias'));
  }
  const values = elements(c) as Float32Array;
  const all = Float32Array.from({ length: outputs }, (_, k) => Math.fround(values[count === 1 ? 0 : k]! * beta));
  return call.derived(c, `bias ${beta} ${outputs}`, () => call.floats(all, [outputs], 'bias'));
}

const matmul: Legalization = (call) => {
  const matrix = call.constant(1);
  const [a, b] = [call.shape(0), call.shape(1)];
  const result = call.resultShape();
  if (matrix !== undefined && matrix.dtype === 'float32' && b.length === 2 && a.length >= 2) {
    const options = a.length > 2 ? { keep_num_dims: true } : {};
    return call.finish('FULLY_CONNECTED', [call.input(0), layerWeights(call, matrix, false), undefined], options);
  }
  if (call.resultType() !== 'float32') call.refuse({ code: 'device-type', message: 'a product of integer matrices' });
  // Vectors are matrices of one row or column, and are vectors again in the result.
  const left = reshape(call, call.input(0), a.length === 1 ? [1, a[0]!] : a);
  const right = reshape(call, call.input(1), b.length === 1 ? [b[0]!, 1] : b);
  const rank = Math.max(left.shape.length, right.shape.length);
  const full = [left, right].map((x) =>
    reshape(call, x, [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape]),
  );
  const batch = result.slice(0, result.length - (a.length > 1 ? 1 : 0) - (b.length > 1 ? 1 : 0));
  const shape = [...batch, left.shape.at(-2)!, right.shape.at(-1)!];
  if (rank > 5) call.refuse({ code: 'device-rank', message: `a product of matrices in ${rank} dimensions` });
  const product = call.emit('BATCH_MATMUL', full, { shape, options: { adj_x: false, adj_y: false } });
  call.bind(reshape(call, product, result));
};

export const MATMUL: LegalizationTable = { Gemm: gemm, MatMul: matmul };
