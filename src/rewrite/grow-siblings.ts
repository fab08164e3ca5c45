import type { Attribute } from '../ir/attribute.ts';
import { int, intOf, ints } from '../ir/attribute.ts';
import { copiedAttributes } from '../ir/copy-attribute.ts';
import type { Node } from '../ir/node.ts';
import { type Shape, sameShape } from '../ir/shape.ts';
import type { Value } from '../ir/value.ts';
import { dtypeOf, shapeOf } from '../ir/value-type.ts';
import { productOfDims } from '../ops/dims/dim-arithmetic.ts';
import { hasTrait } from '../ops/traits.ts';
import { constantIntegers } from './constant-numbers.ts';
import { reshapeTarget } from './reshape-target.ts';
import { sameAttribute } from './same-attribute.ts';
import { transposeOrder } from './transpose-order.ts';

/** One value of each of several branches; they differ in size along `axis` only, and are parts of one value along it. */
export interface Bundle {
  readonly values: readonly Value[];
  readonly axis: number;
  readonly sizes: readonly number[];
}

/** One node of each of several branches that do the same, and what does it for all of them at once. */
export interface Stage {
  readonly nodes: readonly Node[];
  readonly result: Bundle;
  /** Operands in order: a value that all branches read, or a bundle. */
  readonly operands: readonly (Value | Bundle | undefined)[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** The shape that a Reshape gives instead of its own operand. */
  readonly target?: readonly number[];
}

/**
 * Follows branches from their first values for as long as all of them do the same with parts along one axis: operators
 * that work element by element, Gather and Transpose of other axes, and Reshapes that split the axis alike.
 *
 * @param first the values that the branches start from.
 */
export function growSiblings(first: Bundle): readonly Stage[] {
  const stages: Stage[] = [];
  const bundles = new Map<Value, Bundle>([[first.values[0]!, first]]);
  const taken = new Set<Node>();
  const pending = [first];
  for (let bundle = pending.shift(); bundle !== undefined; bundle = pending.shift()) {
    for (const { node } of [...bundle.values[0]!.uses]) {
      const stage = taken.has(node) ? undefined : stageOf(node, bundle, bundles);
      if (stage === undefined || stage.nodes.some((member) => taken.has(member))) continue;
      stages.push(stage);
      for (const member of stage.nodes) taken.add(member);
      bundles.set(stage.result.values[0]!, stage.result);
      // What was left because an operand was not known to be a bundle may fit now.
      pending.push(stage.result, bundle);
    }
  }
  return stages;
}

/** The stage that a node of the first branch is part of, if each other branch has such a node. */
function stageOf(node: Node, from: Bundle, bundles: ReadonlyMap<Value, Bundle>): Stage | undefined {
  if (node.domain !== '' || node.outputs.length !== 1 || node.graph !== from.values[0]!.producer?.graph)
    return undefined;
  const operands = node.inputs.map((value) => (value && bundles.get(value)) ?? value);
  const nodes: Node[] = [node];
  for (let branch = 1; branch < from.values.length; branch++) {
    const twins = [...from.values[branch]!.uses].map((use) => use.node);
    const twin = twins.find((other) => !nodes.includes(other) && isTwin(other, node, operands, branch));
    if (twin === undefined) return undefined;
    nodes.push(twin);
  }
  return resultOf(nodes, operands);
}

function isTwin(other: Node, node: Node, operands: Stage['operands'], branch: number): boolean {
  if (other.domain !== '' || other.op !== node.op || other.graph !== node.graph || other.outputs.length !== 1)
    return false;
  if (other.inputs.length !== node.inputs.length || other.attributes.size !== node.attributes.size) return false;
  for (const [name, attribute] of node.attributes) {
    const twin = other.attributes.get(name);
    if (attribute.kind === 'reference' || twin === undefined || !sameAttribute(attribute, twin)) return false;
  }
  return operands.every((operand, index) => {
    // Every branch has a target of its own, which is compared by what it gives.
    if (node.op === 'Reshape' && index === 1) return true;
    return other.inputs[index] === (isBundle(operand) ? operand.values[branch] : operand);
  });
}

/** What the nodes of a stage give, as parts of what one node would give; none where that cannot be said. */
function resultOf(nodes: readonly Node[], operands: Stage['operands']): Stage | undefined {
  const [node] = nodes as readonly [Node];
  const values = nodes.map(({ outputs }) => outputs[0]!);
  const shapes = values.map(({ type }) => shapeOf(type));
  const bundled = operands.filter(isBundle);
  const [main] = bundled;
  if (main === undefined || shapes.some((shape) => shape === undefined)) return undefined;
  const kept = copiedAttributes(node);
  const rank = shapes[0]!.length;
  if (hasTrait(node, 'unary') && operands.length === 1)
    return finished({ nodes, operands, attributes: kept }, values, main.axis);
  if (hasTrait(node, 'binary') && operands.length === 2) {
    const fits = operands.every((operand) =>
      isBundle(operand)
        ? operand.axis === main.axis && shapeOf(operand.values[0]!.type)?.length === rank
        : isOneAlong(shapeOf(operand?.type), main.axis, rank),
    );
    return fits ? finished({ nodes, operands, attributes: kept }, values, main.axis) : undefined;
  }
  if (operands[0] !== main || bundled.length > 1) return undefined;
  if (node.op === 'Transpose') {
    const perm = transposeOrder(node, rank);
    return perm && finished({ nodes, operands, attributes: { perm: ints(perm) } }, values, perm.indexOf(main.axis));
  }
  if (node.op === 'Gather') {
    const given = intOf(node, 'axis') ?? 0;
    const axis = given + (given < 0 ? rank : 0);
    if (shapeOf((operands[1] as Value | undefined)?.type)?.length !== 1 || axis === main.axis) return undefined;
    return finished({ nodes, operands, attributes: { axis: int(axis) } }, values, main.axis);
  }
  return node.op === 'Reshape' ? reshaped(nodes, main, values, shapes as readonly Shape[]) : undefined;
}

/** Reshapes with an axis that the bundle's is split into, in parts of the same inner size; what lies before it may be split too. */
function reshaped(
  nodes: readonly Node[],
  main: Bundle,
  values: readonly Value[],
  shapes: readonly Shape[],
): Stage | undefined {
  if (nodes.some(({ inputs }) => constantIntegers(inputs[1]) === undefined)) return undefined;
  const before = main.values.map(({ type }) => shapeOf(type)!);
  const axis = shapes[0]!.findIndex((_, at) => splitsAlike(main, before, shapes, at));
  if (axis < 0) return undefined;
  const joined = joinedShape(before, main.axis);
  const wanted = joinedShape(shapes, axis);
  const target = reshapeTarget(joined, wanted);
  if (target === undefined) return undefined;
  return finished({ nodes, operands: [main, undefined], attributes: {}, target }, values, axis);
}

/** Whether entry i of the bundle's axis is entry floor(i / n) of axis `at` of the result, with the same n in all branches. */
function splitsAlike(main: Bundle, before: readonly Shape[], shapes: readonly Shape[], at: number): boolean {
  const inner = shapes.map((shape, branch) => main.sizes[branch]! / Number(shape[at]));
  return shapes.every((shape, branch) => {
    const from = before[branch]!;
    const outside = productOfDims(from.slice(0, main.axis));
    return (
      Number.isInteger(inner[branch]) &&
      inner[branch] === inner[0] &&
      outside !== undefined &&
      productOfDims(shape.slice(0, at)) === outside
    );
  });
}

/** The shape of parts joined along an axis in which their sizes are numbers. */
function joinedShape(shapes: readonly Shape[], axis: number): Shape {
  const size = shapes.reduce((sum, shape) => sum + Number(shape[axis]), 0);
  return shapes[0]!.map((dim, at) => (at === axis ? size : dim));
}

/** The stage with its result, if that has proven sizes along the axis and is the same in all others. */
function finished(stage: Omit<Stage, 'result'>, values: readonly Value[], axis: number): Stage | undefined {
  const shapes = values.map(({ type }) => shapeOf(type)!);
  const sizes = shapes.map((shape) => shape[axis]);
  const others = shapes.map((shape) => shape.filter((_, at) => at !== axis));
  const alike = others.every((shape, branch) => sameShape(shape, others[0]) && typeof sizes[branch] === 'number');
  const typed = values.every(({ type }) => dtypeOf(type) !== undefined && dtypeOf(type) === dtypeOf(values[0]!.type));
  return alike && typed ? { ...stage, result: { values, axis, sizes: sizes as number[] } } : undefined;
}

function isOneAlong(shape: Shape | undefined, axis: number, rank: number): boolean {
  if (shape === undefined || shape.length > rank) return false;
  const at = axis - (rank - shape.length);
  return at < 0 || shape[at] === 1;
}

export function isBundle(operand: Value | Bundle | undefined): operand is Bundle {
  return operand !== undefined && 'values' in operand;
}
