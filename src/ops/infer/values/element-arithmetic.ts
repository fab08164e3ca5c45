import { type DataType, isFloat } from '../../../ir/dtype.ts';
import type { Dim } from '../../../ir/shape.ts';
import {
  addDims,
  exactDivDims,
  floorDivDims,
  maxDims,
  minDims,
  modDims,
  mulDims,
  subDims,
} from '../../dims/dim-arithmetic.ts';
import { areDifferent, isAtLeast } from '../../dims/dim-facts.ts';

/** What an operator makes of two elements of one type; unknown where that is not certain. */
export type BinaryElement = (a: Dim, b: Dim, dtype: DataType, isSize: SignTest) => Dim;

/** Whether an integer is known never to be negative. */
export type SignTest = (value: Dim) => boolean;

/** An integer operation, and the same on floats, which are followed as numbers only. */
function arithmetic(
  onIntegers: (a: Dim, b: Dim, isSize: SignTest) => Dim,
  onFloats: (a: number, b: number) => number,
): BinaryElement {
  return (a, b, dtype, isSize) => {
    if (!isFloat(dtype)) return onIntegers(a, b, isSize);
    return typeof a === 'number' && typeof b === 'number' ? rounded(onFloats(a, b), dtype) : undefined;
  };
}

/** A number as the float type holds it; narrow types are not followed. */
export function rounded(value: number, dtype: DataType): Dim {
  if (Number.isNaN(value)) return undefined;
  if (dtype === 'float32') return Math.fround(value);
  return dtype === 'float64' ? value : undefined;
}

/** C's integer division, which cuts towards 0: for symbols only where that is rounding down, or exact. */
function divide(a: Dim, b: Dim, isSize: SignTest): Dim {
  if (b === 0 || a === undefined || b === undefined) return undefined;
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0;
  const exact = exactDivDims(a, b);
  return exact === undefined && isAtLeast(b, 0) && isSize(a) ? floorDivDims(a, b) : exact;
}

function power(a: Dim, b: Dim): Dim {
  if (typeof a !== 'number' || typeof b !== 'number' || b < 0) return undefined;
  const value = a ** b;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Equality, inequality and order as 1, 0 or unknown. Integers too large for a double are compared with smaller ones only. */
function compare(
  whenNumbers: (a: number, b: number) => boolean,
  whenSymbols: (a: Dim, b: Dim) => boolean | undefined,
): BinaryElement {
  return (a, b, dtype) => {
    if (a === undefined || b === undefined) return undefined;
    if (typeof a === 'number' && typeof b === 'number') {
      const blurred = !isFloat(dtype) && a === b && !Number.isSafeInteger(a);
      return blurred ? undefined : Number(whenNumbers(a, b));
    }
    const known = whenSymbols(a, b);
    return known === undefined ? undefined : Number(known);
  };
}

function equal(a: Dim, b: Dim): boolean | undefined {
  if (a === b) return true;
  return areDifferent(a, b) ? false : undefined;
}

function less(a: Dim, b: Dim): boolean | undefined {
  if (isAtLeast(subDims(b, 1), a)) return true;
  return isAtLeast(a, b) ? false : undefined;
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

export const BINARY_ELEMENTS: Readonly<Record<string, BinaryElement>> = {
  Add: arithmetic(addDims, (a, b) => a + b),
  Sub: arithmetic(subDims, (a, b) => a - b),
  Mul: arithmetic(mulDims, (a, b) => a * b),
  Div: arithmetic(divide, (a, b) => a / b),
  Pow: arithmetic(power, (a, b) => a ** b),
  Mod: arithmetic(modDims, () => Number.NaN),
  Min: arithmetic(minDims, Math.min),
  Max: arithmetic(maxDims, Math.max),
  Sum: arithmetic(addDims, (a, b) => a + b),
  Equal: compare((a, b) => a === b, equal),
  Less: compare((a, b) => a < b, less),
  LessOrEqual: compare(
    (a, b) => a <= b,
    (a, b) => not(less(b, a)),
  ),
  Greater: compare(
    (a, b) => a > b,
    (a, b) => less(b, a),
  ),
  GreaterOrEqual: compare(
    (a, b) => a >= b,
    (a, b) => not(less(a, b)),
  ),
  And: (a, b) => (a === 0 || b === 0 ? 0 : a === 1 && b === 1 ? 1 : undefined),
  Or: (a, b) => (a === 1 || b === 1 ? 1 : a === 0 && b === 0 ? 0 : undefined),
  Xor: (a, b) => (typeof a === 'number' && typeof b === 'number' ? Number(a !== b) : undefined),
};

/** What an operator makes of one element. */
export type UnaryElement = (a: Dim, dtype: DataType) => Dim;

function onNumbers(operation: (a: number) => number): UnaryElement {
  return (a, dtype) => (typeof a === 'number' && isFloat(dtype) ? rounded(operation(a), dtype) : undefined);
}

export const UNARY_ELEMENTS: Readonly<Record<string, UnaryElement>> = {
  Neg: (a, dtype) => (isFloat(dtype) && typeof a === 'number' ? -a : subDims(0, a)),
  Abs: (a) => (typeof a === 'number' ? Math.abs(a) : isAtLeast(a, 0) ? a : undefined),
  Sign: (a) => (typeof a === 'number' ? Math.sign(a) : isAtLeast(a, 1) ? 1 : undefined),
  Not: (a) => (typeof a === 'number' ? 1 - a : undefined),
  Floor: onNumbers(Math.floor),
  Ceil: onNumbers(Math.ceil),
  Sqrt: onNumbers(Math.sqrt),
};
