import { intOf } from '../../../src/ir/attribute.ts';
import type { Node } from '../../../src/ir/node.ts';
import { scalarTensor, type Tensor, toNumbers } from '../../../src/ir/tensor.ts';
import { joinAlong, pieceAt } from './axis-pieces.ts';

/** What a value holds: a tensor, or a sequence of them. */
export type Held = Tensor | readonly Tensor[];

export function isSequence(held: Held | undefined): held is readonly Tensor[] {
  return Array.isArray(held);
}

/** The result of an operator on sequences, along first axes only; undefined where its operands do not fit. */
type SequenceRule = (node: Node, inputs: readonly (Held | undefined)[]) => Held | undefined;

export const SEQUENCE_RULES: Readonly<Record<string, SequenceRule>> = {
  SequenceEmpty: () => [],
  SequenceConstruct: (_, inputs) => inputs.filter((held) => held !== undefined && !isSequence(held)) as Tensor[],
  SequenceLength: (_, [list]) => (isSequence(list) ? scalarTensor('int64', list.length) : undefined),
  SequenceAt: (_, [list, place]) => (isSequence(list) ? list[placeIn(list, place, 0)] : undefined),
  SequenceErase: (_, [list, place]) => {
    const at = isSequence(list) ? placeIn(list, place, list.length - 1) : -1;
    return isSequence(list) && at in list ? list.toSpliced(at, 1) : undefined;
  },
  SequenceInsert: (_, [list, tensor, place]) => {
    if (!isSequence(list) || tensor === undefined || isSequence(tensor)) return undefined;
    const at = placeIn(list, place, list.length);
    return at >= 0 && at <= list.length ? list.toSpliced(at, 0, tensor) : undefined;
  },
  SplitToSequence: (node, [x, split]) => {
    if (x === undefined || isSequence(x) || split !== undefined || (intOf(node, 'axis') ?? 0) !== 0) return undefined;
    const pieces = piecesOf(x);
    return intOf(node, 'keepdims') === 0 ? pieces : pieces.map((piece) => joinAlong([piece])!);
  },
  ConcatFromSequence: (node, [list]) => {
    if (!isSequence(list) || intOf(node, 'axis') !== 0) return undefined;
    return joinAlong(intOf(node, 'new_axis') === 1 ? list : list.flatMap(piecesOf));
  },
};

function piecesOf(tensor: Tensor): readonly Tensor[] {
  return Array.from({ length: tensor.dims[0] ?? 0 }, (_, index) => pieceAt(tensor, index));
}

/** A place counted from the front; -1 where there is none. */
function placeIn(list: readonly Tensor[], place: Held | undefined, fallback: number): number {
  if (isSequence(place)) return -1;
  const at = place === undefined ? fallback : toNumbers(place)[0]!;
  return at < 0 ? at + list.length : at;
}
