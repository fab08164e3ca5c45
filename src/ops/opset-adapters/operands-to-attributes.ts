import { float, int, intOf, ints } from '../../ir/attribute.ts';
import type { Node } from '../../ir/node.ts';
import { elements, int64Tensor, type Tensor, toNumbers } from '../../ir/tensor.ts';
import { usesMask } from './attributes-to-operands.ts';
import { provenShape, setConstantOperand } from './edit-node.ts';
import type { OpsetAdapter } from './opset-adapter.ts';

/** Turns operand `index` into the `ints` attribute `name`: on the way down, what `intsToOperand` does on the way up. */
export function operandToInts(name: string, index: number): OpsetAdapter {
  return (node, graph) => {
    const values = integersAt(node, index);
    if (values === 'computed') return `its ${name} is computed at run time`;
    if (values !== undefined) graph.setAttribute(node, name, ints(values));
    graph.truncateInputs(node, index);
    return undefined;
  };
}

/** Reductions before opset 18: the axes. No axes meant all of them, whatever is said of an empty list. */
export const reductionAxesAttribute: OpsetAdapter = (node, graph) => {
  const axes = integersAt(node, 1);
  if (axes === 'computed') return 'its axes are computed at run time';
  const none = axes === undefined || axes.length === 0;
  if (none && intOf(node, 'noop_with_empty_axes') === 1) return 'without axes it leaves its operand as it is';
  graph.setAttribute(node, 'noop_with_empty_axes', undefined);
  if (!none) graph.setAttribute(node, 'axes', ints(axes));
  graph.truncateInputs(node, 1);
  return undefined;
};

/** Split before opset 18: equal parts go without saying, unequal ones are listed. */
export const splitWithoutCount: OpsetAdapter = (node, graph) => {
  const count = intOf(node, 'num_outputs');
  if (count === undefined) return undefined;
  const shape = provenShape(node.inputs[0]);
  const axis = intOf(node, 'axis') ?? 0;
  const size = shape?.[axis < 0 ? axis + shape.length : axis];
  if (typeof size !== 'number') return 'how long the axis is that it splits is not known';
  graph.setAttribute(node, 'num_outputs', undefined);
  if (size % count === 0) return undefined;
  const each = Math.ceil(size / count);
  const parts = Array.from({ length: count }, (_, i) => Math.max(0, Math.min(each, size - i * each)));
  setConstantOperand(graph, node, 1, 'split', int64Tensor(parts));
  return undefined;
};

/** Pad before opset 18: pads of every axis. */
export const padEveryAxis: OpsetAdapter = (node, graph) => {
  if (node.inputs[3] === undefined) return undefined;
  const rank = provenShape(node.inputs[0])?.length;
  const axes = integersAt(node, 3);
  const pads = integersAt(node, 1);
  if (!Array.isArray(axes) || !Array.isArray(pads) || rank === undefined)
    return 'its axes or pads are computed at run time, or the rank of its operand is not known';
  const all = new Array<bigint>(2 * rank).fill(0n);
  for (const [i, axis] of axes.entries()) {
    const at = Number(axis) < 0 ? Number(axis) + rank : Number(axis);
    all[at] = pads[i]!;
    all[at + rank] = pads[i + axes.length]!;
  }
  setConstantOperand(graph, node, 1, 'pads', int64Tensor(all));
  graph.truncateInputs(node, 3);
  return undefined;
};

/** DFT before opset 20: the axis, of which -2 went by 1 for signals of rank 3. */
export const dftAxisAttribute: OpsetAdapter = (node, graph) => {
  const axes = integersAt(node, 2) ?? [-2n];
  const rank = provenShape(node.inputs[0])?.length;
  if (axes === 'computed') return 'its axis is computed at run time';
  const axis = Number(axes[0]);
  if (axis < 0 && rank === undefined) return 'the rank of its operand is not known';
  graph.setAttribute(node, 'axis', int(axis < 0 ? axis + rank! : axis));
  graph.truncateInputs(node, 2);
  return undefined;
};

