import { Command } from 'commander';
import { PASSES } from '../../../passes/index.ts';
import type { PassOption } from '../../pass/pass-option.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { passFlag } from '../pass-flags.ts';
import { processTerminal } from '../terminal.ts';

/** `passes`: what passes there are, what each may do to the numbers, and its options. */
export function passesCommand(finish: (code: ExitCode) => void): Command {
  return new Command('passes')
    .description('list the passes and their options')
    .option('--json', 'print them as JSON')
    .action((values: { json?: boolean }) => {
      const terminal = processTerminal({ quiet: false });
      if (values.json === true) {
        const rows = PASSES.map(({ name, summary, effect, options }) => ({ name, summary, effect, options }));
        terminal.emit(JSON.stringify(rows, null, 2));
      } else {
        for (const pass of PASSES) {
          terminal.emit(`${pass.name.padEnd(28)} ${pass.summary} (${pass.effect})`);
          for (const [name, option] of Object.entries(pass.options as Record<string, PassOption>)) {
            const values = option.kind === 'enum' ? option.values.join('|') : option.kind;
            terminal.emit(
              `    ${passFlag(pass.name, name)} <${values}>  ${option.help} (default: ${String(option.default) || 'none'})`,
            );
          }
        }
      }
      finish(EXIT.ok);
    });
}
