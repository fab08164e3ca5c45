import { note } from '../src/diagnostics/diagnostic.ts';
import { isFloat } from '../src/ir/dtype.ts';
import type { Graph } from '../src/ir/graph.ts';
import { describeNode } from '../src/ir/node.ts';
import { elements, type Tensor, tensorFromElements, toFloat32 } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { type WeightLayout, weightLayoutOf } from '../src/ops/weight-layout.ts';
import { definePass, type PassContext } from '../src/pass/define-pass.ts';
import { matchesNode } from '../src/pass/node-pattern.ts';
import type { PassOptionTable } from '../src/pass/pass-option.ts';
import { groupedMask, type Mask, unstructuredMasks } from '../src/prune/magnitude-mask.ts';
import { parsePruneStructure } from '../src/prune/prune-structure.ts';

const OPTIONS = {
  sparsity: { kind: 'number', default: 0.5, min: 0, max: 0.99, help: 'Share of weights to set to zero (unstructured)' },
  structure: {
    kind: 'string',
    default: 'unstructured',
    help: 'unstructured, or N:M as in 2:4: keep N of every M weights',
  },
  scope: {
    kind: 'enum',
    values: ['layer', 'global'],
    default: 'layer',
    help: 'Rank magnitudes within each layer or over all',
  },
  exclude: { kind: 'list', default: [], help: 'Nodes to leave alone: names or operators, with * and ?' },
  // Below this a layer's zeros save less than their bookkeeping, and small first layers are the most sensitive.
  minElements: { kind: 'number', default: 256, min: 0, integer: true, help: 'Leave weights with fewer elements alone' },
} as const satisfies PassOptionTable;

interface Target {
  readonly value: Value;
  readonly tensor: Tensor;
  readonly layout: WeightLayout;
}

/** Sets weights of small magnitude to zero; shapes and types stay, so that any runtime still runs the model. */
export const pruneMagnitude = definePass({
  name: 'prune-magnitude',
  summary: 'Set the weights of smallest magnitude to zero, unstructured or N:M',
  effect: 'lossy',
  options: OPTIONS,
  run(graph, context) {
    const { structure, scope, sparsity } = context.options;
    const grouping = parsePruneStructure(structure);
    const targets = findTargets(graph, context);
    if (targets.length === 0) return;
    if (grouping === undefined && scope === 'global') {
      const masks = unstructuredMasks(
        targets.map(({ tensor }) => toFloat32(tensor)),
        sparsity,
      );
      for (const [i, target] of targets.entries()) applyMask(graph, target, masks[i]!, context);
      return;
    }
    // One after the other: together the floats of a large model may not fit into memory.
    for (const target of targets) {
      const { tensor, layout } = target;
      const values = toFloat32(tensor);
      const mask =
        grouping === undefined
          ? unstructuredMasks([values], sparsity)[0]!
          : groupedMask(values, tensor.dims, axisOf(layout, tensor), grouping.keep, grouping.group);
      applyMask(graph, target, mask, context);
    }
  },
});

/** The constant float weights of linear operators that nothing but such operators reads. */
function findTargets(graph: Graph, context: PassContext<typeof OPTIONS>): Target[] {
  const targets = new Map<Value, Target>();
  for (const node of graph.nodes()) {
    const layout = weightLayoutOf(node);
    const value = layout === undefined ? undefined : node.inputs[layout.operand];
    const tensor = value?.constant;
    if (layout === undefined || value === undefined || tensor === undefined || value.graph !== graph) continue;
    if (!isFloat(tensor.dtype) || targets.has(value)) continue;
    const size = tensor.dims.reduce((product, dim) => product * dim, 1);
    if (tensor.dims.length < 2 || size < context.options.minElements) continue;
    const others = [...value.uses].filter((use) => weightLayoutOf(use.node)?.operand !== use.index);
    if (others.length > 0 || value.outputCount > 0) {
      context.report(
        note({
          code: 'prune-shared-weight',
          message: `the weights '${value.name}' of ${describeNode(node)} are read by other operators too and stay as they are`,
          at: value.name,
        }),
      );
      continue;
    }
    if ([...value.uses].some((use) => matchesNode(use.node, context.options.exclude))) {
      context.count('layers excluded');
      continue;
    }
    targets.set(value, { value, tensor, layout });
  }
  return [...targets.values()];
}

function applyMask(graph: Graph, { value, tensor }: Target, mask: Mask, context: PassContext<typeof OPTIONS>): void {
  const pruned = elements(tensor).slice();
  let zeroed = 0;
  let zeros = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) {
      if (Number(pruned[i]) !== 0) zeroed++;
      pruned[i] = 0;
    }
    if (Number(pruned[i]) === 0) zeros++;
  }
  context.count('weights looked at', mask.length);
  context.count('weights zero', zeros);
  if (zeroed === 0) return;
  context.count('weights set to zero', zeroed);
  context.count('layers pruned');
  const replacement = graph.addConstant(tensorFromElements(tensor.dtype, tensor.dims, pruned), value.name, {
    extra: value.extra,
  });
  graph.replaceAllUses(value, replacement);
  graph.eraseValue(value);
}

function axisOf(layout: WeightLayout, tensor: Tensor): number {
  return layout.reductionAxis < 0 ? layout.reductionAxis + tensor.dims.length : layout.reductionAxis;
}
