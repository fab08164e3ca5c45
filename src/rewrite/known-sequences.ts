import { intOf } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { shapeOf } from '../ir/value-type.ts';
import { constantInteger, constantIntegers } from './constant-numbers.ts';

/** Most elements of a sequence that is followed; a longer one is left to the runtime. */
const MOST_ELEMENTS = 4096;

/** One element: a value of the graph, or a part that a SplitToSequence cuts off. */
export type SequenceElement =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'part'; readonly split: Node; readonly index: number };

/**
 * The sequences of a graph whose elements are known one by one: those made, extended and shortened at constant places,
 * and tensors split into a known number of parts.
 */
export function knownSequences(graph: Graph): ReadonlyMap<Value, readonly SequenceElement[]> {
  const known = new Map<Value, readonly SequenceElement[]>();
  for (const node of graph.nodes()) {
    const [output] = node.outputs;
    const elements = node.domain === '' && output !== undefined ? elementsMadeBy(node, known) : undefined;
    if (elements !== undefined && elements.length <= MOST_ELEMENTS) known.set(output!, elements);
  }
  return known;
}

function elementsMadeBy(
  node: Node,
  known: ReadonlyMap<Value, readonly SequenceElement[]>,
): readonly SequenceElement[] | undefined {
  const before = node.inputs[0] && known.get(node.inputs[0]);
  switch (node.op) {
    case 'SequenceEmpty':
      return [];
    case 'SequenceConstruct':
      return node.inputs.some((value) => value === undefined)
        ? undefined
        : node.inputs.map((value) => ({ kind: 'value', value: value! }));
    case 'Identity':
      return before;
    case 'SequenceInsert': {
      const at = placeIn(before, node.inputs[2], before?.length, 1);
      const value = node.inputs[1];
      if (before === undefined || at === undefined || value === undefined) return undefined;
      return [...before.slice(0, at), { kind: 'value', value }, ...before.slice(at)];
    }
    case 'SequenceErase': {
      const at = placeIn(before, node.inputs[1], before === undefined ? undefined : before.length - 1, 0);
      return before === undefined || at === undefined ? undefined : before.toSpliced(at, 1);
    }
    case 'SplitToSequence': {
      const count = partsOf(node)?.length;
      return count === undefined
        ? undefined
        : Array.from({ length: count }, (_, index) => ({ kind: 'part', split: node, index }));
    }
    default:
      return undefined;
  }
}

/**
 * A constant place in a sequence, counted from the front.
 *
 * @param fallback the place where the operand is absent.
 * @param beyond how far behind the last element a place may lie.
 */
export function placeIn(
  elements: readonly SequenceElement[] | undefined,
  operand: Value | undefined,
  fallback: number | undefined,
  beyond = 0,
): number | undefined {
  const given = operand === undefined ? fallback : constantInteger(operand);
  if (elements === undefined || given === undefined) return undefined;
  const at = given < 0 ? given + elements.length : given;
  return at >= 0 && at < elements.length + beyond ? at : undefined;
}

/** The sizes of the parts that a SplitToSequence gives along its axis; undefined where they are not known. */
export function partsOf(node: Node): readonly number[] | undefined {
  const [input, split] = node.inputs;
  const shape = shapeOf(input?.type);
  const axis = intOf(node, 'axis') ?? 0;
  const size = shape?.at(axis);
  if (typeof size !== 'number' || shape === undefined || axis >= shape.length || axis < -shape.length) return undefined;
  if (split === undefined) return size > MOST_ELEMENTS ? undefined : new Array<number>(size).fill(1);
  const given = constantIntegers(split);
  if (given === undefined || shapeOf(split.type)?.length === undefined) return undefined;
  if (shapeOf(split.type)!.length > 0) return given.reduce((sum, part) => sum + part, 0) === size ? given : undefined;
  const [part = 0] = given;
  if (part < 1 || size / part > MOST_ELEMENTS) return undefined;
  return Array.from({ length: Math.ceil(size / part) }, (_, i) => Math.min(part, size - i * part));
}
