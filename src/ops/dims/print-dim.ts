import type { Atom, Polynomial, Term } from './polynomial.ts';

/** Symbols that stand in an expression without quotes. */
export const PLAIN_SYMBOL = /^(?!(?:floor|min|max)$)[A-Za-z_][A-Za-z0-9_.]*$/;

/** The canonical text: `2*H*W+N-1`, `floor((H+1)/2)`, `min(N,8)`. A lone symbol is its own name, whatever it holds. */
export function printPolynomial(polynomial: Polynomial): string {
  const only = polynomial.length === 1 ? polynomial[0]! : undefined;
  if (only?.coefficient === 1 && only.factors.length === 1 && only.factors[0]!.kind === 'symbol')
    return only.factors[0]!.name;
  if (polynomial.length === 0) return '0';
  return polynomial.map(printTerm).join('').replace(/^\+/, '');
}

function printTerm({ coefficient, key }: Term): string {
  const sign = coefficient < 0 ? '-' : '+';
  const size = Math.abs(coefficient);
  if (key === '') return `${sign}${size}`;
  return size === 1 ? `${sign}${key}` : `${sign}${size}*${key}`;
}

export function symbolAtom(name: string): Atom {
  return { kind: 'symbol', name, text: PLAIN_SYMBOL.test(name) ? name : JSON.stringify(name) };
}

/** `floor(numerator / denominator)` as an atom, with nothing simplified. */
export function floorAtom(numerator: Polynomial, denominator: Polynomial): Atom {
  const text = `floor(${grouped(numerator, numerator.length > 1)}/${grouped(denominator, !isSingle(denominator))})`;
  return { kind: 'floor', numerator, denominator, text };
}

/** `min(a, b)` or `max(a, b)` as an atom; the operands in order of their texts. */
export function extremeAtom(kind: 'min' | 'max', a: Polynomial, b: Polynomial): Atom {
  const [first, second] = inner(a) <= inner(b) ? [a, b] : [b, a];
  return { kind, operands: [first, second], text: `${kind}(${inner(first)},${inner(second)})` };
}

function grouped(polynomial: Polynomial, parentheses: boolean): string {
  return parentheses ? `(${inner(polynomial)})` : inner(polynomial);
}

/** As inside another expression, where odd symbols are quoted even when they stand alone. */
function inner(polynomial: Polynomial): string {
  if (polynomial.length === 0) return '0';
  return polynomial.map(printTerm).join('').replace(/^\+/, '');
}

function isSingle(polynomial: Polynomial): boolean {
  if (polynomial.length !== 1) return false;
  const { coefficient, factors } = polynomial[0]!;
  return factors.length === 0 ? coefficient > 0 : coefficient === 1 && factors.length === 1;
}
