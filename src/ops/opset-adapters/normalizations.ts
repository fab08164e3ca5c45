import { intOf } from '../../ir/attribute.ts';
import { copiedAttributes } from '../../ir/copy-attribute.ts';
import { int64Tensor, tensorFromNumbers, toNumbers } from '../../ir/tensor.ts';
import { isUnused } from '../../ir/value.ts';
import { labelOf, provenShape, replaceNode } from './edit-node.ts';
import type { OpsetAdapter } from './opset-adapter.ts';

/** BatchNormalization, opset 9: statistics are always per channel. */
export const batchNormalizationSpatial: OpsetAdapter = (node, graph) => {
  if (intOf(node, 'spatial') === 0) return 'it normalizes each element by statistics of its own';
  graph.setAttribute(node, 'spatial', undefined);
  return undefined;
};

/** BatchNormalization, opset 14: further results no longer ask for training, an attribute does. */
export const batchNormalizationTraining: OpsetAdapter = (node, graph) => {
  const used = node.outputs.some((value, index) => index > 0 && value !== undefined && !isUnused(value));
  if (used) return 'its further results are used, as in training';
  if (node.outputs.length > 1)
    replaceNode(graph, node, { op: node.op, inputs: node.inputs.slice(1), attributes: copiedAttributes(node) });
  return undefined;
};

/** GroupNormalization, opset 21: scale and bias of each channel, where they were those of each group. */
export const groupNormalizationPerChannel: OpsetAdapter = (node, graph) => {
  const groups = intOf(node, 'num_groups');
  const channels = provenShape(node.inputs[0])?.[1];
  if (groups === undefined || groups < 1) return 'it has no number of groups';
  if (typeof channels !== 'number' || channels % groups !== 0) return 'its number of channels is not known';
  const each = channels / groups;
  for (const index of [1, 2]) {
    const value = node.inputs[index];
    const name = `${labelOf(node)}_${index === 1 ? 'scale' : 'bias'}`;
    if (value?.constant !== undefined) {
      const { dtype } = value.constant;
      const repeated = toNumbers(value.constant).flatMap((number) => new Array<number>(each).fill(number));
      graph.setInput(node, index, graph.addConstant(tensorFromNumbers(dtype, [channels], repeated), name));
      continue;
    }
    const spread = ['Reshape', 'Expand', 'Reshape'].reduce((operand, op, step) => {
      const target = [[groups, 1], [groups, each], [channels]][step]!;
      const shape = graph.addConstant(int64Tensor(target), `${name}_shape_${step}`);
      const inputs = [operand, shape];
      return graph.insertBefore(node, { op, inputs, outputs: [{ name: `${name}_${step}` }], origin: node.origin })
        .outputs[0];
    }, value);
    graph.setInput(node, index, spread);
  }
  return undefined;
};
