import { extreme, floorDivide } from './dim-division.ts';
import { add, constant, constantOf, fromAtom, multiply, type Polynomial, scale } from './polynomial.ts';
import { printPolynomial, symbolAtom } from './print-dim.ts';

/** Longest dimension text that is read or made; longer ones are taken for symbols, or given up. */
export const MAX_DIM_TEXT = 200;

/**
 * What a dimension's text stands for: the expression it writes if it is one in canonical form, and otherwise a symbol
 * of that name, so that a file's `batch size`, `N + 1` or `?` stay what they are: names.
 */
export function parseDim(text: string): Polynomial {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const result = parse(text);
  if (parsed.size === MAX_PARSED) parsed.clear();
  parsed.set(text, result);
  return result;
}

/** What was parsed lately: inference asks for the same few expressions at every node. */
const parsed = new Map<string, Polynomial>();
/** More texts than the dimensions of a model; bounds what hostile files leave behind. */
const MAX_PARSED = 1024;

function parse(text: string): Polynomial {
  if (text.length <= MAX_DIM_TEXT) {
    const expression = new Reader(text).readAll();
    if (expression !== undefined && printPolynomial(expression) === text) return expression;
  }
  return fromAtom(symbolAtom(text));
}

/** Whether a text is a symbol's name and no expression. */
export function isSymbol(text: string): boolean {
  const polynomial = parseDim(text);
  const [only] = polynomial;
  return (
    polynomial.length === 1 &&
    only!.coefficient === 1 &&
    only!.factors.length === 1 &&
    only!.factors[0]!.kind === 'symbol'
  );
}

/** Recursive descent over `term ([+-] term)*`; every method gives `undefined` for a text that is no expression. */
class Reader {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  readAll(): Polynomial | undefined {
    const sum = this.#sum();
    return this.#at === this.#text.length ? sum : undefined;
  }

  #sum(): Polynomial | undefined {
    let total: Polynomial | undefined = [];
    let sign = this.#take('-') ? -1 : 1;
    for (;;) {
      const product = this.#product();
      const signed: Polynomial | undefined = product && scale(product, sign);
      total = signed && add(total, signed);
      if (total === undefined) return undefined;
      if (this.#take('+')) sign = 1;
      else if (this.#take('-')) sign = -1;
      else return total;
    }
  }

  #product(): Polynomial | undefined {
    let product = this.#factor();
    while (product !== undefined && this.#take('*')) {
      const next = this.#factor();
      product = next && multiply(product, next);
    }
    return product;
  }

  #factor(): Polynomial | undefined {
    const digits = this.#match(/\d+/y);
    if (digits !== undefined) return Number.isSafeInteger(Number(digits)) ? constant(Number(digits)) : undefined;
    const quoted = this.#match(/"(?:[^"\\]|\\.)*"/y);
    if (quoted !== undefined) return quotedSymbol(quoted);
    const word = this.#match(/[A-Za-z_][A-Za-z0-9_.]*/y);
    if (word === undefined) return undefined;
    if (word !== 'floor' && word !== 'min' && word !== 'max') return fromAtom(symbolAtom(word));
    if (!this.#take('(')) return undefined;
    const a = this.#group();
    if (a === undefined || !this.#take(word === 'floor' ? '/' : ',')) return undefined;
    const b = this.#group();
    if (b === undefined || !this.#take(')')) return undefined;
    return word === 'floor' ? floorDivide(a, b) : extreme(word, a, b);
  }

  #group(): Polynomial | undefined {
    if (!this.#take('(')) return this.#sum();
    const sum = this.#sum();
    return this.#take(')') ? sum : undefined;
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}

function quotedSymbol(quoted: string): Polynomial | undefined {
  try {
    return fromAtom(symbolAtom(JSON.parse(quoted) as string));
  } catch {
    return undefined;
  }
}

/** An expression as a dimension: a number where it is one; unknown where its text would grow too long. */
export function printDim(polynomial: Polynomial | undefined): number | string | undefined {
  if (polynomial === undefined) return undefined;
  const value = constantOf(polynomial);
  if (value !== undefined) return value;
  const text = printPolynomial(polynomial);
  return text.length <= MAX_DIM_TEXT ? text : undefined;
}
