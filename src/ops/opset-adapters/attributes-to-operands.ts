import { floatOf, int, intOf, textOf } from '../../ir/attribute.ts';
import type { Node } from '../../ir/node.ts';
import { int64Tensor, scalarTensor } from '../../ir/tensor.ts';
import { isUnused } from '../../ir/value.ts';
import { knownDtype, setConstantOperand } from './edit-node.ts';
import type { OpsetAdapter } from './opset-adapter.ts';

/** Turns the `ints` attribute `name` into operand `index`, as Squeeze, Unsqueeze, Split and ReduceSum did in opset 13. */
export function intsToOperand(name: string, index: number): OpsetAdapter {
  return (node, graph) => {
    const values = bigintsOf(node, name);
    if (values === undefined) return undefined;
    graph.setAttribute(node, name, undefined);
    setConstantOperand(graph, node, index, name, int64Tensor(values));
    return undefined;
  };
}

/** Slice, opset 10: starts, ends and axes. */
export const sliceOperands: OpsetAdapter = (node, graph) => {
  const starts = bigintsOf(node, 'starts');
  const ends = bigintsOf(node, 'ends');
  if (starts === undefined || ends === undefined) return 'it has no starts or no ends';
  const axes = bigintsOf(node, 'axes') ?? starts.map((_, axis) => axis);
  for (const [i, [name, values]] of Object.entries({ starts, ends, axes }).entries()) {
    graph.setAttribute(node, name, undefined);
    setConstantOperand(graph, node, i + 1, name, int64Tensor(values));
  }
  return undefined;
};

/** TopK, opset 10: how many. */
export const topKOperand: OpsetAdapter = (node, graph) => {
  const k = intOf(node, 'k');
  if (k === undefined) return 'it has no k';
  graph.setAttribute(node, 'k', undefined);
  setConstantOperand(graph, node, 1, 'k', int64Tensor([k]));
  return undefined;
};

/** Clip, opset 11: min and max. The old defaults, the ends of float32, are what an absent operand means. */
export const clipOperands: OpsetAdapter = (node, graph) => {
  const bounds = (['min', 'max'] as const).map((name) => ({ name, value: floatOf(node, name) }));
  const dtype = knownDtype(node.inputs[0]);
  if (dtype === undefined && bounds.some(({ value }) => value !== undefined))
    return 'the type of its operand is not known';
  for (const [i, { name, value }] of bounds.entries()) {
    graph.setAttribute(node, name, undefined);
    setConstantOperand(graph, node, i + 1, name, value === undefined ? undefined : scalarTensor(dtype!, value));
  }
  return undefined;
};

/** Pad, opset 11: pads and the value to fill with. */
export const padOperands: OpsetAdapter = (node, graph) => {
  const pads = bigintsOf(node, 'pads');
  const dtype = knownDtype(node.inputs[0]);
  const value = floatOf(node, 'value') ?? 0;
  const filled = (textOf(node, 'mode') ?? 'constant') === 'constant' && value !== 0;
  if (pads === undefined) return 'it has no pads';
  if (filled && dtype === undefined) return 'the type of its operand is not known';
  graph.setAttribute(node, 'pads', undefined);
  graph.setAttribute(node, 'value', undefined);
  setConstantOperand(graph, node, 1, 'pads', int64Tensor(pads));
  setConstantOperand(graph, node, 2, 'value', filled ? scalarTensor(dtype!, value) : undefined);
  return undefined;
};

/** Dropout, opset 12: the ratio. It still does nothing outside of training, but its mask is all true then, not all false. */
export const dropoutOperand: OpsetAdapter = (node, graph) => {
  if (usesMask(node)) return 'its mask is used, and is another one outside of training';
  const ratio = floatOf(node, 'ratio');
  graph.setAttribute(node, 'ratio', undefined);
  setConstantOperand(graph, node, 1, 'ratio', ratio === undefined ? undefined : scalarTensor('float32', ratio));
  return undefined;
};

/** Dropout, opset 10: its mask became boolean. */
export const dropoutMask: OpsetAdapter = (node) =>
  usesMask(node) ? 'its mask is used, and became boolean' : undefined;

/** Whether anything reads the mask of a Dropout. */
export function usesMask(node: Node): boolean {
  const mask = node.outputs[1];
  return mask !== undefined && !isUnused(mask);
}

/** Split, opset 18: into how many equal parts is said, where the sizes of the parts are not. */
export const splitCount: OpsetAdapter = (node, graph) => {
  if (node.inputs[1] === undefined) graph.setAttribute(node, 'num_outputs', int(node.outputs.length));
  return undefined;
};

/** DFT, opset 20: the axis, which was 1 where none was given. */
export const dftAxis: OpsetAdapter = (node, graph) => {
  const axis = intOf(node, 'axis') ?? 1;
  graph.setAttribute(node, 'axis', undefined);
  setConstantOperand(graph, node, 2, 'axis', scalarTensor('int64', axis));
  return undefined;
};

/** The integers of an attribute as they are: INT64_MAX stands for the end of an axis. */
function bigintsOf(node: Node, name: string): readonly bigint[] | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'ints' ? attribute.value : undefined;
}
