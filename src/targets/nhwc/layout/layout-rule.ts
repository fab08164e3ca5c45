import { intOf, intsOf } from '../../../ir/attribute.ts';
import type { Node } from '../../../ir/node.ts';
import { integersOf } from '../../../rewrite/constant-numbers.ts';
import { type AxisOrder, channelsLast } from './permutation.ts';
import { reshapedOrder } from './reshape-order.ts';
import { staticShape } from './static-shape.ts';

/**
 * What an operator asks of the order of axes on a channels-last runtime.
 *
 * - `logical`: runs in the model's own order only.
 * - `channels-last`: the operands listed and the results are channels-last.
 * - `carries`: runs in any order that it carries from an operand to its results, unchanged or changed.
 */
export type LayoutRule =
  | { readonly kind: 'logical' }
  | { readonly kind: 'channels-last'; readonly operands: readonly number[] }
  | {
      readonly kind: 'carries';
      /** The results' order when operand `index` lies in `order`. */
      forward(node: Node, index: number, order: AxisOrder): AxisOrder | undefined;
      /** The order that operand `index` has when the results lie in `order`; `undefined`: its own. */
      backward(node: Node, index: number, order: AxisOrder): AxisOrder | undefined;
    };

const LOGICAL: LayoutRule = { kind: 'logical' };
const CHANNELS_LAST: LayoutRule = { kind: 'channels-last', operands: [0] };

/** Operands of the results' rank share their order; the others are broadcast to it. */
const ALIGNED: LayoutRule = {
  kind: 'carries',
  forward: (node, index, order) => (rankOf(node, index) === resultRank(node) ? order : undefined),
  backward: (node, index, order) => (rankOf(node, index) === order.length ? order : undefined),
};

/** As `ALIGNED` for the first operand only; the others are parameters. */
const FIRST_ALIGNED: LayoutRule = {
  kind: 'carries',
  forward: (node, index, order) => (index === 0 && order.length === resultRank(node) ? order : undefined),
  backward: (node, index, order) => (index === 0 && rankOf(node, 0) === order.length ? order : undefined),
};

const TRANSPOSE: LayoutRule = {
  kind: 'carries',
  forward: (node, index, order) => {
    const moved = transposition(node);
    return index === 0 && moved ? order.map((axis) => moved.indexOf(axis)) : undefined;
  },
  backward: (node, index, order) => {
    const moved = transposition(node);
    return index === 0 && moved ? order.map((axis) => moved[axis]!) : undefined;
  },
};

const RESHAPE: LayoutRule = {
  kind: 'carries',
  forward: (node, index, order) => {
    const [from, to] = [staticShape(node.inputs[0]), staticShape(node.outputs[0])];
    return index === 0 && from && to ? reshapedOrder(from, to, order) : undefined;
  },
  backward: (node, index, order) => {
    const [from, to] = [staticShape(node.inputs[0]), staticShape(node.outputs[0])];
    return index === 0 && from && to ? reshapedOrder(to, from, order) : undefined;
  },
};

/** Operators that may drop axes: what is left keeps its order. */
function dropping(axesOf: (node: Node) => readonly number[] | undefined): LayoutRule {
  return {
    kind: 'carries',
    forward: (node, index, order) => {
      const axes = axesOf(node);
      return index === 0 && axes ? withoutAxes(order, axes) : undefined;
    },
    backward: (node, index, order) => {
      const rank = rankOf(node, 0);
      const axes = axesOf(node);
      if (index !== 0 || axes === undefined || rank === undefined) return undefined;
      if (axes.length === 0) return order;
      // Of the orders that leave this one, only the usual one is of use.
      const usual = channelsLast(rank);
      const left = withoutAxes(usual, axes);
      return left.length === order.length && left.every((axis, k) => axis === order[k]) ? usual : undefined;
    },
  };
}

const REDUCTION = dropping((node) => {
  const rank = rankOf(node, 0);
  if (rank === undefined || (intOf(node, 'keepdims') ?? 1) === 1) return rank === undefined ? undefined : [];
  const axes = integersOf(node, 'axes', 1);
  if (axes === 'unknown' || axes === 'absent') return undefined;
  return axes.map((axis) => (axis < 0 ? axis + rank : axis));
});

