import { InvalidArgumentError, Option } from 'commander';

/** One flag of a command. `Key` is the option that it sets, which commander derives from the flag's long name. */
export interface Flag<Key extends string = string> {
  readonly key: Key;
  readonly flags: string;
  readonly help: string;
  readonly choices?: readonly string[];
  /** Reads the text; `before` is what an earlier use of the same flag gave. */
  readonly parse?: (text: string, before: unknown) => unknown;
  readonly required?: boolean;
}

/** A flag as commander knows it. */
export function commanderOption({ flags, help, choices, parse, required = false }: Flag): Option {
  const option = new Option(flags, help).makeOptionMandatory(required);
  if (choices !== undefined) option.choices(choices);
  if (parse !== undefined) option.argParser(parse);
  return option;
}

/** Reads a finite number. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

/** Reads items between commas. */
export function list(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** Reads sizes of symbols, `N=1,seq=128`; several uses of the flag add up. */
export function sizes(text: string, before: unknown): Readonly<Record<string, number>> {
  const pairs = list(text).map((item) => {
    const [, name, size] = /^(.+)=(\d{1,15})$/.exec(item) ?? [];
    if (name === undefined) throw new InvalidArgumentError('It must be NAME=SIZE, as in N=1.');
    return [name, Number(size)] as const;
  });
  return { ...(before as Readonly<Record<string, number>> | undefined), ...Object.fromEntries(pairs) };
}

/** Reads the shape of one input, `image=1,3,224,224`; several uses of the flag add up. */
export function shapes(text: string, before: unknown): Readonly<Record<string, readonly number[]>> {
  const [, name, dims] = /^(.+)=(\d{1,15}(?:,\d{1,15})*|)$/.exec(text.replaceAll(/\s/g, '')) ?? [];
  if (name === undefined || dims === undefined)
    throw new InvalidArgumentError('It must be INPUT=SIZES, as in image=1,3,224,224.');
  const shape = dims === '' ? [] : dims.split(',').map(Number);
  return { ...(before as Readonly<Record<string, readonly number[]>> | undefined), [name]: shape };
}

/** Reads the elements of one input, `sr=16000` or `scale=1,0.5`; several uses of the flag add up. */
export function values(text: string, before: unknown): Readonly<Record<string, readonly number[]>> {
  const at = text.lastIndexOf('=');
  const numbers = list(text.slice(at + 1)).map(Number);
  if (at < 1 || numbers.length === 0 || !numbers.every(Number.isFinite))
    throw new InvalidArgumentError('It must be INPUT=NUMBERS, as in sr=16000.');
  const given = before as Readonly<Record<string, readonly number[]>> | undefined;
  return { ...given, [text.slice(0, at)]: numbers };
}

/** Reads pairs of names, `old=new`; several uses of the flag add up. */
export function names(text: string, before: unknown): Readonly<Record<string, string>> {
  const [, old, name] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (old === undefined || name === undefined)
    throw new InvalidArgumentError('It must be OLD=NEW, as in input_1=image.');
  return { ...(before as Readonly<Record<string, string>> | undefined), [old]: name };
}
