import { Command, CommanderError } from 'commander';
import { toolVersion } from '../compile/environment.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { ModelpressError } from '../diagnostics/modelpress-error.ts';
import { benchCommand } from './commands/bench-command.ts';
import { diffCommand } from './commands/diff-command.ts';
import { inspectCommand } from './commands/inspect-command.ts';
import { optimizeCommand } from './commands/optimize-command.ts';
import { passesCommand } from './commands/passes-command.ts';
import { runCommand } from './commands/run-command.ts';
import { serveCommand } from './commands/serve-command.ts';
import { validateCommand } from './commands/validate-command.ts';
import { type CommandSpec, defineCommand } from './define-command.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { type CliStreams, openTerminal } from './terminal.ts';

/** What `optimize <model>` without the name of a command means. */
const MAIN_COMMAND = optimizeCommand;

const OTHER_COMMANDS: readonly CommandSpec[] = [
  inspectCommand,
  diffCommand,
  validateCommand,
  runCommand,
  benchCommand,
  serveCommand,
  passesCommand,
];

/** Lines of a stack that help to find a fault; those below are the runtime's. */
const STACK_LINES = 5;

/**
 * Runs one command line, without the program's own name, and answers the exit status. Results go to stdout; what is
 * said on the way, and every error, to stderr. Never throws.
 */
export async function runCli(argv: readonly string[], streams: CliStreams): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const finish = (ended: ExitCode): void => {
    code = ended;
  };
  const program = new Command('modelpress')
    .description('optimizing and exporting compiler for ONNX models')
    .usage('[command] <model> [options]')
    .version(toolVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      // Errors are thrown, and told in one form below.
      writeErr: () => {},
    });
  const main = defineCommand(MAIN_COMMAND, streams, finish);
  program.addCommand(main, { isDefault: true });
  for (const spec of OTHER_COMMANDS) program.addCommand(defineCommand(spec, streams, finish));
  for (const command of program.commands) command.copyInheritedSettings(program);
  program.addHelpText('after', () => `\nWithout a command, as \`modelpress optimize\`:\n\n${main.helpInformation()}`);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    openTerminal(streams, { quiet: false }).diagnostic(diagnosticOf(error));
    return EXIT.refused;
  }
}

function diagnosticOf(error: unknown): Diagnostic {
  if (error instanceof ModelpressError) return error.diagnostic;
  if (error instanceof CommanderError) return usageError(error);
  const cause = error instanceof Error ? error : new Error(String(error));
  return {
    code: 'internal',
    severity: 'error',
    message: cause.message,
    hint: 'This is a fault in modelpress. Report it with the command and the model.',
    notes: (cause.stack ?? '').split('\n').slice(1, 1 + STACK_LINES),
  };
}

/** Wrong usage: `commander.unknownOption` is the code `cli-unknown-option`. */
function usageError({ code, message }: CommanderError): Diagnostic {
  const name = code.replace(/^commander\./, '').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return {
    code: `cli-${name}`,
    severity: 'error',
    message: message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' '),
    hint: 'Say --help for what can be said.',
  };
}
