import { intOf } from '../src/ir/attribute.ts';
import type { DataType } from '../src/ir/dtype.ts';
import type { Graph } from '../src/ir/graph.ts';
import { hasOneResult, isOp, type Node } from '../src/ir/node.ts';
import { elementCount, elements, type Tensor, tensorFromElements, toFloat32 } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { weightLayoutOf } from '../src/ops/weight-layout.ts';
import { definePass } from '../src/pass/define-pass.ts';

/** Types of stored weights and biases. */
const STORED_TYPES: readonly DataType[] = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'int4', 'uint4'];

/** What Cast calls float32. */
const FLOAT32 = 1;

/** Floats of half the width. */
const HALF_TYPES: readonly DataType[] = ['float16', 'bfloat16'];

/**
 * Turns a model whose weights are only stored in 8 or 16 bits back into one of float32 weights, so that it can be quantized
 * as a whole: constants that are dequantized before use become the float32 numbers that they stand for, weights of layers
 * that are cast from half the width likewise, and activations that are quantized and dequantized on the spot, over a
 * range found at run time, are left as they are.
 */
export const foldStoredWeights = definePass({
  name: 'fold-stored-weights',
  summary: 'Bring weights that are stored in 8 or 16 bits to float32, before quantizing the whole model',
  effect: 'lossy',
  options: {},
  run(graph, { count }) {
    for (const node of graph.nodes()) {
      if (!hasOneResult(node)) continue;
      if (isOp(node, 'Cast') && isLayerWeight(node.outputs[0])) {
        const tensor = widened(node.inputs[0]?.constant, node);
        if (tensor === undefined) continue;
        replaceResult(graph, node, graph.addConstant(tensor, node.outputs[0]!.name));
        count('weights cast to float32');
        continue;
      }
      if (!isOp(node, 'DequantizeLinear')) continue;
      const source = dynamicSource(node);
      if (source !== undefined) {
        replaceResult(graph, node, source);
        count('round trips removed');
        continue;
      }
      const tensor = dequantized(node);
      if (tensor === undefined) continue;
      replaceResult(graph, node, graph.addConstant(tensor, node.outputs[0]!.name));
      count('weights dequantized');
    }
  },
});

function replaceResult(graph: Graph, node: Node, value: Value): void {
  graph.replaceAllUses(node.outputs[0]!, value, { outputs: true });
  graph.erase(node);
}

/** Whether a value is read as the weights or the bias of layers, and as nothing else. */
function isLayerWeight(value: Value | undefined): boolean {
  if (value === undefined || value.outputCount > 0 || value.uses.size === 0) return false;
  return [...value.uses].every(({ node, index }) => {
    const layout = weightLayoutOf(node);
    return layout !== undefined && (index === layout.operand || index === layout.bias);
  });
}

/** Numbers of 16 bits in float32, which holds them all. */
function widened(tensor: Tensor | undefined, cast: Node): Tensor | undefined {
  if (tensor === undefined || intOf(cast, 'to') !== FLOAT32 || !HALF_TYPES.includes(tensor.dtype)) return undefined;
  return tensorFromElements('float32', tensor.dims, toFloat32(tensor));
}

/** What DynamicQuantizeLinear quantized, if the node dequantizes just that. */
function dynamicSource(node: Node): Value | undefined {
  const [quantized, scale, zeroPoint] = node.inputs;
  const producer = quantized?.producer;
  if (!isOp(producer, 'DynamicQuantizeLinear')) return undefined;
  const [q, s, z] = producer.outputs;
  return q === quantized && s === scale && z === zeroPoint ? producer.inputs[0] : undefined;
}

/** The numbers that a constant stands for: scale * (q - zero point), with one scale, or one per index along an axis. */
function dequantized(node: Node): Tensor | undefined {
  const [quantized, scale, zeroPoint] = node.inputs.map((value) => value?.constant);
  if (quantized === undefined || !STORED_TYPES.includes(quantized.dtype) || scale?.dtype !== 'float32')
    return undefined;
  if (node.inputs[2] !== undefined && zeroPoint === undefined) return undefined;
  const { dims } = quantized;
  const scales = toFloat32(scale);
  const given = intOf(node, 'axis') ?? 1;
  const axis = given < 0 ? given + dims.length : given;
  const single = elementCount(scale.dims) === 1;
  if (!single && (scale.dims.length !== 1 || scales.length !== dims[axis])) return undefined;
  const zeros = zeroPoint === undefined ? new Float32Array(scales.length) : toFloat32(zeroPoint);
  const values = elements(quantized) as ArrayLike<number>;
  const result = new Float32Array(values.length);
  const inner = single ? values.length : elementCount(dims.slice(axis + 1));
  for (let i = 0; i < values.length; i++) {
    const channel = single ? 0 : Math.floor(i / inner) % scales.length;
    result[i] = (values[i]! - zeros[channel]!) * scales[channel]!;
  }
  return tensorFromElements('float32', dims, result);
}
