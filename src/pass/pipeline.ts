import { fail } from '../diagnostics/modelpress-error.ts';
import type { RawOptionValues } from './pass-option.ts';

/** One step of a pipeline: a pass with its options, or steps repeated until they change nothing, at most `limit` times. */
export type PipelineStep =
  | { readonly kind: 'pass'; readonly name: string; readonly options: RawOptionValues }
  | { readonly kind: 'fixpoint'; readonly limit: number; readonly steps: readonly PipelineStep[] };

/** Nesting of `fixpoint{}` that a pipeline text may have; keeps a hostile text from exhausting the stack. */
const MAX_DEPTH = 16;

/** A pass with options, for writing pipelines in code. */
export function step(name: string, options: RawOptionValues = {}): PipelineStep {
  return { kind: 'pass', name, options };
}

export function fixpoint(limit: number, ...steps: readonly PipelineStep[]): PipelineStep {
  return { kind: 'fixpoint', limit, steps };
}

/**
 * A pipeline as text: `infer-shapes,fixpoint(4){fold-constants,eliminate-dead-code},prune-magnitude(sparsity=0.5)`.
 * List options are joined by `|`; a value that is no plain word or number is written as a JSON string.
 * `parsePipeline` reads it back.
 */
export function printPipeline(steps: readonly PipelineStep[]): string {
  return steps.map(printStep).join(',');
}

/**
 * Reads the text form of a pipeline. Names of passes and options are checked when it is run.
 *
 * @throws ModelpressError `pipeline-syntax` with the column.
 */
export function parsePipeline(text: string): readonly PipelineStep[] {
  const cursor = new Cursor(text);
  const steps = parseSteps(cursor, 0);
  if (!cursor.done()) cursor.unexpected('the end');
  return steps;
}

function printStep(step: PipelineStep): string {
  if (step.kind === 'fixpoint') return `fixpoint(${step.limit}){${printPipeline(step.steps)}}`;
  const options = Object.entries(step.options).map(([name, value]) => `${name}=${printValue(value)}`);
  return options.length === 0 ? step.name : `${step.name}(${options.join(',')})`;
}

function printValue(value: unknown): string {
  const plain = Array.isArray(value) ? value.join('|') : String(value);
  return /^[\w.:|*/+-]+$/.test(plain) ? plain : JSON.stringify(plain);
}

function parseSteps(cursor: Cursor, depth: number): PipelineStep[] {
  if (depth > MAX_DEPTH) cursor.unexpected(`at most ${MAX_DEPTH} nested fixpoints`);
  const steps: PipelineStep[] = [];
  if (cursor.done() || cursor.peek('}')) return steps;
  do steps.push(parseStep(cursor, depth));
  while (cursor.take(','));
  return steps;
}

function parseStep(cursor: Cursor, depth: number): PipelineStep {
  const name = cursor.match(/[a-z][a-z0-9-]*/y, 'the name of a pass');
  if (name !== 'fixpoint') return { kind: 'pass', name, options: parseOptions(cursor) };
  cursor.expect('(');
  const limit = Number(cursor.match(/[1-9]\d{0,3}/y, 'a number of rounds'));
  cursor.expect(')');
  cursor.expect('{');
  const steps = parseSteps(cursor, depth + 1);
  cursor.expect('}');
  return { kind: 'fixpoint', limit, steps };
}

function parseOptions(cursor: Cursor): RawOptionValues {
  const options: Record<string, unknown> = {};
  if (!cursor.take('(')) return options;
  if (cursor.take(')')) return options;
  do {
    const name = cursor.match(/[A-Za-z][\w-]*/y, 'the name of an option');
    cursor.expect('=');
    const raw = cursor.match(/"(?:[^"\\]|\\.)*"|[\w.:|*/+-]+/y, 'a value');
    options[name] = raw.startsWith('"') ? unquote(cursor, raw) : raw;
  } while (cursor.take(','));
  cursor.expect(')');
  return options;
}

function unquote(cursor: Cursor, raw: string): string {
  try {
    return JSON.parse(raw) as string;
  } catch {
    return cursor.unexpected('a JSON string');
  }
}

/** A place in a text that is being read; white space between tokens means nothing. */
class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  done(): boolean {
    this.#skip();
    return this.#at === this.#text.length;
  }

  peek(token: string): boolean {
    this.#skip();
    return this.#text.startsWith(token, this.#at);
  }

  take(token: string): boolean {
    if (!this.peek(token)) return false;
    this.#at += token.length;
    return true;
  }

  expect(token: string): void {
    if (!this.take(token)) this.unexpected(`'${token}'`);
  }

  match(pattern: RegExp, expected: string): string {
    this.#skip();
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return this.unexpected(expected);
    this.#at += found.length;
    return found;
  }

  unexpected(expected: string): never {
    const found = this.#at < this.#text.length ? `'${this.#text.slice(this.#at, this.#at + 12)}'` : 'the end';
    fail({
      code: 'pipeline-syntax',
      message: `pipeline text, column ${this.#at + 1}: expected ${expected}, found ${found}`,
      at: this.#text,
      hint: 'Write it as pass,pass(option=value),fixpoint(4){pass,pass}.',
    });
  }

  #skip(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }
}

/** The steps without some passes, wherever they stand. */
export function withoutPasses(steps: readonly PipelineStep[], names: ReadonlySet<string>): readonly PipelineStep[] {
  return steps.flatMap((one): PipelineStep[] => {
    if (one.kind === 'pass') return names.has(one.name) ? [] : [one];
    return [{ ...one, steps: withoutPasses(one.steps, names) }];
  });
}
