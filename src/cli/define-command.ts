import { Command } from 'commander';
import { ModelpressError } from '../diagnostics/modelpress-error.ts';
import type { ExitCode } from './exit-code.ts';
import { commanderOption, type Flag } from './flag.ts';
import { type CliStreams, openTerminal, type Terminal } from './terminal.ts';

/** What a command comes to. */
export interface Answer {
  /** For programs: what `--json` prints on stdout. */
  readonly value: unknown;
  /** For people, on stdout where `--json` is not given; absent where the command's result lies in files. */
  readonly text?: string;
  readonly code: ExitCode;
}

/** One use of a command. */
export interface CommandCall {
  readonly operands: readonly string[];
  /** The flags that were given, by key; defaults are the business of what is called with them. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly terminal: Terminal;
}

/** A command of the program. `--json` and `--quiet` are added to every one and handled for it. */
export interface CommandSpec {
  readonly name: string;
  readonly description: string;
  /** Operands as usage texts write them, `<model>` or `[more...]`, with their help. */
  readonly operands?: readonly (readonly [usage: string, help: string])[];
  readonly flags?: readonly Flag[];
  /** Adds what is no plain flag. */
  readonly extend?: (command: Command) => void;
  readonly run: (call: CommandCall) => Promise<Answer>;
}

/** A command as commander knows it. `finish` is told how it ended. */
export function defineCommand(spec: CommandSpec, streams: CliStreams, finish: (code: ExitCode) => void): Command {
  const command = new Command(spec.name).description(spec.description);
  for (const [usage, help] of spec.operands ?? []) command.argument(usage, help);
  for (const flag of spec.flags ?? []) command.addOption(commanderOption(flag));
  spec.extend?.(command);
  return command
    .option('--json', 'print the result as JSON on stdout')
    .option('--quiet', 'say nothing on stderr but errors')
    .action(async () => {
      const { json = false, quiet = false } = command.opts<{ json?: boolean; quiet?: boolean }>();
      const terminal = openTerminal(streams, { quiet });
      try {
        const operands = command.processedArgs.flat() as readonly string[];
        const { value, text, code } = await spec.run({ operands, given: givenOptions(command), terminal });
        if (json) terminal.emit(JSON.stringify(value, null, 2));
        else if (text !== undefined) terminal.emit(text);
        finish(code);
      } catch (error) {
        if (json && error instanceof ModelpressError)
          terminal.emit(JSON.stringify({ error: error.diagnostic }, null, 2));
        throw error;
      } finally {
        terminal.status(undefined);
      }
    });
}

/** The command's own options that the command line sets. */
function givenOptions(command: Command): Readonly<Record<string, unknown>> {
  const { json: _json, quiet: _quiet, ...own } = command.opts<Record<string, unknown>>();
  const all = Object.entries(own);
  return Object.fromEntries(all.filter(([key]) => command.getOptionValueSource(key) === 'cli'));
}
