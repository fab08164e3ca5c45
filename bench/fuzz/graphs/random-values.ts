import { bitsOf, type DataType, isFloat, isInteger, kindOf } from '../../../src/ir/dtype.ts';
import { elementCount, stringTensor, type Tensor, tensorFromNumbers } from '../../../src/ir/tensor.ts';
import type { Random } from '../../../src/random/seeded-random.ts';

/** One of several. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.integer(items.length)]!;
}

/** True with a probability of one in `count`. */
export function oneIn(random: Random, count: number): boolean {
  return random.integer(count) === 0;
}

/** Items in random order. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const left = [...items];
  const out: T[] = [];
  while (left.length > 0) out.push(...left.splice(random.integer(left.length), 1));
  return out;
}

/** A tensor of small values: half of the float ones are whole numbers, which arithmetic keeps exact. */
export function randomTensor(random: Random, dtype: DataType, dims: readonly number[]): Tensor {
  const count = elementCount(dims);
  if (kindOf(dtype) === 'string')
    return stringTensor(
      dims,
      Array.from({ length: count }, () => pick(random, ['', 'a', 'b', 'ab', 'é'])),
    );
  const whole = oneIn(random, 2);
  const draw = (): number => {
    if (kindOf(dtype) === 'bool') return random.integer(2);
    if (isFloat(dtype)) return whole || bitsOf(dtype) < 16 ? random.integer(9) - 4 : random.normal();
    if (!isInteger(dtype)) throw new RangeError(`no values of ${dtype}`);
    const half = Math.min(4, 2 ** (bitsOf(dtype) - 1));
    return kindOf(dtype) === 'uint' ? random.integer(2 * half) : random.integer(2 * half) - half;
  };
  return tensorFromNumbers(dtype, dims, Array.from({ length: count }, draw));
}

/** A tensor whose elements lie between 0.5 and 3, for divisors, variances and scales. */
export function awayFromZero(random: Random, dtype: DataType, dims: readonly number[]): Tensor {
  const draw = isFloat(dtype)
    ? () => pick(random, [0.5, 1, 2, 0.5 + 2.5 * random.next()])
    : () => 1 + random.integer(3);
  return tensorFromNumbers(dtype, dims, Array.from({ length: elementCount(dims) }, draw));
}

/** One number over and over: what neutral elements and look-alikes of them are made of. */
export function filled(dtype: DataType, dims: readonly number[], value: number): Tensor {
  return tensorFromNumbers(dtype, dims, new Array<number>(elementCount(dims)).fill(value));
}
