import { PASSES } from '../../../passes/index.ts';
import type { AnyPass } from '../../pass/define-pass.ts';
import type { PassOption } from '../../pass/pass-option.ts';
import type { CommandSpec } from '../define-command.ts';
import { EXIT } from '../exit-code.ts';
import { passFlag } from '../pass-flags.ts';

/** `passes`: what passes there are, what each may do to the numbers, and its options. */
export const passesCommand: CommandSpec = {
  name: 'passes',
  description: 'list the passes and their options',
  async run() {
    return {
      value: PASSES.map(({ name, summary, effect, options }) => ({ name, summary, effect, options })),
      text: PASSES.flatMap(describePass).join('\n'),
      code: EXIT.ok,
    };
  },
};

function describePass({ name, summary, effect, options }: AnyPass): string[] {
  const rows = Object.entries(options as Record<string, PassOption>).map(([key, option]) => {
    const values = option.kind === 'enum' ? option.values.join('|') : option.kind;
    const initial = String(option.default) || 'none';
    return `    ${passFlag(name, key)} <${values}>  ${option.help} (default: ${initial})`;
  });
  return [`${name.padEnd(28)} ${summary} (${effect})`, ...rows];
}
