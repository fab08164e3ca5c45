import type { Graph } from '../ir/graph.ts';
import { isOp, type Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { nodesWithin } from '../ir/walk.ts';
import { weightLayoutOf } from '../ops/weight-layout.ts';

/** Operators of ai.onnx that multiply integers. */
const INTEGER_OPERATORS = ['QLinearConv', 'QLinearMatMul', 'ConvInteger', 'MatMulInteger'];

/** What com.microsoft calls the operators that do. */
const MICROSOFT_INTEGER = /^(QLinear|QGemm|QAttention|QMoE|DynamicQuantize|MatMulInteger|MatMulNBits|QEmbedLayer)/;

/**
 * Whether a graph, with those nested in it, is that of a quantized model: at least half of its linear layers multiply
 * integers, or read activations that have just been dequantized. Weights that are only stored in 8 bits do not count:
 * such a model still computes in floating point.
 */
export function isQuantized(graph: Graph): boolean {
  let quantized = 0;
  let float = 0;
  for (const node of nodesWithin(graph)) {
    if (isIntegerOperator(node)) quantized++;
    else if (weightLayoutOf(node) !== undefined) {
      if (isDequantizedActivation(node.inputs[0])) quantized++;
      else float++;
    }
  }
  return quantized > 0 && quantized >= float;
}

function isIntegerOperator({ domain, op }: Node): boolean {
  return domain === '' ? INTEGER_OPERATORS.includes(op) : domain === 'com.microsoft' && MICROSOFT_INTEGER.test(op);
}

function isDequantizedActivation(value: Value | undefined): boolean {
  const node = value?.producer;
  return isOp(node, 'DequantizeLinear') && node.inputs[0]?.constant === undefined;
}