const ARGUMENT_REDUCTION = dropping((node) => {
  const rank = rankOf(node, 0);
  if (rank === undefined) return undefined;
  if ((intOf(node, 'keepdims') ?? 1) === 1) return [];
  const axis = intOf(node, 'axis') ?? 0;
  return [axis < 0 ? axis + rank : axis];
});

/** A Gather of one index drops its axis, of a list keeps it; other forms stay in the model's order. */
const GATHER = dropping((node) => {
  const rank = rankOf(node, 0);
  const indices = rankOf(node, 1);
  if (rank === undefined || indices === undefined || indices > 1) return undefined;
  const axis = intOf(node, 'axis') ?? 0;
  return indices === 1 ? [] : [axis < 0 ? axis + rank : axis];
});

const ALIGNED_OPERATORS = [
  'Abs Acos Acosh Asin Asinh Atan Atanh Ceil Celu Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid HardSwish IsInf IsNaN',
  'LeakyRelu Log Mish Neg Not Reciprocal Relu Round Selu Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Tan Tanh',
  'ThresholdedRelu Identity Cast Clip Shrink',
  'Add Sub Mul Div Pow Mod Max Min Mean Sum PRelu And Or Xor Equal Greater GreaterOrEqual Less LessOrEqual Where',
  'BitwiseNot Concat',
]
  .join(' ')
  .split(' ');

const FIRST_ALIGNED_OPERATORS = [
  'Softmax LogSoftmax Slice Pad Split CumSum Tile TopK BatchNormalization GlobalAveragePool GlobalMaxPool',
  'QuantizeLinear DequantizeLinear Expand LpNormalization Dropout InstanceNormalization GlobalLpPool',
]
  .join(' ')
  .split(' ');

const REDUCTIONS = [
  'ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum ReduceLogSumExp',
]
  .join(' ')
  .split(' ');

const RULES: ReadonlyMap<string, LayoutRule> = new Map<string, LayoutRule>([
  ...ALIGNED_OPERATORS.map((op) => [op, ALIGNED] as const),
  ...FIRST_ALIGNED_OPERATORS.map((op) => [op, FIRST_ALIGNED] as const),
  ...REDUCTIONS.map((op) => [op, REDUCTION] as const),
  ...['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'].map((op) => [op, RESHAPE] as const),
  ...['ArgMax', 'ArgMin'].map((op) => [op, ARGUMENT_REDUCTION] as const),
  ['Transpose', TRANSPOSE],
  ['Gather', GATHER],
  ...[
    'Conv',
    'ConvTranspose',
    'MaxPool',
    'AveragePool',
    'LpPool',
    'Resize',
    'Upsample',
    'DepthToSpace',
    'SpaceToDepth',
    'LRN',
  ].map((op) => [op, CHANNELS_LAST] as const),
]);

/** The rule of a node; operators that are not listed run in the model's own order. */
export function layoutRuleOf(node: Node): LayoutRule {
  if (node.domain !== '') return LOGICAL;
  const rule = RULES.get(node.op) ?? LOGICAL;
  return rule.kind === 'channels-last' && (rankOf(node, 0) ?? 0) < 3 ? LOGICAL : rule;
}

/** The axes of a Transpose's operand in the order of its result. */
export function transposition(node: Node): readonly number[] | undefined {
  const rank = rankOf(node, 0);
  return (
    intsOf(node, 'perm') ?? (rank === undefined ? undefined : Array.from({ length: rank }, (_, k) => rank - 1 - k))
  );
}

function withoutAxes(order: AxisOrder, axes: readonly number[]): AxisOrder {
  const kept = order.filter((axis) => !axes.includes(axis));
  return kept.map((axis) => axis - axes.filter((dropped) => dropped < axis).length);
}

function rankOf(node: Node, index: number): number | undefined {
  return staticShape(node.inputs[index])?.length;
}

function resultRank(node: Node): number | undefined {
  return staticShape(node.outputs.find((value) => value !== undefined))?.length;
}
