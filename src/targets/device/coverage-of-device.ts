import type { Model } from '../../ir/model.ts';
import { prepareModel, type ShapeBinding } from '../nhwc/prepare-model.ts';
import type { Refusal } from '../nhwc/refusal.ts';
import { legalizationOf } from './legalize/table.ts';
import { lowerGraph } from './lower-graph.ts';

/** How much of a model has a form in TensorFlow Lite, told without writing one. */
export interface DeviceCoverage {
  /** Nodes by operator, after the model has been cleaned for its fixed shapes. */
  readonly operators: readonly { readonly operator: string; readonly nodes: number; readonly known: boolean }[];
  /** Why the model cannot be lowered; empty where it can. */
  readonly refused: readonly Refusal[];
}

/** Lists what of a model can be lowered, operator by operator, and each node that stands in the way. */
export function coverageOfDevice(source: Model, binding: ShapeBinding = {}): DeviceCoverage {
  const { model } = prepareModel(source, binding);
  const counts = new Map<string, { nodes: number; known: boolean }>();
  for (const node of model.graph.nodes()) {
    const operator = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
    const row = counts.get(operator) ?? { nodes: 0, known: legalizationOf(node) !== undefined };
    row.nodes++;
    counts.set(operator, row);
  }
  const operators = [...counts].map(([operator, row]) => ({ operator, ...row }));
  operators.sort((a, b) => b.nodes - a.nodes || (a.operator < b.operator ? -1 : 1));
  return { operators, refused: lowerGraph(model).refused };
}
