import { type Attribute, intsOf } from '../../../src/ir/attribute.ts';
import { isFloat } from '../../../src/ir/dtype.ts';
import type { Graph } from '../../../src/ir/graph.ts';
import type { Node } from '../../../src/ir/node.ts';
import type { Shape } from '../../../src/ir/shape.ts';
import type { Tensor } from '../../../src/ir/tensor.ts';
import type { Value } from '../../../src/ir/value.ts';
import { shapeOf } from '../../../src/ir/value-type.ts';
import type { GraphMaker, Made } from './graph-maker.ts';
import { IDIOMS } from './idioms.ts';
import { randomTensor } from './random-values.ts';
import type { Step } from './step.ts';

/** Sizes that stand for the names in an idiom's operand where no value of the graph fits. */
const SIZES = [1, 2, 3, 4];

/** Steps of several nodes that passes look for, as exporters write them or with one constant that is another. */
export const IDIOM_STEPS: readonly Step[] = [{ weight: 8, run: (maker) => writeIdiom(maker, maker.pick(IDIOMS)) }];

/** Writes an idiom down as far as it can be computed; answers whether that is all of it. */
export function writeIdiom(maker: GraphMaker, idiom: Graph): boolean {
  const [first, ...weights] = idiom.inputs;
  const x = operand(maker, shapeOf(first!.type)!);
  if (x === undefined) return false;
  const written = new Map<Value, Value>([[first!, x.value]]);
  const given = maker.oneIn(5);
  for (const weight of weights) {
    const computed = given ? operand(maker, shapeOf(weight.type)!) : undefined;
    written.set(weight, computed?.value ?? maker.randomConstant('float32', shapeOf(weight.type) as readonly number[]));
  }
  const spoilt = maker.oneIn(4) ? maker.pick([...idiom.constants()]) : undefined;
  const find = (value: Value): Value => {
    const known =
      written.get(value) ?? maker.constant(value === spoilt ? other(maker, value.constant!) : value.constant!);
    written.set(value, known);
    return known;
  };
  for (const node of idiom.nodes()) {
    const made = copy(maker, node, find);
    if (made === undefined) return false;
    for (const [index, result] of node.outputs.entries())
      if (result !== undefined) written.set(result, made[index]!.value);
  }
  return true;
}

/** A value of the form that is asked for: one that is there, or a number of the graph times weights of that form. */
function operand(maker: GraphMaker, shape: Shape): Made | undefined {
  const fits = ({ dtype, dims }: Tensor): boolean =>
    dtype === 'float32' &&
    dims.length === shape.length &&
    dims.every((dim, axis) => dim > 0 && (typeof shape[axis] === 'string' || shape[axis] === dim));
  const there = maker.choose(fits);
  if (there !== undefined) return there;
  const x = maker.choose(({ dtype, dims }) => dtype === 'float32' && !dims.includes(0));
  const number = x && maker.op('ReduceMax', [x.value], { keepdims: { kind: 'int', value: 0n } });
  const dims = shape.map((dim) => (typeof dim === 'number' ? dim : maker.pick(SIZES)));
  return number && maker.op('Mul', [number.value, maker.randomConstant('float32', dims)]);
}

function other(maker: GraphMaker, { dtype, dims }: Tensor): Tensor {
  return randomTensor(maker.random, dtype, maker.oneIn(4) && isFloat(dtype) ? [1, ...dims] : dims);
}

/** A node of an idiom in the form of the opset at hand. */
function copy(maker: GraphMaker, node: Node, find: (value: Value) => Value): readonly Made[] | undefined {
  const inputs = node.inputs.map((value) => value && find(value));
  const attributes: Record<string, Attribute> = Object.fromEntries(node.attributes);
  for (const [name, since] of [
    ['axes', axesOperandSince(node.op)],
    ['split', 13],
  ] as const) {
    const list = intsOf(node, name);
    if (list === undefined || maker.opset < since) continue;
    inputs.push(maker.int64s(...list));
    delete attributes[name];
  }
  return maker.ops(node.op, inputs, attributes, node.outputs.length);
}

function axesOperandSince(op: string): number {
  return op.startsWith('Reduce') && op !== 'ReduceSum' ? 18 : 13;
}
