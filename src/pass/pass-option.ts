import { fail } from '../diagnostics/modelpress-error.ts';

/** One option of a pass. From this row come the option's type, default, validation, CLI flag and documentation. */
export type PassOption =
  | { readonly kind: 'boolean'; readonly default: boolean; readonly help: string }
  | {
      readonly kind: 'number';
      readonly default: number;
      readonly min?: number;
      readonly max?: number;
      readonly integer?: boolean;
      readonly help: string;
    }
  | { readonly kind: 'string'; readonly default: string; readonly help: string }
  | { readonly kind: 'enum'; readonly values: readonly string[]; readonly default: string; readonly help: string }
  | { readonly kind: 'list'; readonly default: readonly string[]; readonly help: string };

export type PassOptionTable = Readonly<Record<string, PassOption>>;

type OptionValue<O extends PassOption> = O extends { kind: 'boolean' }
  ? boolean
  : O extends { kind: 'number' }
    ? number
    : O extends { kind: 'list' }
      ? readonly string[]
      : O extends { kind: 'enum'; values: readonly (infer V)[] }
        ? V
        : string;

/** The values of a table's options, as a pass sees them. */
export type PassOptionValues<T extends PassOptionTable> = { readonly [K in keyof T]: OptionValue<T[K]> };

/** A table's values before they are checked: as given in code, or as text from a command line or a pipeline. */
export type RawOptionValues = Readonly<Record<string, unknown>>;

/**
 * The values of `table` with defaults filled in.
 *
 * @param owner the pass, for messages.
 * @throws ModelpressError `pass-unknown-option`, `pass-bad-option`.
 */
export function readOptions<T extends PassOptionTable>(
  owner: string,
  table: T,
  raw: RawOptionValues,
): PassOptionValues<T> {
  for (const name of Object.keys(raw)) {
    if (!(name in table)) {
      const known = Object.keys(table);
      fail({
        code: 'pass-unknown-option',
        message: `pass '${owner}' has no option '${name}'`,
        at: owner,
        hint: known.length === 0 ? 'It takes no options.' : `Its options are ${known.join(', ')}.`,
      });
    }
  }
  const values = Object.entries(table).map(([name, option]) => [name, readOption(owner, name, option, raw[name])]);
  return Object.fromEntries(values) as PassOptionValues<T>;
}

function readOption(owner: string, name: string, option: PassOption, raw: unknown): unknown {
  if (raw === undefined) return option.default;
  const bad = (expected: string): never =>
    fail({
      code: 'pass-bad-option',
      message: `option '${name}' of pass '${owner}' is ${JSON.stringify(raw)}; expected ${expected}`,
      at: `${owner}.${name}`,
      hint: option.help,
    });
  switch (option.kind) {
    case 'boolean':
      if (raw === true || raw === 'true' || raw === '') return true;
      return raw === false || raw === 'false' ? false : bad('true or false');
    case 'number': {
      const value = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
      if (typeof value !== 'number' || !Number.isFinite(value)) return bad('a number');
      const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = option;
      if (value < min || value > max) return bad(`a number from ${min} to ${max}`);
      return option.integer && !Number.isInteger(value) ? bad('a whole number') : value;
    }
    case 'string':
      return typeof raw === 'string' ? raw : bad('a string');
    case 'enum':
      return typeof raw === 'string' && option.values.includes(raw) ? raw : bad(`one of ${option.values.join(', ')}`);
    case 'list':
      if (typeof raw === 'string') return raw === '' ? [] : raw.split('|').map((item) => item.trim());
      return Array.isArray(raw) && raw.every((item) => typeof item === 'string') ? raw : bad('a list of strings');
  }
}
