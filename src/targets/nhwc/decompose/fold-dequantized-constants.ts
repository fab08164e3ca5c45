import { intOf } from '../../../ir/attribute.ts';
import type { Graph } from '../../../ir/graph.ts';
import { isOp } from '../../../ir/node.ts';
import { elements, type Tensor, tensorFromElements, toNumbers } from '../../../ir/tensor.ts';

/** Replaces constants that are stored quantized by the floats that they stand for. */
export function foldDequantizedConstants(graph: Graph): void {
  for (const node of graph.nodes()) {
    if (!isOp(node, 'DequantizeLinear')) continue;
    const [quantized, scale, zeroPoint] = node.inputs.map((value) => value?.constant);
    const [result] = node.outputs;
    if (quantized === undefined || scale === undefined || result === undefined) continue;
    if (scale.dtype !== 'float32' || scale.dims.length > 1) continue;
    if (node.inputs[2] !== undefined && zeroPoint === undefined) continue;
    const given = intOf(node, 'axis') ?? 1;
    const axis = given < 0 ? given + quantized.dims.length : given;
    const floats = dequantized(quantized, { scale, zeroPoint, axis });
    graph.replaceAllUses(result, graph.addConstant(floats, result.name), { outputs: true });
    graph.erase(node);
  }
}

interface Parameters {
  readonly scale: Tensor;
  readonly zeroPoint: Tensor | undefined;
  readonly axis: number;
}

/** (q - zero point) * scale, rounded as DequantizeLinear does. */
function dequantized(quantized: Tensor, { scale, zeroPoint, axis }: Parameters): Tensor {
  const values = elements(quantized) as ArrayLike<number>;
  const scales = toNumbers(scale);
  const zeros = zeroPoint === undefined ? [0] : toNumbers(zeroPoint);
  const inner = quantized.dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const size = quantized.dims[axis] ?? 1;
  const floats = new Float32Array(values.length);
  for (let i = 0; i < floats.length; i++) {
    const channel = Math.floor(i / inner) % size;
    const difference = values[i]! - zeros[zeros.length === 1 ? 0 : channel]!;
    floats[i] = difference * scales[scales.length === 1 ? 0 : channel]!;
  }
  return tensorFromElements('float32', quantized.dims, floats);
}
