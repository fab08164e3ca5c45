import { type Tensor, tensorFromNumbers } from '../src/ir/tensor.ts';
import { constantScalar } from '../src/rewrite/constant-numbers.ts';
import { isGeluProduct } from '../src/rewrite/gelu-product.ts';
import { type ConstantValue, constant, op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

/** Factors beyond it, or below its reciprocal, are there to leave the range of the numbers and come back. */
const MAX_FACTOR = 2 ** 40;

/** Numbers added beyond it are there to round what they are added to, and to be subtracted again. */
const MAX_ADDED = 2 ** 16;

const scaledTwice = defineRule({
  name: 'scaled-twice',
  match: op(['Mul', 'Div'], op(['Mul', 'Div'], v('x'), constant('a')).as('first'), constant('b')).as('second'),
  plan: ({ x, a, first, b, second }, { opset }) => {
    if (opset < 7) return 'arithmetic before opset 7 broadcasts by other rules';
    const numbers = bothNumbers(a, b);
    if (typeof numbers === 'string') return numbers;
    if (isGeluProduct(x)) return 'the factor belongs to GELU that the runtime fuses';
    if (numbers.some((number) => !(Math.abs(number) < MAX_FACTOR && Math.abs(number) > 1 / MAX_FACTOR)))
      return 'a factor leaves the range of ordinary numbers';
    const [one, other] = numbers;
    if (first.op === second.op) return { operator: first.op, number: one * other };
    return { operator: 'Mul', number: first.op === 'Div' ? other / one : one / other };
  },
  rewrite: ({ x, a, b }, build, { operator, number }) =>
    build.op(operator, [x, build.constant(likeBoth(a, b, number))]),
});

const movedTwice = defineRule({
  name: 'moved-twice',
  match: op(['Add', 'Sub'], op(['Add', 'Sub'], v('x'), constant('a')).as('first'), constant('b')).as('second'),
  plan: ({ a, first, b, second }, { opset }) => {
    if (opset < 7) return 'arithmetic before opset 7 broadcasts by other rules';
    const numbers = bothNumbers(a, b);
    if (typeof numbers === 'string') return numbers;
    const one = first.op === 'Sub' ? -numbers[0] : numbers[0];
    const other = second.op === 'Sub' ? -numbers[1] : numbers[1];
    if (one * other < 0 || Math.max(Math.abs(one), Math.abs(other)) > MAX_ADDED)
      return 'what is added may be there to be taken away again';
    return { number: one + other };
  },
  rewrite: ({ x, a, b }, build, { number }) => build.op('Add', [x, build.constant(likeBoth(a, b, number))]),
});

/**
 * Makes one multiplication of two by single numbers, and one addition. Numbers that cancel each other out stay: they
 * round what stands between them.
 */
export const fuseScalarArithmetic = rulePass({
  name: 'fuse-scalar-arithmetic',
  summary: 'Make one of two multiplications, divisions, additions or subtractions of single numbers in a row',
  effect: 'reassociates',
  rules: [scaledTwice, movedTwice],
});

type Pair = readonly [number, number];

function bothNumbers(a: ConstantValue, b: ConstantValue): Pair | string {
  const { dtype } = a.constant;
  if (dtype !== 'float32' && dtype !== 'float64') return 'the element type is not float32 or float64';
  const one = constantScalar(a);
  const other = constantScalar(b);
  return one === undefined || other === undefined ? 'the constant is not one number' : [one, other];
}

/** A number with the axes that both constants add to what they are broadcast against. */
function likeBoth({ constant: a }: ConstantValue, { constant: b }: ConstantValue, number: number): Tensor {
  const rank = Math.max(a.dims.length, b.dims.length);
  return tensorFromNumbers(a.dtype, new Array<number>(rank).fill(1), [number]);
}
