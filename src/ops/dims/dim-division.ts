import {
  add,
  collect,
  constant,
  constantOf,
  divideExactly,
  divideTerm,
  fromAtom,
  isNonNegative,
  multiply,
  type Polynomial,
  scale,
  subtract,
  type Term,
} from './polynomial.ts';
import { extremeAtom, floorAtom } from './print-dim.ts';

/**
 * `floor(a / b)` in canonical form; `undefined` for a division by 0 or where the expression grows too large. What holds
 * only for a divisor other than 0 is used: a model that divides by 0 does not run.
 */
export function floorDivide(a: Polynomial, b: Polynomial): Polynomial | undefined {
  const divisor = constantOf(b);
  if (divisor === 0) return undefined;
  if (divisor !== undefined) {
    if (divisor > 0) return floorDivideBy(a, divisor);
    const negated = scale(a, -1);
    return negated && floorDivideBy(negated, -divisor);
  }
  const exact = divideExactly(a, b);
  if (exact !== undefined) return exact;
  if (b.length > 1) return fromAtom(floorAtom(a, b));
  const whole: Term[] = [];
  const rest: Term[] = [];
  for (const each of a) {
    const quotient = divideTerm(each, b[0]!);
    if (quotient === undefined) rest.push(each);
    else whole.push(quotient);
  }
  return collect([...whole, ...fromAtom(floorAtom(rest, b))]);
}

function floorDivideBy(a: Polynomial, divisor: number): Polynomial | undefined {
  if (divisor === 1) return a;
  const whole: Term[] = [];
  const rest: Term[] = [];
  for (const each of a) {
    const quotient = Math.floor(each.coefficient / divisor);
    const remainder = each.coefficient - quotient * divisor;
    if (quotient !== 0) whole.push({ ...each, coefficient: quotient });
    if (remainder !== 0) rest.push({ ...each, coefficient: remainder });
  }
  const fraction = fractionOf(rest, divisor);
  return fraction && collect([...whole, ...fraction]);
}

/** `floor(rest / divisor)` for coefficients from 1 to `divisor - 1`: common factors cancelled, nested floors merged. */
function fractionOf(rest: readonly Term[], divisor: number): Polynomial | undefined {
  const variable = rest.filter((each) => each.key !== '');
  if (variable.length === 0) return [];
  const offset = rest.find((each) => each.key === '')?.coefficient ?? 0;
  const common = variable.reduce((so, each) => gcd(so, each.coefficient), divisor);
  if (common > 1) {
    const reduced = collect([
      ...variable.map((each) => ({ ...each, coefficient: each.coefficient / common })),
      ...constant(Math.floor(offset / common)),
    ]);
    return reduced && floorDivideBy(reduced, divisor / common);
  }
  const [only] = variable;
  const nested =
    variable.length === 1 && only!.coefficient === 1 && only!.factors.length === 1 ? only!.factors[0]! : undefined;
  if (nested?.kind === 'floor') {
    const inside = constantOf(nested.denominator);
    if (inside !== undefined && inside > 0 && Number.isSafeInteger(inside * divisor)) {
      const numerator = add(nested.numerator, constant(offset * inside));
      return numerator && floorDivideBy(numerator, inside * divisor);
    }
  }
  const numerator = collect(rest);
  return numerator && fromAtom(floorAtom(numerator, constant(divisor)));
}

/** `a - b * floor(a / b)`: the remainder with the sign of the divisor. */
export function floorModulo(a: Polynomial, b: Polynomial): Polynomial | undefined {
  const quotient = floorDivide(a, b);
  const product = quotient && multiply(quotient, b);
  return product && subtract(a, product);
}

/** The smaller or larger of two expressions; one of them where it is known which. */
export function extreme(kind: 'min' | 'max', a: Polynomial, b: Polynomial): Polynomial | undefined {
  const difference = subtract(a, b);
  if (difference === undefined) return undefined;
  if (isNonNegative(difference)) return kind === 'max' ? a : b;
  const opposite = scale(difference, -1);
  if (opposite !== undefined && isNonNegative(opposite)) return kind === 'max' ? b : a;
  return fromAtom(extremeAtom(kind, a, b));
}

function gcd(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}
