import { intOf, intsOf, textOf } from '../ir/attribute.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { clipBounds } from './clip-bounds.ts';

/** Numbers that no element is below or above, but for NaN and roundings. */
export interface ElementRange {
  readonly min: number;
  readonly max: number;
}

const ANY: ElementRange = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
const UNIT: ElementRange = { min: 0, max: 1 };

/** Results that lie in an interval whatever is read. */
const BOUNDED: Readonly<Record<string, ElementRange>> = {
  Sigmoid: UNIT,
  HardSigmoid: UNIT,
  Softmax: UNIT,
  Tanh: { min: -1, max: 1 },
};

/** Operators whose results are elements of their first operand, or means of some of them. */
const KEEPING: ReadonlySet<string> = new Set([
  ...[
    'Identity',
    'Reshape',
    'Flatten',
    'Squeeze',
    'Unsqueeze',
    'Transpose',
    'Slice',
    'Split',
    'Gather',
    'Expand',
    'Tile',
  ],
  ...['MaxPool', 'GlobalMaxPool', 'GlobalAveragePool', 'ReduceMean', 'DepthToSpace'],
]);

/** Operators that are looked through on the way to one that bounds its results. */
const MAX_STEPS = 8;

/** The interval that the elements of a float tensor are known to lie in from the operators that it comes from. */
export function rangeOf(value: Value, steps: number = MAX_STEPS): ElementRange {
  const node = value.producer;
  if (node === undefined || node.domain !== '' || steps === 0) return ANY;
  if (node.op === 'Relu' || node.op === 'Clip') return cut(node);
  const bounded = BOUNDED[node.op];
  if (bounded !== undefined) return bounded;
  if (KEEPING.has(node.op)) return ofOperand(node, 0, steps);
  if (node.op === 'AveragePool') return averaged(node, steps);
  if (node.op !== 'Concat' && node.op !== 'Max' && node.op !== 'Min') return ANY;
  const ranges = node.inputs.map((_, index) => ofOperand(node, index, steps));
  const least = ranges.map(({ min }) => min);
  const greatest = ranges.map(({ max }) => max);
  if (node.op === 'Max') return { min: Math.max(...least), max: Math.max(...greatest) };
  if (node.op === 'Min') return { min: Math.min(...least), max: Math.min(...greatest) };
  return { min: Math.min(...least), max: Math.max(...greatest) };
}

function ofOperand(node: Node, index: number, steps: number): ElementRange {
  const operand = node.inputs[index];
  return operand === undefined ? ANY : rangeOf(operand, steps - 1);
}

function cut(node: Node): ElementRange {
  const bounds = clipBounds(node);
  return typeof bounds === 'string' ? ANY : bounds;
}

/** A mean over zeros that the pool adds may lie nearer to 0 than all elements. */
function averaged(node: Node, steps: number): ElementRange {
  const { min, max } = ofOperand(node, 0, steps);
  const pads = (intsOf(node, 'pads') ?? []).some((pad) => pad !== 0) || textOf(node, 'auto_pad')?.startsWith('SAME');
  const counted = pads && intOf(node, 'count_include_pad') === 1;
  return counted ? { min: Math.min(min, 0), max: Math.max(max, 0) } : { min, max };
}
