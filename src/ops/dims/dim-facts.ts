import type { Dim } from '../../ir/shape.ts';
import { floorDivDims, minDims, mulDims, subDims } from './dim-arithmetic.ts';
import { parseDim } from './parse-dim.ts';
import { type Atom, constantOf, isNonNegative, isPositive, type Polynomial } from './polynomial.ts';

/** Whether `a >= b` for all values of the symbols; `false` also where that could not be shown. */
export function isAtLeast(a: Dim, b: Dim): boolean {
  const difference = subDims(a, b);
  if (difference === undefined) return false;
  return typeof difference === 'number' ? difference >= 0 : isNonNegative(parseDim(difference));
}

/** Whether `a > 0` for all values of the symbols. */
export function isAboveZero(dim: Dim): boolean {
  if (dim === undefined) return false;
  return typeof dim === 'number' ? dim > 0 : isPositive(parseDim(dim));
}

/** Whether a size is 0 only where a symbol is: a product of sizes of inputs is, what a Slice leaves of one may be 0 anyway. */
export function isZeroOnlyWithSymbol(dim: Dim): boolean {
  return typeof dim === 'string' ? isPositive(parseDim(dim), 1) : isAboveZero(dim);
}

/** Whether two integers differ for all values of the symbols. */
export function areDifferent(a: Dim, b: Dim): boolean {
  const difference = subDims(a, b);
  if (difference === undefined) return false;
  if (typeof difference === 'number') return difference !== 0;
  return isAboveZero(difference) || isAboveZero(subDims(0, difference));
}

/**
 * Whether a size is never 1, so that broadcasting keeps it: it differs from 1, or is a multiple of something plus
 * another rest than 1 has.
 */
export function isNeverOne(dim: Dim): boolean {
  if (typeof dim !== 'string') return dim !== undefined && dim !== 1;
  if (areDifferent(dim, 1)) return true;
  const polynomial = parseDim(dim);
  const rest = polynomial.find((term) => term.key === '')?.coefficient ?? 0;
  const step = polynomial.reduce((so, term) => (term.key === '' ? so : gcd(so, term.coefficient)), 0);
  return step > 1 && (rest - 1) % step !== 0;
}

/** Whether `dim` is `min(c, other)` with a number `c` of 2 or more: 1 only where `other` is. */
export function isCapped(dim: Dim, other: Dim): boolean {
  if (typeof dim !== 'string' || other === undefined) return false;
  const atom = loneAtom(parseDim(dim));
  if (atom?.kind !== 'min') return false;
  const bound = atom.operands.map(constantOf).find((value) => value !== undefined);
  return bound !== undefined && bound >= 2 && minDims(bound, other) === dim;
}

function loneAtom(polynomial: Polynomial): Atom | undefined {
  const [term] = polynomial;
  return polynomial.length === 1 && term!.coefficient === 1 && term!.factors.length === 1
    ? term!.factors[0]
    : undefined;
}

/** Whether `total` is 0 whenever `dim` is. */
export function vanishesWith(total: Dim, dim: Dim): boolean {
  if (total === 0) return true;
  if (typeof total !== 'string' || typeof dim !== 'string') return false;
  if (mulDims(floorDivDims(total, dim), dim) === total) return true;
  const zero = loneAtom(parseDim(dim));
  return zero !== undefined && isZeroWith(parseDim(total), zero);
}

function isZeroWith(polynomial: Polynomial, zero: Atom): boolean {
  return polynomial.every((term) => term.factors.some((atom) => isZeroAtom(atom, zero)));
}

function isZeroAtom(atom: Atom, zero: Atom): boolean {
  if (atom.text === zero.text) return true;
  switch (atom.kind) {
    case 'symbol':
      return false;
    case 'floor': {
      // floor(rest / n) is 0 for a rest from 0 to n - 1.
      const [rest, divisor] = [
        constantOf(atom.numerator.filter((term) => !term.factors.some((inner) => isZeroAtom(inner, zero)))),
        constantOf(atom.denominator),
      ];
      return rest !== undefined && rest >= 0 && (rest === 0 || (divisor !== undefined && rest < divisor));
    }
    case 'min':
      return atom.operands.every(isNonNegative) && atom.operands.some((operand) => isZeroWith(operand, zero));
    case 'max':
      return atom.operands.every((operand) => isZeroWith(operand, zero));
  }
}

function gcd(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}
