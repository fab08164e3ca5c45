#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { toolVersion } from '../compile/environment.ts';
import { ModelpressError } from '../diagnostics/modelpress-error.ts';
import { optimizeCommand } from './commands/optimize-command.ts';
import { passesCommand } from './commands/passes-command.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { processTerminal } from './terminal.ts';

/** Runs the command line and answers the exit status. */
async function main(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const finish = (ended: ExitCode): void => {
    code = ended;
  };
  const program = new Command('modelpress')
    .description('optimizing and exporting compiler for ONNX models')
    .version(toolVersion())
    .showHelpAfterError('(say --help for the options)')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) });
  program.addCommand(optimizeCommand(finish), { isDefault: true });
  program.addCommand(passesCommand(finish));
  for (const command of program.commands) command.exitOverride().showHelpAfterError('(say --help for the options)');
  try {
    await program.parseAsync(argv);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.refused;
    const terminal = processTerminal({ quiet: false });
    if (error instanceof ModelpressError) {
      terminal.diagnostic(error.diagnostic);
      return EXIT.refused;
    }
    const cause = error instanceof Error ? error : new Error(String(error));
    terminal.diagnostic({
      code: 'internal',
      severity: 'error',
      message: cause.message,
      hint: 'This is a fault in modelpress. Report it with the command and the model.',
      notes: (cause.stack ?? '').split('\n').slice(1, 6),
    });
    return EXIT.refused;
  }
}

process.exitCode = await main(process.argv);
