import type { Dim } from '../../ir/shape.ts';
import { parseDim } from './parse-dim.ts';
import type { Atom, Polynomial } from './polynomial.ts';

/** The value of a dimension under sizes for its symbols; unknown where one has none, or the dimension is unknown. */
export function evaluateDim(dim: Dim, sizes: ReadonlyMap<string, number>): number | undefined {
  if (typeof dim !== 'string') return dim;
  return sizes.get(dim) ?? evaluate(parseDim(dim), sizes);
}

/** The symbols that a dimension depends on, in order of their names. */
export function symbolsOf(dim: Dim): string[] {
  const names = new Set<string>();
  if (typeof dim === 'string') gather(parseDim(dim), names);
  return [...names].sort();
}

function evaluate(polynomial: Polynomial, sizes: ReadonlyMap<string, number>): number | undefined {
  let total = 0;
  for (const { coefficient, factors } of polynomial) {
    let product = coefficient;
    for (const atom of factors) {
      const value = evaluateAtom(atom, sizes);
      if (value === undefined) return undefined;
      product *= value;
    }
    total += product;
  }
  return Number.isSafeInteger(total) ? total : undefined;
}

function evaluateAtom(atom: Atom, sizes: ReadonlyMap<string, number>): number | undefined {
  if (atom.kind === 'symbol') return sizes.get(atom.name);
  const [first, second] = atom.kind === 'floor' ? [atom.numerator, atom.denominator] : atom.operands;
  const a = evaluate(first, sizes);
  const b = evaluate(second, sizes);
  if (a === undefined || b === undefined) return undefined;
  if (atom.kind === 'floor') return b === 0 ? undefined : Math.floor(a / b);
  return atom.kind === 'min' ? Math.min(a, b) : Math.max(a, b);
}

function gather(polynomial: Polynomial, names: Set<string>): void {
  for (const { factors } of polynomial) {
    for (const atom of factors) {
      if (atom.kind === 'symbol') names.add(atom.name);
      else
        for (const inner of atom.kind === 'floor' ? [atom.numerator, atom.denominator] : atom.operands)
          gather(inner, names);
    }
  }
}
