import { copiedAttributes } from '../../../ir/copy-attribute.ts';
import type { Graph } from '../../../ir/graph.ts';
import { isOp, type Node } from '../../../ir/node.ts';
import type { Value } from '../../../ir/value.ts';
import { hasTrait } from '../../../ops/traits.ts';
import { constantScalar } from '../../../rewrite/constant-numbers.ts';

/**
 * Moves every DequantizeLinear with one scale above the operators before it that only move elements, or take the largest
 * of them: they then work on floats, between the quantization and what it is for, as all other operators do.
 */
export function raiseDequantization(graph: Graph): void {
  const pending = [...graph.nodes()].filter((node) => isOp(node, 'DequantizeLinear'));
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const mover = node.inputs[0]?.producer;
    if (node.graph === undefined || mover === undefined || mover.graph !== graph) continue;
    const readers = movable(mover, node) ? [...mover.outputs[0]!.uses].map((use) => use.node) : [];
    if (readers.length === 0 || !readers.every((reader) => dequantizesAlike(reader, node))) continue;
    pending.push(...raise(graph, mover, node, readers));
  }
}

function movable(mover: Node, { inputs: [, scale, zero] }: Node): boolean {
  const [result, ...others] = mover.outputs;
  if (mover.domain !== '' || result === undefined || result.outputCount > 0) return false;
  if (others.some((value) => value !== undefined)) return false;
  // Of a table that is stored in integers only what is looked up is to become floats.
  if (mover.inputs[0]?.constant !== undefined) return false;
  if (constantScalar(scale) === undefined || (zero !== undefined && constantScalar(zero) === undefined)) return false;
  return hasTrait(mover, 'movement') || mover.op === 'MaxPool';
}

function dequantizesAlike(reader: Node, { inputs: [, scale, zero] }: Node): boolean {
  if (!isOp(reader, 'DequantizeLinear')) return false;
  const same = (a: Value | undefined, b: Value | undefined): boolean =>
    (a && constantScalar(a)) === (b && constantScalar(b));
  return same(reader.inputs[1], scale) && same(reader.inputs[2], zero);
}

/** Writes the operator once more, on dequantized operands, in place of it and of what read it. */
function raise(graph: Graph, mover: Node, like: Node, readers: readonly Node[]): readonly Node[] {
  const [, scale, zero] = like.inputs;
  const raised: Node[] = [];
  const inputs = mover.inputs.map((value, index) => {
    if (value === undefined || (index > 0 && mover.op !== 'Concat')) return value;
    const node = graph.insertBefore(mover, {
      op: 'DequantizeLinear',
      inputs: [value, scale, zero],
      attributes: copiedAttributes(like),
      origin: like.origin,
    });
    raised.push(node);
    return node.outputs[0];
  });
  const { op, domain, name, attributes, origin } = mover;
  const moved = graph.insertBefore(mover, { op, domain, name, attributes, origin, inputs });
  for (const reader of readers) {
    graph.replaceAllUses(reader.outputs[0]!, moved.outputs[0]!, { outputs: true });
    graph.erase(reader);
  }
  graph.erase(mover);
  return raised;
}
