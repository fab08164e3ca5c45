import { type Command, Option } from 'commander';
import type { AnyPass } from '../pass/define-pass.ts';
import type { PassOption } from '../pass/pass-option.ts';

/** Options of single passes, by pass, as the library takes them. */
export type PassOptionsByName = Record<string, Record<string, unknown>>;

/**
 * Adds a flag for every option of every pass, `--prune-magnitude.min-elements <number>`, made from the option tables.
 * They are left out of `--help`, which would be too long to read; `optimize passes` lists them.
 */
export function addPassFlags(command: Command, passes: readonly AnyPass[]): void {
  for (const pass of passes) {
    for (const [name, option] of Object.entries(pass.options as Record<string, PassOption>)) {
      const flag = new Option(`${passFlag(pass.name, name)} <${option.kind}>`, option.help).hideHelp();
      if (option.kind === 'enum') flag.choices(option.values);
      command.addOption(flag);
    }
  }
}

/** Collects what the flags of `addPassFlags` were given; values are still text, which the pass manager checks. */
export function readPassFlags(
  values: Readonly<Record<string, unknown>>,
  passes: readonly AnyPass[],
): PassOptionsByName {
  const collected: PassOptionsByName = {};
  for (const pass of passes) {
    for (const name of Object.keys(pass.options as Record<string, PassOption>)) {
      const value = values[new Option(passFlag(pass.name, name)).attributeName()];
      if (value === undefined) continue;
      collected[pass.name] = {
        ...collected[pass.name],
        [name]: typeof value === 'string' ? value.replaceAll(',', '|') : value,
      };
    }
  }
  return collected;
}

/** The flag of a pass's option: `--fold-constants.max-growth`. */
export function passFlag(pass: string, option: string): string {
  return `--${pass}.${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
