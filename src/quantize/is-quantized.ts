import type { Graph } from '../ir/graph.ts';
import { nodesWithin } from '../ir/walk.ts';

/** Operators of ai.onnx that compute with integers in place of floats, or convert between them. */
const INTEGER_OPERATORS = [
  'QuantizeLinear',
  'DequantizeLinear',
  'DynamicQuantizeLinear',
  'QLinearConv',
  'QLinearMatMul',
  'ConvInteger',
  'MatMulInteger',
];

/** What com.microsoft calls its integer operators. */
const MICROSOFT_INTEGER =
  /^(QLinear|QGemm|QAttention|QMoE|QuantizeLinear|DequantizeLinear|DynamicQuantize|MatMulInteger|MatMulNBits|QEmbedLayer)/;

/** Whether a graph, or one nested in it, holds operators of a quantized model. */
export function isQuantized(graph: Graph): boolean {
  for (const node of nodesWithin(graph)) {
    if (node.domain === '' && INTEGER_OPERATORS.includes(node.op)) return true;
    if (node.domain === 'com.microsoft' && MICROSOFT_INTEGER.test(node.op)) return true;
  }
  return false;
}
