/**
 * Integer expressions over the symbols of a model's dimensions, as polynomials in canonical form.
 *
 * An atom is a symbol (a dimension, so never negative), or an integer that is no polynomial: a floor division, a
 * minimum, a maximum. Two expressions with the same canonical text are equal for every value of their symbols.
 */
export type Atom = { readonly text: string } & (
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'floor'; readonly numerator: Polynomial; readonly denominator: Polynomial }
  | { readonly kind: 'min' | 'max'; readonly operands: readonly [Polynomial, Polynomial] }
);

/** `coefficient` times the product of `factors`, which are in order of their texts; powers are repeated factors. */
export interface Term {
  readonly coefficient: number;
  readonly factors: readonly Atom[];
  /** The factors' texts joined by `*`; `''` for the constant term. */
  readonly key: string;
}

/** A sum of terms with different keys and coefficients other than 0, highest degree first; `[]` is 0. */
export type Polynomial = readonly Term[];

/** More terms than any real model's dimension has; stops expressions that a hostile file would let explode. */
const MAX_TERMS = 24;

/** Most factors of one term, for the same reason. */
const MAX_FACTORS = 12;

export function constant(value: number): Polynomial {
  return value === 0 ? [] : [{ coefficient: value, factors: [], key: '' }];
}

/** A product of atoms with a coefficient. */
export function term(coefficient: number, factors: readonly Atom[]): Term {
  const sorted = [...factors].sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  return { coefficient, factors: sorted, key: sorted.map((atom) => atom.text).join('*') };
}

export function fromAtom(atom: Atom): Polynomial {
  return [term(1, [atom])];
}

/** The value of a polynomial without atoms. */
export function constantOf(polynomial: Polynomial): number | undefined {
  if (polynomial.length === 0) return 0;
  return polynomial.length === 1 && polynomial[0]!.key === '' ? polynomial[0]!.coefficient : undefined;
}

/** Sums terms into canonical form; `undefined` where a coefficient or the expression grows past what is kept. */
export function collect(terms: readonly Term[]): Polynomial | undefined {
  const byKey = new Map<string, Term>();
  for (const each of terms) {
    const old = byKey.get(each.key);
    const coefficient = (old?.coefficient ?? 0) + each.coefficient;
    if (!Number.isSafeInteger(coefficient) || each.factors.length > MAX_FACTORS) return undefined;
    byKey.set(each.key, { ...each, coefficient });
  }
  const kept = [...byKey.values()].filter((each) => each.coefficient !== 0);
  return kept.length > MAX_TERMS ? undefined : kept.sort(compareTerms);
}

/** Graded order: higher degree first, then by text. */
function compareTerms(a: Term, b: Term): number {
  if (a.factors.length !== b.factors.length) return b.factors.length - a.factors.length;
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

export function add(a: Polynomial, b: Polynomial): Polynomial | undefined {
  return collect([...a, ...b]);
}

export function scale(a: Polynomial, by: number): Polynomial | undefined {
  return collect(a.map((each) => ({ ...each, coefficient: each.coefficient * by })));
}

export function subtract(a: Polynomial, b: Polynomial): Polynomial | undefined {
  return collect([...a, ...b.map((each) => ({ ...each, coefficient: -each.coefficient }))]);
}

export function multiply(a: Polynomial, b: Polynomial): Polynomial | undefined {
  if (a.length * b.length > MAX_TERMS * MAX_TERMS) return undefined;
  return collect(a.flatMap((x) => b.map((y) => term(x.coefficient * y.coefficient, [...x.factors, ...y.factors]))));
}

/** Whether the expression is at least 0 for all values of its symbols. `false` also means that it could not be shown. */
export function isNonNegative(polynomial: Polynomial): boolean {
  return polynomial.every((each) => each.coefficient >= 0 && each.factors.every(isNonNegativeAtom));
}

/** Whether the expression is at least 1 for all values of its symbols from `least` on. `false` as above. */
export function isPositive(polynomial: Polynomial, least: 0 | 1 = 0): boolean {
  const positive = (atom: Atom): boolean => {
    switch (atom.kind) {
      case 'symbol':
        return least > 0;
      case 'floor':
        return false;
      case 'min':
        return atom.operands.every((operand) => isPositive(operand, least));
      case 'max':
        return atom.operands.some((operand) => isPositive(operand, least));
    }
  };
  return isNonNegative(polynomial) && polynomial.some(({ factors }) => factors.every(positive));
}

function isNonNegativeAtom(atom: Atom): boolean {
  switch (atom.kind) {
    case 'symbol':
      return true;
    case 'floor':
      return isNonNegative(atom.numerator) && isNonNegative(atom.denominator);
    case 'min':
      return atom.operands.every(isNonNegative);
    case 'max':
      return atom.operands.some(isNonNegative);
  }
}

/** The term `t` with `t * divisor = dividend`, if there is one. */
export function divideTerm(dividend: Term, divisor: Term): Term | undefined {
  const coefficient = dividend.coefficient / divisor.coefficient;
  if (!Number.isInteger(coefficient)) return undefined;
  const rest = [...dividend.factors];
  for (const atom of divisor.factors) {
    const at = rest.findIndex((each) => each.text === atom.text);
    if (at < 0) return undefined;
    rest.splice(at, 1);
  }
  return term(coefficient, rest);
}

/** The polynomial `q` with `q * divisor = dividend`, if division leaves no rest. */
export function divideExactly(dividend: Polynomial, divisor: Polynomial): Polynomial | undefined {
  const quotient: Term[] = [];
  let rest: Polynomial = dividend;
  for (let step = 0; rest.length > 0 && divisor.length > 0; step++) {
    const leading = divideTerm(rest[0]!, divisor[0]!);
    if (leading === undefined || step === MAX_TERMS) return undefined;
    quotient.push(leading);
    const product = multiply([leading], divisor);
    const next = product && subtract(rest, product);
    if (next === undefined) return undefined;
    rest = next;
  }
  return divisor.length === 0 ? undefined : collect(quotient);
}
