import { floatOf, textOf } from '../ir/attribute.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { shapeOf } from '../ir/value-type.ts';
import { normalizeAxes } from '../ops/infer/axis.ts';
import { constantIntegers, constantScalar, integersOf } from './constant-numbers.ts';

/** What a Pad node adds at the beginning and the end of each axis, in all the forms that Pad has had. */
export interface PadAmounts {
  readonly mode: string;
  /** The number that is added in mode `constant`; `undefined` where it is not known. */
  readonly fill: number | undefined;
  readonly begin: readonly number[];
  readonly end: readonly number[];
}

/** Reads a Pad node, or says why it cannot be read. */
export function padAmounts(node: Node): PadAmounts | string {
  const pads = integersOf(node, node.attributes.has('paddings') ? 'paddings' : 'pads', 1);
  if (pads === 'absent' || pads === 'unknown') return 'the amounts of the Pad are not constant';
  const mode = textOf(node, 'mode') ?? 'constant';
  const fill = fillOf(node);
  const half = pads.length / 2;
  const axesOperand: Value | undefined = node.inputs[3];
  if (axesOperand === undefined) return { mode, fill, begin: pads.slice(0, half), end: pads.slice(half) };
  const axes = constantIntegers(axesOperand);
  const rank = shapeOf(node.inputs[0]?.type)?.length;
  if (axes === undefined) return 'the axes of the Pad are not constant';
  if (rank === undefined) return 'the rank of what is padded is not proven';
  const begin = new Array<number>(rank).fill(0);
  const end = new Array<number>(rank).fill(0);
  const named = normalizeAxes(axes, rank);
  if (named?.length !== half) return 'the axes of the Pad are not those of its amounts';
  named.forEach((axis, index) => {
    begin[axis] = pads[index]!;
    end[axis] = pads[half + index]!;
  });
  return { mode, fill, begin, end };
}

function fillOf(node: Node): number | undefined {
  if (node.attributes.has('value')) return floatOf(node, 'value');
  return node.inputs[2] === undefined ? 0 : constantScalar(node.inputs[2]);
}
