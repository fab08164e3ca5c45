import { intOf } from '../ir/attribute.ts';
import { copiedAttributes } from '../ir/copy-attribute.ts';
import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import { type Tensor, tensorFromElements, toFloat32 } from '../ir/tensor.ts';
import { isUnused, type Value } from '../ir/value.ts';
import { allFinite } from '../rewrite/constant-numbers.ts';
import { quantizeWeight, weightScales } from './quantize-weight.ts';
import { transposeMatrix } from './transpose-matrix.ts';

/** The domain of DynamicQuantizeLSTM. */
export const LSTM_DOMAIN = 'com.microsoft';

/** Operands of LSTM that DynamicQuantizeLSTM takes in the same places: X, W, R, B, lengths, initial state and cell, peepholes. */
const SHARED_OPERANDS = 8;

/**
 * Puts ONNX Runtime's DynamicQuantizeLSTM in the place of an LSTM with constant float32 weights: int8 weights with one
 * scale per gate and unit, transposed to [directions, inputs, 4 * hidden].
 *
 * @returns whether it could.
 */
export function dynamicLstm(node: Node, graph: Graph): boolean {
  const [, input, recurrence] = node.inputs;
  if (input?.constant?.dtype !== 'float32' || recurrence?.constant?.dtype !== 'float32') return false;
  if (!allFinite(input.constant) || !allFinite(recurrence.constant)) return false;
  if ((intOf(node, 'layout') ?? 0) !== 0) return false;
  const [w, wScale, wZero] = storeStack(graph, transposeMatrix(input.constant), input.name);
  const [r, rScale, rZero] = storeStack(graph, transposeMatrix(recurrence.constant), recurrence.name);
  const shared = Array.from({ length: SHARED_OPERANDS }, (_, i) => node.inputs[i]);
  const outputs = node.outputs.map(
    (value) => value && { name: value.name, type: value.type, declared: value.declared },
  );
  for (const value of node.outputs) if (value !== undefined) graph.rename(value, '');
  const { layout: _, ...attributes } = copiedAttributes(node);
  const made = graph.insertBefore(node, {
    op: 'DynamicQuantizeLSTM',
    domain: LSTM_DOMAIN,
    name: node.name,
    inputs: [shared[0], w, r, ...shared.slice(3), wScale, wZero, rScale, rZero],
    attributes,
    outputs,
    origin: node.origin,
  });
  for (const [i, value] of node.outputs.entries()) {
    if (value !== undefined) graph.replaceAllUses(value, made.outputs[i]!, { outputs: true });
  }
  graph.erase(node);
  for (const value of [input, recurrence]) if (value.graph === graph && isUnused(value)) graph.eraseValue(value);
  return true;
}

/** A stack of matrices [directions, rows, columns] in int8, with scales and zero points [directions, columns]. */
function storeStack(graph: Graph, tensor: Tensor, name: string): [Value, Value, Value] {
  const [directions = 0, rows = 0, columns = 0] = tensor.dims;
  const floats = toFloat32(tensor);
  const values = new Int8Array(floats.length);
  const scales = new Float32Array(directions * columns);
  for (let direction = 0; direction < directions; direction++) {
    const start = direction * rows * columns;
    const matrix = floats.subarray(start, start + rows * columns);
    const own = Float32Array.from(weightScales(matrix, [rows, columns], 1), (scale) => scale || 1);
    scales.set(own, direction * columns);
    values.set(quantizeWeight(matrix, [rows, columns], 1, own), start);
  }
  const dims = [directions, columns];
  return [
    graph.addConstant(tensorFromElements('int8', tensor.dims, values), `${name}_q`),
    graph.addConstant(tensorFromElements('float32', dims, scales), `${name}_s`),
    graph.addConstant(tensorFromElements('int8', dims, new Int8Array(scales.length)), `${name}_z`),
  ];
}
