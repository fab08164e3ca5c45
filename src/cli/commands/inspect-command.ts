import { writeFileAtomically } from '../../files/write-file-atomically.ts';
import { type InspectFileOptions, inspectFile } from '../../inspect/inspect-file.ts';
import { renderInspectionHtml } from '../../inspect/render-inspection-html.ts';
import { renderInspectionText } from '../../inspect/render-inspection-text.ts';
import type { CommandSpec } from '../define-command.ts';
import { EXIT } from '../exit-code.ts';
import { shapes, sizes, values } from '../flag.ts';

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
      key: 'fixShape',
      flags: '--fix-shape <input=sizes>',
      parse: shapes,
      help: 'describe the model with this shape of an input, as in image=1,3,224,224; may be said several times',
    },
    {
      key: 'fixValue',
      flags: '--fix-value <input=numbers>',
      parse: values,
      help: 'describe the model with an input as a constant, as in sr=16000; may be said several times',
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
    const { html, target, ...sizesAndValues } = given as Omit<InspectFileOptions, 'device'> & {
      html?: string;
      target?: 'device';
    };
    const inspection = await inspectFile(model, { ...sizesAndValues, device: target === 'device' });
    terminal.status(undefined);
    if (html !== undefined) {
      writeFileAtomically(html, [new TextEncoder().encode(renderInspectionHtml(inspection))]);
      terminal.say(`wrote ${html}`);
    }
    return { value: inspection, text: renderInspectionText(inspection), code: EXIT.ok };
  },
};
