import { PASSES } from '../../../passes/index.ts';
import { optimize } from '../../compile/optimize.ts';
import type { OptimizeOptions } from '../../compile/optimize-options.ts';
import { TARGET_NAMES } from '../../compile/optimize-options.ts';
import { counted } from '../../diagnostics/counted.ts';
import { fusionLine } from '../../report/fusion-table.ts';
import { headline } from '../../report/headline.ts';
import { renderTable } from '../../report/render-terminal.ts';
import type { Report } from '../../report/report-schema.ts';
import type { CommandSpec } from '../define-command.ts';
import { EXIT } from '../exit-code.ts';
import { OPTIMIZE_FLAGS } from '../optimize-flags.ts';
import { addPassFlags, readPassFlags } from '../pass-flags.ts';
import { progressDisplay } from '../progress-display.ts';
import { readConfig } from '../read-config.ts';
import { stopOnInterrupt } from '../stop-on-interrupt.ts';
import type { Terminal } from '../terminal.ts';

/** `optimize <model>`: the main job. Its result lies in the folder that it writes. */
export const optimizeCommand: CommandSpec = {
  name: 'optimize',
  description: 'optimize, prune and quantize a model, measure what it cost, and write its artifacts',
  operands: [['<model>', 'an ONNX model']],
  flags: [
    ...OPTIMIZE_FLAGS,
    { key: 'config', flags: '--config <file>', help: 'read options from a JSON file; flags are laid over it' },
  ],
  extend: (command) => addPassFlags(command, PASSES),
  async run({ operands: [model = ''], given, terminal }) {
    const { report, output, passed } = await stopOnInterrupt((stop) =>
      optimize(model, readOptions(given), progressDisplay(terminal), stop),
    );
    terminal.status(undefined);
    tell(terminal, report, output);
    return { value: report, code: passed ? EXIT.ok : EXIT.gateFailed };
  },
};

/** The options of the config file, with the flags that were given over them. */
function readOptions(given: Readonly<Record<string, unknown>>): OptimizeOptions {
  const options: Record<string, unknown> = typeof given.config === 'string' ? readConfig(given.config) : {};
  for (const { key } of OPTIMIZE_FLAGS) if (given[key] !== undefined) options[key] = given[key];
  const passOptions = readPassFlags(given, PASSES);
  if (Object.keys(passOptions).length > 0) {
    options.passOptions = { ...(options.passOptions as Record<string, unknown>), ...passOptions };
  }
  return options as OptimizeOptions;
}

function tell(terminal: Terminal, report: Report, output: string): void {
  terminal.say(`\n${renderTable(report)}`);
  const fusions = fusionLine(report);
  if (fusions !== undefined) terminal.say(fusions);
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
  if (notes > 0) terminal.say(`${counted(notes, 'note')} in report.md`);
  for (const gate of report.gates) terminal.say(`${gate.verdict}: ${gate.name}: ${gate.detail}`);
  terminal.say(`wrote ${output}`);
  for (const name of [...TARGET_NAMES, 'report.html']) {
    if (report.files.some(({ path }) => path.startsWith(`${name}/`)) || name === 'report.html')
      terminal.say(`  ${name}`);
  }
  terminal.say(headline(report));
}
