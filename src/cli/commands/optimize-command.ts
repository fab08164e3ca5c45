import { Command } from 'commander';
import { PASSES } from '../../../passes/index.ts';
import { optimize } from '../../compile/optimize.ts';
import type { OptimizeOptions } from '../../compile/optimize-options.ts';
import { headline } from '../../report/headline.ts';
import { renderTable } from '../../report/render-terminal.ts';
import type { Report } from '../../report/report-schema.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { commanderOption, OPTIMIZE_FLAGS } from '../optimize-flags.ts';
import { addPassFlags, readPassFlags } from '../pass-flags.ts';
import { progressDisplay } from '../progress-display.ts';
import { readConfig } from '../read-config.ts';
import { processTerminal, type Terminal } from '../terminal.ts';

/** `optimize <model>`: the main job. `finish` is told how it ended. */
export function optimizeCommand(finish: (code: ExitCode) => void): Command {
  const command = new Command('optimize')
    .description('optimize, prune and quantize a model, measure what it cost, and write its artifacts')
    .argument('<model>', 'an ONNX model');
  for (const flag of OPTIMIZE_FLAGS) command.addOption(commanderOption(flag));
  addPassFlags(command, PASSES);
  return command
    .option('--config <file>', 'read options from a JSON file; flags are laid over it')
    .option('--json', 'print the report as JSON on stdout')
    .option('--quiet', 'say nothing but errors')
    .action(async (model: string, values: Record<string, unknown>) => {
      const terminal = processTerminal({ quiet: values.quiet === true });
      const display = progressDisplay(terminal);
      const { report, output, passed } = await optimize(model, readOptions(command, values), display.listen);
      display.close();
      if (values.json === true) terminal.emit(JSON.stringify(report, null, 2));
      tell(terminal, report, output);
      finish(passed ? EXIT.ok : EXIT.gateFailed);
    });
}

/** The options of the config file, with the flags that were given over them. */
function readOptions(command: Command, values: Readonly<Record<string, unknown>>): OptimizeOptions {
  const options: Record<string, unknown> = typeof values.config === 'string' ? readConfig(values.config) : {};
  for (const { key } of OPTIMIZE_FLAGS) if (command.getOptionValueSource(key) === 'cli') options[key] = values[key];
  const passOptions = readPassFlags(values, PASSES);
  if (Object.keys(passOptions).length > 0) {
    options.passOptions = { ...(options.passOptions as Record<string, unknown>), ...passOptions };
  }
  return options as OptimizeOptions;
}

function tell(terminal: Terminal, report: Report, output: string): void {
  terminal.say(`\n${renderTable(report)}`);
  for (const diagnostic of report.diagnostics) {
    if (diagnostic.severity === 'note') continue;
    const { at, hint, notes, ...rest } = diagnostic;
    terminal.diagnostic({
      ...rest,
      ...(at !== undefined && { at }),
      ...(hint !== undefined && { hint }),
      ...(notes !== undefined && { notes }),
    });
  }
  const notes = report.diagnostics.filter(({ severity }) => severity === 'note').length;
  if (notes > 0) terminal.say(`${notes} notes are in report.md`);
  for (const gate of report.gates) terminal.say(`${gate.verdict}: ${gate.name}: ${gate.detail}`);
  terminal.say(`wrote ${output}`);
  for (const name of ['server', 'browser', 'device', 'report.html']) {
    if (report.files.some(({ path }) => path === name || path.startsWith(`${name}/`)) || name === 'report.html')
      terminal.say(`  ${name}`);
  }
  terminal.say(headline(report));
}
