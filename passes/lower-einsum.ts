import { ints, textOf } from '../src/ir/attribute.ts';
import { type Dim, type Shape, sameDim } from '../src/ir/shape.ts';
import { int64Tensor } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { productOfDims } from '../src/ops/dims/dim-arithmetic.ts';
import type { Build } from '../src/rewrite/build.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

/** The axes of an operand, by the letters of the equation, and their sizes. */
interface Operand {
  readonly labels: readonly string[];
  readonly sizes: ReadonlyMap<string, Dim>;
}

/** How an operand becomes one of a matrix product: its axes in this order, then this shape if it has another. */
interface Arrangement {
  readonly perm: readonly number[] | undefined;
  readonly shape: readonly number[] | undefined;
}

interface Plan {
  readonly a: Arrangement;
  readonly b: Arrangement;
  /** The shape of the product with its axes apart again, if that is another, and their order in the result. */
  readonly result: Arrangement;
}

const twoOperands = defineRule({
  name: 'einsum-of-two',
  match: op('Einsum', v('a'), v('b')).as('einsum'),
  plan: ({ a, b, einsum }) => planOf(textOf(einsum, 'equation') ?? '', a, b),
  rewrite: ({ a, b }, build, plan) =>
    arrangedResult(build.op('MatMul', [arranged(a, build, plan.a), arranged(b, build, plan.b)]), build, plan.result),
});

/**
 * Says an Einsum of two operands as a matrix product, with Transpose and Reshape where the axes do not lie so. More nodes,
 * but ones that have integer kernels, and that runtimes without Einsum know.
 */
export const lowerEinsum = rulePass({
  name: 'lower-einsum',
  summary: 'Say Einsum of two operands by MatMul, Transpose and Reshape',
  effect: 'reassociates',
  rules: [twoOperands],
});

function planOf(equation: string, a: Value, b: Value): Plan | string {
  const [, left, right, result] = /^([A-Za-z]+),([A-Za-z]+)->([A-Za-z]*)$/.exec(equation.replace(/\s/g, '')) ?? [];
  if (left === undefined || right === undefined || result === undefined)
    return 'the equation is not of two operands with letters alone';
  if ([left, right, result].some((labels) => new Set(labels).size < labels.length)) return 'a letter stands twice';
  if (dtypeOf(a.type) !== 'float32' && dtypeOf(a.type) !== 'float64')
    return 'the element type is not float32 or float64';
  const [x, y] = [operandOf(left, shapeOf(a.type)), operandOf(right, shapeOf(b.type))];
  if (x === undefined || y === undefined) return 'the shapes are not proven';
  const shared = x.labels.filter((label) => y.labels.includes(label));
  if (shared.some((label) => !sameDim(x.sizes.get(label), y.sizes.get(label)))) return 'shared axes may be broadcast';
  const kept = [...result];
  const batch = kept.filter((label) => shared.includes(label));
  const rows = x.labels.filter((label) => !shared.includes(label));
  const columns = y.labels.filter((label) => !shared.includes(label));
  const summed = shared.filter((label) => !batch.includes(label));
  if (summed.length === 0) return 'nothing is summed over';
  if ([...rows, ...columns].some((label) => !kept.includes(label))) return 'an axis of one operand is summed over';
  // Rows of a product with one matrix may lie along several axes, or there may be none: a vector.
  const rowGroups = batch.length === 0 ? rows.map((label) => [label]) : [rows];
  const first = arrange(x, [...batch.map((label) => [label]), ...rowGroups, summed]);
  const second = arrange(y, [...batch.map((label) => [label]), summed, columns]);
  const product = [...batch, ...rows, ...columns];
  const sizes = new Map([...x.sizes, ...y.sizes]);
  const grouped = [...batch.map((label) => [label]), ...rowGroups, columns];
  const together = grouped.some((group) => group.length !== 1);
  const shape = together ? shapeNumbers(product.map((label) => sizes.get(label))) : undefined;
  if (first === undefined || second === undefined || (together && shape === undefined))
    return 'sizes to be joined or taken apart are not known';
  return { a: first, b: second, result: { shape, perm: permutation(product, kept) } };
}

function operandOf(labels: string, shape: Shape | undefined): Operand | undefined {
  if (shape?.length !== labels.length) return undefined;
  return { labels: [...labels], sizes: new Map([...labels].map((label, axis) => [label, shape[axis]])) };
}

/** The axes of an operand in groups, each of which becomes one axis; nothing where that takes sizes that are not known. */
function arrange({ labels, sizes }: Operand, groups: readonly (readonly string[])[]): Arrangement | undefined {
  const perm = permutation(labels, groups.flat());
  if (groups.every((group) => group.length === 1)) return { perm, shape: undefined };
  const shape = shapeNumbers(groups.map((group) => productOfDims(group.map((label) => sizes.get(label)))));
  return shape && { perm, shape };
}

/** What Reshape is told: sizes, one of which may be left to it. */
function shapeNumbers(dims: readonly Dim[]): readonly number[] | undefined {
  const open = dims.filter((dim) => typeof dim !== 'number');
  if (open.length > 1 || (open.length === 1 && dims.includes(0))) return undefined;
  return dims.map((dim) => (typeof dim === 'number' ? dim : -1));
}

/** Where the axes of `to` are among those of `from`; nothing where all stay. */
function permutation(from: readonly string[], to: readonly string[]): readonly number[] | undefined {
  const perm = to.map((label) => from.indexOf(label));
  return perm.every((axis, index) => axis === index) ? undefined : perm;
}

function arranged(x: Value, build: Build, { perm, shape }: Arrangement): Value {
  const turned = perm === undefined ? x : build.op('Transpose', [x], { perm: ints(perm) });
  return shape === undefined ? turned : build.op('Reshape', [turned, build.constant(int64Tensor(shape))]);
}

function arrangedResult(product: Value, build: Build, { perm, shape }: Arrangement): Value {
  const apart = shape === undefined ? product : build.op('Reshape', [product, build.constant(int64Tensor(shape))]);
  return perm === undefined ? apart : build.op('Transpose', [apart], { perm: ints(perm) });
}
