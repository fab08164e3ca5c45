import { tensorOf } from '../ir/attribute.ts';
import { type DataType, kindOf } from '../ir/dtype.ts';
import type { Node } from '../ir/node.ts';
import { elementCount, toNumbers } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';

/** Operators whose results hold nothing but elements of their first operand. */
const MOVEMENTS: ReadonlySet<string> = new Set([
  'Expand',
  'Flatten',
  'Gather',
  'Identity',
  'Reshape',
  'Slice',
  'Split',
  'Squeeze',
  'Tile',
  'Transpose',
  'Unsqueeze',
]);

/** Nodes in a row that are followed; exporters write about five. */
const MAX_DEPTH = 16;

/** Most elements of a constant that are looked at. */
const MAX_ELEMENTS = 1 << 20;

/**
 * The number that every element of a tensor is, whatever its shape; `undefined` where that is not known. A tensor
 * without elements may give any number.
 */
export function uniformValue(value: Value | undefined, depth = 0): number | undefined {
  if (value === undefined || depth > MAX_DEPTH) return undefined;
  if (value.constant !== undefined) {
    const { dtype, dims } = value.constant;
    if (!isNumber(dtype) || elementCount(dims) > MAX_ELEMENTS) return undefined;
    const [first, ...rest] = toNumbers(value.constant);
    return rest.every((number) => Object.is(number, first)) ? first : undefined;
  }
  const node = value.producer;
  if (node?.domain !== '') return undefined;
  if (node.op === 'ConstantOfShape') return filling(node);
  if (MOVEMENTS.has(node.op)) return uniformValue(node.inputs[0], depth + 1);
  if (node.op !== 'Concat') return undefined;
  const [first, ...rest] = node.inputs.map((operand) => uniformValue(operand, depth + 1));
  return rest.every((number) => Object.is(number, first)) ? first : undefined;
}

function filling(node: Node): number | undefined {
  const given = tensorOf(node, 'value');
  if (given === undefined) return node.attributes.has('value') ? undefined : 0;
  return isNumber(given.dtype) ? toNumbers(given)[0] : undefined;
}

/** Whether an element is one number: complex ones are two. */
function isNumber(dtype: DataType): boolean {
  return kindOf(dtype) !== 'string' && kindOf(dtype) !== 'complex';
}