/** Clip before opset 11: min and max. */
export const clipAttributes: OpsetAdapter = (node, graph) => {
  const bounds = [1, 2].map((index) => node.inputs[index]);
  if (bounds.some((bound) => bound !== undefined && bound.constant === undefined))
    return 'its bounds are computed at run time';
  for (const [i, name] of (['min', 'max'] as const).entries()) {
    const tensor = bounds[i]?.constant;
    if (tensor !== undefined) graph.setAttribute(node, name, float(toNumbers(tensor)[0]!));
  }
  graph.truncateInputs(node, 1);
  return undefined;
};

/** Pad before opset 11: pads and the value to fill with. */
export const padAttributes: OpsetAdapter = (node, graph) => {
  const pads = integersAt(node, 1);
  const value = node.inputs[2];
  if (!Array.isArray(pads)) return 'its pads are computed at run time';
  if (value !== undefined && value.constant === undefined) return 'what it fills with is computed at run time';
  graph.setAttribute(node, 'pads', ints(pads));
  if (value?.constant !== undefined) graph.setAttribute(node, 'value', float(toNumbers(value.constant)[0]!));
  graph.truncateInputs(node, 1);
  return undefined;
};

/** Dropout before opset 12: the ratio. */
export const dropoutAttribute: OpsetAdapter = (node, graph) => {
  const [, ratio, training] = node.inputs;
  if (usesMask(node)) return 'its mask is used, and is another one outside of training';
  if (training !== undefined && !isFalse(training.constant)) return 'it may be in training mode';
  if (ratio !== undefined && ratio.constant === undefined) return 'its ratio is computed at run time';
  if (ratio?.constant !== undefined) graph.setAttribute(node, 'ratio', float(toNumbers(ratio.constant)[0]!));
  graph.truncateInputs(node, 1);
  graph.setAttribute(node, 'seed', undefined);
  return undefined;
};

/** TopK before opset 10: how many. */
export const topKAttribute: OpsetAdapter = (node, graph) => {
  const k = integersAt(node, 1);
  if (!Array.isArray(k)) return 'how many it takes is computed at run time';
  graph.setAttribute(node, 'k', int(k[0]!));
  graph.truncateInputs(node, 1);
  return undefined;
};

/** Slice before opset 10: starts, ends and axes, all in steps of one. */
export const sliceAttributes: OpsetAdapter = (node, graph) => {
  const [starts, ends, axes, steps] = [1, 2, 3, 4].map((index) => integersAt(node, index));
  if (!Array.isArray(starts) || !Array.isArray(ends) || axes === 'computed' || steps === 'computed')
    return 'what it cuts out is computed at run time';
  if (steps?.some((step) => step !== 1n)) return 'it cuts in steps';
  graph.setAttribute(node, 'starts', ints(starts));
  graph.setAttribute(node, 'ends', ints(ends));
  if (axes !== undefined) graph.setAttribute(node, 'axes', ints(axes));
  graph.truncateInputs(node, 1);
  return undefined;
};

/** Softmax, LogSoftmax, Hardmax before opset 13, which took all axes from `axis` on together: the last alone is the same. */
export const softmaxLastAxis: OpsetAdapter = (node, graph) => {
  const rank = provenShape(node.inputs[0])?.length;
  const axis = intOf(node, 'axis') ?? -1;
  if (rank === undefined) return 'the rank of its operand is not known';
  if (axis !== -1 && axis !== rank - 1) return 'it works along an axis that is not the last';
  graph.setAttribute(node, 'axis', int(rank - 1));
  return undefined;
};

function integersAt(node: Node, index: number): readonly bigint[] | 'computed' | undefined {
  const value = node.inputs[index];
  if (value === undefined) return undefined;
  return value.constant === undefined ? 'computed' : integersOf(value.constant);
}

function integersOf(tensor: Tensor): readonly bigint[] {
  const values = elements(tensor);
  return Array.from(values as ArrayLike<number | bigint>, BigInt);
}

function isFalse(tensor: Tensor | undefined): boolean {
  return tensor !== undefined && toNumbers(tensor)[0] === 0;
}
