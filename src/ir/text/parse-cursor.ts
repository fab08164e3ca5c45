import { fail } from '../../diagnostics/modelpress-error.ts';

/** A number or string as it stands in the text. */
export type Literal =
  | { readonly kind: 'int'; readonly text: string }
  | { readonly kind: 'float'; readonly text: string }
  | { readonly kind: 'string'; readonly bytes: Uint8Array };

const SPACE = /(?:\s|#[^\n]*)*/y;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /-?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|(?:inf|infinity|nan)(?![A-Za-z0-9_]))/iy;
const QUOTED = /"([^"\\]*(?:\\[\s\S][^"\\]*)*)"/y;
const HEX = /hex"((?:[0-9a-fA-F]{2})*)"/y;

/** A place in a text that is being parsed. White space and comments (`#` to the end of the line) are passed over. */
export class TextCursor {
  readonly #text: string;
  readonly #label: string;
  #at = 0;

  constructor(text: string, label: string) {
    this.#text = text;
    this.#label = label;
    this.#skip();
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** This place, for `reset`. */
  mark(): number {
    return this.#at;
  }

  reset(mark: number): void {
    this.#at = mark;
  }

  /** Whether `symbol` comes next. */
  sees(symbol: string): boolean {
    return this.#text.startsWith(symbol, this.#at);
  }

  /** Passes `symbol` if it comes next. */
  takes(symbol: string): boolean {
    if (!this.sees(symbol)) return false;
    this.#at += symbol.length;
    this.#skip();
    return true;
  }

  expect(symbol: string): void {
    if (!this.takes(symbol)) this.fail(`expected '${symbol}'`);
  }

  /** The identifier that comes next, not passed. */
  get word(): string | undefined {
    return this.#match(IDENTIFIER)?.[0];
  }

  identifier(): string {
    return this.#take(IDENTIFIER)?.[0] ?? this.fail('expected a name');
  }

  /** Whether a name comes next: an identifier or a string. */
  get seesName(): boolean {
    return this.sees('"') || this.word !== undefined;
  }

  /** An identifier or a string. */
  name(): string {
    return this.sees('"') ? this.string() : this.identifier();
  }

  string(): string {
    const match = this.#take(QUOTED) ?? this.fail('expected a string in quotes');
    return match[1]!.replace(/\\([\s\S])/g, '$1');
  }

  /** Bytes in hexadecimal, if they come next. */
  hex(): Uint8Array | undefined {
    const digits = this.#take(HEX)?.[1];
    return digits === undefined
      ? undefined
      : Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  }

  /** Whether a number comes next, `nan` and `inf` among them. */
  get seesNumber(): boolean {
    return this.#match(NUMBER) !== undefined;
  }

  get seesHex(): boolean {
    return this.#match(HEX) !== undefined;
  }

  literal(): Literal {
    const hex = this.hex();
    if (hex !== undefined) return { kind: 'string', bytes: hex };
    if (this.sees('"')) return { kind: 'string', bytes: new TextEncoder().encode(this.string()) };
    const text = this.#take(NUMBER)?.[0] ?? this.fail('expected a number or a string');
    return /^-?\d+$/.test(text) ? { kind: 'int', text } : { kind: 'float', text };
  }

  integer(): bigint {
    const literal = this.literal();
    return literal.kind === 'int' ? BigInt(literal.text) : this.fail('expected an integer before this');
  }

  /** Items with commas between, and perhaps one after the last, until `close`, which is passed. */
  list<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    if (this.takes(close)) return items;
    do items.push(item());
    while (this.takes(',') && !this.sees(close));
    this.expect(close);
    return items;
  }

  /** @throws ModelpressError `text-syntax` at this place. */
  fail(message: string, hint = 'The syntax is that of onnx/docs/Syntax.md.'): never {
    const before = this.#text.slice(0, this.#at);
    const line = before.split('\n').length;
    const column = this.#at - before.lastIndexOf('\n');
    const rest = this.#text.slice(this.#at).split('\n', 1)[0]!.slice(0, 40);
    return fail({
      code: 'text-syntax',
      at: `${this.#label}:${line}:${column}`,
      message: `${this.#label}:${line}:${column}: ${message}, found ${this.atEnd ? 'the end' : `'${rest}'`}`,
      hint,
    });
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text) ?? undefined;
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    const match = this.#match(pattern);
    if (match === undefined) return undefined;
    this.#at += match[0].length;
    this.#skip();
    return match;
  }

  #skip(): void {
    this.#at += this.#match(SPACE)?.[0].length ?? 0;
  }
}

/** A float literal as a number. */
export function floatOfText(text: string): number {
  const word = text.toLowerCase().replace('-', '');
  if (word === 'nan') return Number.NaN;
  if (word === 'inf' || word === 'infinity')
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}
