import { intOf } from '../ir/attribute.ts';
import type { Node } from '../ir/node.ts';
import type { Shape } from '../ir/shape.ts';
import { elementCount } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { shapeOf } from '../ir/value-type.ts';

/** Multiply-accumulates of one run of a linear operator, from the shapes of its operands (first three) and result. */
const FORMULAS: Readonly<
  Record<
    string,
    (
      node: Node,
      operands: readonly (readonly number[] | undefined)[],
      result: readonly number[] | undefined,
    ) => number | undefined
  >
> = {
  Conv: (_, [, weight], result) => product(result, weight?.slice(1)),
  ConvTranspose: (_, [data, weight]) => product(data, weight?.slice(1)),
  Gemm: (node, [data], result) => product(result, data && [data[intOf(node, 'transA') === 1 ? 0 : 1]!]),
  MatMul: (_, [data], result) => product(result, data?.slice(-1)),
};

/** The operators whose multiply-accumulates are counted. */
export const LINEAR_OPERATORS: readonly string[] = Object.keys(FORMULAS);

/**
 * Multiply-accumulates of one run of a Conv, ConvTranspose, Gemm or MatMul, a symbolic dimension counting as 1;
 * `undefined` where a shape is not known, and for every other operator.
 */
export function layerMacs(node: Node): number | undefined {
  if (node.domain !== '' || !Object.hasOwn(FORMULAS, node.op)) return undefined;
  return FORMULAS[node.op]!(node, node.inputs.map(sizesOf), sizesOf(node.outputs[0]));
}

function sizesOf(value: Value | undefined): readonly number[] | undefined {
  const shape: Shape | undefined = value?.constant?.dims ?? shapeOf(value?.type ?? value?.declared);
  if (shape === undefined || shape.includes(undefined)) return undefined;
  return shape.map((dim) => (typeof dim === 'number' ? dim : 1));
}

function product(a: readonly number[] | undefined, b: readonly number[] | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : elementCount(a) * elementCount(b);
}
