import type { Dim } from '../../ir/shape.ts';
import { extreme, floorDivide, floorModulo } from './dim-division.ts';
import { parseDim, printDim } from './parse-dim.ts';
import { add, constant, multiply, type Polynomial, subtract } from './polynomial.ts';

/**
 * Arithmetic on dimensions and on the integers computed from them: numbers, symbols, canonical expressions over
 * symbols, or unknown. Symbols are sizes, so never negative. A result is unknown where an operand is.
 */
type Operation = (a: Polynomial, b: Polynomial) => Polynomial | undefined;

function apply(operation: Operation, a: Dim, b: Dim): Dim {
  if (a === undefined || b === undefined) return undefined;
  return printDim(operation(toPolynomial(a), toPolynomial(b)));
}

function toPolynomial(dim: number | string): Polynomial {
  return typeof dim === 'number' ? constant(dim) : parseDim(dim);
}

function safe(value: number): Dim {
  return Number.isSafeInteger(value) ? value + 0 : undefined;
}

export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return safe(a + b);
  if (a === 0) return b;
  return b === 0 ? a : apply(add, a, b);
}

export function subDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return safe(a - b);
  return b === 0 ? a : apply(subtract, a, b);
}

/** The product; 0 times anything is 0. */
export function mulDims(a: Dim, b: Dim): Dim {
  if (a === 0 || b === 0) return 0;
  if (typeof a === 'number' && typeof b === 'number') return safe(a * b);
  if (a === 1) return b;
  return b === 1 ? a : apply(multiply, a, b);
}

/** The quotient rounded down; unknown for a division by 0. */
export function floorDivDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return b === 0 ? undefined : safe(Math.floor(a / b));
  return b === 1 ? a : apply(floorDivide, a, b);
}

/** The quotient rounded up. */
export function ceilDivDims(a: Dim, b: Dim): Dim {
  return typeof b === 'number' && b > 0
    ? floorDivDims(addDims(a, b - 1), b)
    : subDims(0, floorDivDims(subDims(0, a), b));
}

/** The quotient if the division is known to leave no rest, as a reshape demands. */
export function exactDivDims(a: Dim, b: Dim): Dim {
  const quotient = floorDivDims(a, b);
  return quotient !== undefined && mulDims(quotient, b) === a ? quotient : undefined;
}

/** The remainder with the sign of the divisor. */
export function modDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return b === 0 ? undefined : safe(a - b * Math.floor(a / b));
  return apply(floorModulo, a, b);
}

export function minDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return Math.min(a, b);
  return apply((x, y) => extreme('min', x, y), a, b);
}

export function maxDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return Math.max(a, b);
  return apply((x, y) => extreme('max', x, y), a, b);
}

export function sumDims(dims: readonly Dim[]): Dim {
  return dims.reduce<Dim>(addDims, 0);
}

/** The product of dimensions; 0 where one is 0, unknown where one is unknown and none is 0. */
export function productOfDims(dims: readonly Dim[]): Dim {
  return dims.includes(0) ? 0 : dims.reduce<Dim>(mulDims, 1);
}
