import type { Model } from '../../ir/model.ts';
import { describeNode, type Node } from '../../ir/node.ts';
import { FLOAT_REASONS } from '../../quantize/float-reason.ts';
import { planInt8 } from '../../quantize/plan-int8.ts';
import type { Report } from '../../report/report-schema.ts';

type QuantizationSummary = NonNullable<Report['quantization']>;

/** Reasons that say nothing a person could act on: such nodes have no weights and cost next to nothing. */
const MINOR = new Set([
  'no-int8-kernel',
  'no-int8-operand',
  'no-int8-consumer',
  'not-foldable',
  'bias-addition',
  'operand-not-float32',
]);

/** Operators whose cost matters wherever they stay in floating point. */
const MAJOR = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'LSTM', 'GRU', 'RNN', 'Scan', 'Loop', 'If']);

/** What became of nodes beside what the plan says. */
export interface PlanOutcome {
  /** Nodes that stay float because of what quantizing them alone does to the results: the ratio of signal to noise in decibels. */
  readonly sensitive?: ReadonlyMap<Node, number>;
  /** Whether a node that the plan leaves in float was quantized in another way. */
  readonly quantizedOtherwise?: (node: Node) => boolean;
}

/** What of a prepared model's main graph runs in 8 bits, by operator, and the nodes that stay float with the reason. */
export function summarizePlan(
  model: Model,
  exclude: readonly string[],
  { sensitive = new Map(), quantizedOtherwise = () => false }: PlanOutcome = {},
): Pick<QuantizationSummary, 'quantized' | 'kept'> {
  const plan = planInt8(model.graph, { exclude });
  const quantized: Record<string, number> = {};
  for (const node of plan.nodes.keys()) quantized[node.op] = (quantized[node.op] ?? 0) + 1;
  const kept: QuantizationSummary['kept'] = [];
  for (const [node, planned] of plan.floatNodes) {
    const sqnr = sensitive.get(node);
    const reason = sqnr === undefined ? planned : 'sensitivity';
    if ((MINOR.has(reason) && !MAJOR.has(node.op)) || quantizedOtherwise(node)) continue;
    kept.push({
      node: node.name || describeNode(node),
      op: node.op,
      code: `quantize-float-${reason}`,
      reason: FLOAT_REASONS[reason],
      ...(sqnr !== undefined && { sqnr }),
    });
  }
  return { quantized, kept };
}
