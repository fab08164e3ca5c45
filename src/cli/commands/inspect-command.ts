import { writeFileAtomically } from '../../files/write-file-atomically.ts';
import { inspectFile } from '../../inspect/inspect-file.ts';
import { renderInspectionHtml } from '../../inspect/render-inspection-html.ts';
import { renderInspectionText } from '../../inspect/render-inspection-text.ts';
import type { CommandSpec } from '../define-command.ts';
import { EXIT } from '../exit-code.ts';
import { sizes } from '../flag.ts';

/** `inspect <model>`: what can be told of a model without running it. */
export const inspectCommand: CommandSpec = {
  name: 'inspect',
  description: 'describe a model: operators, interface, cost, memory, what int8 would do, what looks suspicious',
  operands: [['<model>', 'an ONNX model']],
  flags: [
    {
      key: 'bind',
      flags: '--bind <sizes>',
      parse: sizes,
      help: 'sizes of dynamic dimensions, as N=1,seq=128 (default: 1)',
    },
    {
      key: 'target',
      flags: '--target <name>',
      choices: ['device'],
      help: 'say too what of it has a form on this target, and what stands in the way',
    },
    { key: 'html', flags: '--html <file>', help: 'write the description as an HTML page with charts too' },
  ],
  async run({ operands: [model = ''], given, terminal }) {
    terminal.status(`reading ${model}`);
    const { bind, html, target } = given as {
      bind?: Readonly<Record<string, number>>;
      html?: string;
      target?: 'device';
    };
    const inspection = await inspectFile(model, {
      ...(bind !== undefined && { bind }),
      device: target === 'device',
    });
    terminal.status(undefined);
    if (html !== undefined) {
      writeFileAtomically(html, [new TextEncoder().encode(renderInspectionHtml(inspection))]);
      terminal.say(`wrote ${html}`);
    }
    return { value: inspection, text: renderInspectionText(inspection), code: EXIT.ok };
  },
};
