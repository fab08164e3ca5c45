import type { DataType } from '../../ir/dtype.ts';
import type { Graph } from '../../ir/graph.ts';
import type { Node, NodeSpec } from '../../ir/node.ts';
import type { Shape } from '../../ir/shape.ts';
import type { Tensor } from '../../ir/tensor.ts';
import type { Value } from '../../ir/value.ts';
import { dtypeOf, shapeOf, type ValueType } from '../../ir/value-type.ts';

/** Puts a constant in operand `index`, with holes before it where the node has fewer operands. */
export function setConstantOperand(
  graph: Graph,
  node: Node,
  index: number,
  name: string,
  tensor: Tensor | undefined,
): void {
  if (tensor === undefined) return;
  while (node.inputs.length < index) graph.setInput(node, node.inputs.length, undefined);
  graph.setInput(node, index, graph.addConstant(tensor, `${labelOf(node)}_${name}`));
}

/**
 * Puts nodes in the place of one with a single result: each takes the result of the one before as its first operand,
 * the first one that of the old node. The last result takes over its name, type and readers.
 */
export function replaceNode(graph: Graph, node: Node, ...chain: readonly Omit<NodeSpec, 'outputs'>[]): void {
  const old = node.outputs[0]!;
  let value: Value | undefined = node.inputs[0];
  for (const [i, spec] of chain.entries()) {
    const last = i === chain.length - 1;
    const output = last
      ? { name: old.name, type: old.type, declared: old.declared, extra: old.extra }
      : { name: `${old.name}_${i}` };
    const made = graph.insertBefore(node, {
      origin: node.origin,
      ...spec,
      name: spec.name ?? (last ? node.name : ''),
      inputs: [value, ...spec.inputs],
      outputs: [output],
    });
    value = made.outputs[0];
  }
  graph.rename(old, '');
  graph.replaceAllUses(old, value!, { outputs: true });
  graph.erase(node);
}

/** The type of a value as proven, or as the file says where nothing is. */
export function knownType(value: Value | undefined): ValueType | undefined {
  return value?.type ?? value?.declared;
}

export function knownDtype(value: Value | undefined): DataType | undefined {
  return value?.constant?.dtype ?? dtypeOf(knownType(value));
}

/** The proven shape of a value; what a file says of shapes is not relied on. */
export function provenShape(value: Value | undefined): Shape | undefined {
  return value?.constant?.dims ?? shapeOf(value?.type);
}

export function labelOf(node: Node): string {
  return node.name || node.outputs[0]?.name || node.op;
}
