import { type DiffOptions, diffFiles } from '../../inspect/diff/diff-files.ts';
import { renderDiffText } from '../../inspect/diff/render-diff-text.ts';
import type { CommandSpec } from '../define-command.ts';
import { EXIT } from '../exit-code.ts';
import { optimizeFlag } from '../optimize-flags.ts';

/** `diff <a> <b>`: what is not the same in two models. Status 1 where they differ, as other programs of the name have it. */
export const diffCommand: CommandSpec = {
  name: 'diff',
  description: 'compare two models: interface, operators, nodes, weights, and what they answer to the same inputs',
  operands: [
    ['<a>', 'an ONNX model'],
    ['<b>', 'another'],
  ],
  flags: [
    { key: 'data', flags: '--data <data>', help: 'inputs to run both on (default: made up from the seed)' },
    { key: 'run', flags: '--no-run', help: 'compare the files alone' },
    optimizeFlag('seed'),
  ],
  async run({ operands: [a = '', b = ''], given, terminal }) {
    terminal.status(`comparing ${a} with ${b}`);
    const diff = await diffFiles(a, b, given as DiffOptions);
    terminal.status(undefined);
    return { value: diff, text: renderDiffText(diff), code: diff.same ? EXIT.ok : EXIT.gateFailed };
  },
};
