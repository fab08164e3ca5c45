import { isFloat } from '../../src/ir/dtype.ts';
import type { Node } from '../../src/ir/node.ts';
import type { Tensor } from '../../src/ir/tensor.ts';
import type { Value } from '../../src/ir/value.ts';
import { shapeOf } from '../../src/ir/value-type.ts';
import { operatorsWith } from '../../src/ops/traits.ts';
import { broadcastsInto } from '../../src/rewrite/broadcast.ts';
import { toFloat64 } from '../../src/rewrite/constant-numbers.ts';
import { type ConstantValue, constant, op, v } from '../../src/rewrite/pattern.ts';
import { type AnyRule, defineRule, type Site } from '../../src/rewrite/rule.ts';

/** The second operand that leaves the first as it is, bit for bit. */
const NEUTRAL: Readonly<Record<string, number>> = { Add: 0, Sub: 0, Mul: 1, Div: 1, Pow: 1, And: 1, Or: 0, Xor: 0 };

const neutralRules = Object.entries(NEUTRAL).map(([operator, neutral]) =>
  defineRule({
    name: `${operator.toLowerCase()}-neutral`,
    match: op(
      operator,
      v('x'),
      constant('neutral', (tensor) => isFilled(tensor, neutral)),
    ),
    reject: (m, site) => signReason(site.root.op, m.neutral.constant) ?? wideningReason(m, site),
    rewrite: ({ x }) => x,
  }),
);

const idempotentRules = operatorsWith('idempotent').map((operator) =>
  defineRule({
    name: `${operator.toLowerCase()}-twice`,
    // Attributes, such as the bounds of an old Clip, may differ.
    match: op(operator, op(operator, v('x')).where(isPlain).as('first').shared()).where(isPlain),
    rewrite: ({ first }) => first.outputs[0]!,
  }),
);

/** Operators that undo themselves. */
const INVOLUTIONS = ['Neg', 'Not', 'BitwiseNot'];

const involutionRules = INVOLUTIONS.map((operator) =>
  defineRule({
    name: `${operator.toLowerCase()}-undone`,
    match: op(operator, op(operator, v('x')).shared()),
    rewrite: ({ x }) => x,
  }),
);

/** Arithmetic and logic with a neutral operand, done twice, or undone. */
export const ARITHMETIC_RULES: readonly AnyRule[] = [...neutralRules, ...idempotentRules, ...involutionRules];

/** Adding +0 turns -0 into +0, and so does subtracting -0; adding -0 and subtracting +0 keep both zeros. */
function signReason(operator: string, neutral: Tensor): string | undefined {
  if (!isFloat(neutral.dtype) || (operator !== 'Add' && operator !== 'Sub')) return undefined;
  const keeping = operator === 'Add' ? -0 : 0;
  return toFloat64(neutral).every((number) => Object.is(number, keeping))
    ? undefined
    : 'the sign of a zero would be kept';
}

/** Why the operator may give more elements than `x` has. */
export function wideningReason(
  { x, neutral }: { x: Value; neutral: ConstantValue },
  { opset, root }: Site,
): string | undefined {
  // Before opset 7 only the second operand is broadcast, to the shape of the first.
  if (opset < 7) return root.inputs[0] === x ? undefined : 'before opset 7 the first operand gives the shape';
  return broadcastsInto(neutral.constant.dims, shapeOf(x.type)) ? undefined : 'the constant may widen the result';
}

function isPlain(node: Node): boolean {
  return node.attributes.size === 0;
}

function isFilled(tensor: Tensor, wanted: number): boolean {
  if (tensor.dtype === 'string') return false;
  const numbers = toFloat64(tensor);
  return numbers.length > 0 && numbers.every((number) => number === wanted);
}
