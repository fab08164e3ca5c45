import { intOf } from '../ir/attribute.ts';
import { isOp, type Node } from '../ir/node.ts';
import { elementCount } from '../ir/tensor.ts';

/**
 * What quantizing a layer's weights adds to each output channel on average, to be taken off its bias: the sum over the
 * layer's inputs of (w - quantized w) times the input's mean. After a Relu inputs are positive, so that rounding errors
 * do not cancel, most of all where a channel has few weights (Nagel et al. 2019, arXiv:1906.04721, section 4.2).
 *
 * @param lost w minus what it was quantized to, laid out as the weight.
 * @param means of the input's channels: axis 1 of a convolution's, the last axis of a matrix product's.
 * @returns one number per output channel, or nothing where the means do not fit the weight.
 */
export function biasCorrection(
  node: Node,
  lost: Float32Array,
  dims: readonly number[],
  means: Float64Array,
): Float64Array | undefined {
  if (isOp(node, 'Conv')) return convCorrection(lost, dims, means, intOf(node, 'group') ?? 1);
  if (isOp(node, 'Gemm')) {
    if (intOf(node, 'transA') === 1) return undefined;
    return matrixCorrection(lost, dims, means, intOf(node, 'transB') === 1);
  }
  return undefined;
}

function convCorrection(
  lost: Float32Array,
  dims: readonly number[],
  means: Float64Array,
  group: number,
): Float64Array | undefined {
  const [outputs = 0, inputs = 0] = dims;
  if (means.length !== inputs * group) return undefined;
  const positions = elementCount(dims.slice(2));
  const correction = new Float64Array(outputs);
  let at = 0;
  for (let output = 0; output < outputs; output++) {
    const first = Math.floor(output / (outputs / group)) * inputs;
    let sum = 0;
    for (let input = 0; input < inputs; input++) {
      let channel = 0;
      for (const end = at + positions; at < end; at++) channel += lost[at]!;
      sum += channel * means[first + input]!;
    }
    correction[output] = sum;
  }
  return correction;
}

function matrixCorrection(
  lost: Float32Array,
  dims: readonly number[],
  means: Float64Array,
  transposed: boolean,
): Float64Array | undefined {
  const [rows = 0, columns = 0] = dims;
  const outputs = transposed ? rows : columns;
  if (means.length !== (transposed ? columns : rows)) return undefined;
  const correction = new Float64Array(outputs);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [output, input] = transposed ? [row, column] : [column, row];
      correction[output] = correction[output]! + lost[row * columns + column]! * means[input]!;
    }
  }
  return correction;
}
