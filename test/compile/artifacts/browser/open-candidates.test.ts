import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { givenForm } from '../../../../src/compile/artifacts/browser/onnx-forms.ts';
import { openCandidates } from '../../../../src/compile/artifacts/browser/open-candidates.ts';
import { type Tensor, tensorFromNumbers, toNumbers } from '../../../../src/ir/tensor.ts';
import { parseModel } from '../../../../src/ir/text/parse.ts';
import { temporaryFolder } from '../../../cli/temporary-folder.ts';

const HEADER = '<ir_version: 8, opset_import: ["" : 17, "custom" : 1]>';

it('offers what runs and agrees, and removes what does not with the reason', async () => {
  const folder = join(temporaryFolder(), 'candidates');
  mkdirSync(folder);
  const form = (precision: string, body: string) => ({
    ...givenForm(parseModel(`${HEADER} g (float[2] x) => (float[2] y) { ${body} }`)),
    precision,
    agreesTo: 1e-4,
  });
  const feed = new Map([['x', tensorFromNumbers('float32', [2], [1, -1])]]);
  const answer = new Map([['y', tensorFromNumbers('float32', [2], [1, 0])]]);
  const { opened, diagnostics } = await openCandidates(
    folder,
    [
      form('unknown', 'y = custom.Nothing (x)'),
      // It loads, and fails on every input.
      form('failing', 's = Constant <value_ints = [3]> () y = Reshape (x, s)'),
      // All lie in one file here: the last to be tried is the one before the last.
      form('right', 'y = Relu (x)'),
      form('wrong', 'y = Abs (x)'),
    ],
    [feed],
    [answer],
  );
  for (const { session } of opened) await session.close();
  expect(opened.map((one) => one.form.precision)).toEqual(['right']);
  expect(toNumbers(opened[0]!.expected[0]!.get('y') as Tensor)).toEqual([1, 0]);
  expect(readdirSync(folder)).toEqual(['model.onnx']);
  expect(diagnostics.map(({ code, at }) => [code, at])).toEqual([
    ['browser-candidate-refused', 'unknown in onnxruntime-web'],
    ['browser-candidate-refused', 'wrong in onnxruntime-web'],
    ['browser-candidate-refused', 'failing in onnxruntime-web'],
  ]);
  expect(diagnostics[0]?.message).toContain('Nothing');
  expect(diagnostics[1]?.message).toContain('differs by');
});

it('tries no other form once as many run as there may be, and says so', async () => {
  const folder = join(temporaryFolder(), 'cut');
  mkdirSync(folder);
  const form = (precision: string, body: string) => ({
    ...givenForm(parseModel(`${HEADER} g (float[2] x) => (float[2] y) { ${body} }`)),
    precision,
  });
  const feed = new Map([['x', tensorFromNumbers('float32', [2], [1, -1])]]);
  const forms = [
    form('broken', 'y = custom.Nothing (x)'),
    form('last', 'y = Neg (x)'),
    form('between', 'y = Relu (x)'),
  ];
  const { opened, diagnostics } = await openCandidates(folder, forms, [feed], [], 1);
  for (const { session } of opened) await session.close();
  expect(opened.map((one) => one.form.precision)).toEqual(['between']);
  expect(diagnostics.map(({ code }) => code)).toEqual(['browser-candidate-refused', 'browser-forms-cut']);
  expect(diagnostics[1]?.message).toContain('last in onnxruntime-web');
});
