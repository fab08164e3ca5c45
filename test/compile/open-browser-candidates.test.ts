import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openBrowserCandidates } from '../../src/compile/open-browser-candidates.ts';
import { parseModel } from '../../src/ir/parse.ts';
import { type Tensor, tensorFromNumbers, toNumbers } from '../../src/ir/tensor.ts';
import { temporaryFolder } from '../cli/temporary-folder.ts';

const HEADER = '<ir_version: 8, opset_import: ["" : 17, "custom" : 1]>';

it('offers what runs in onnxruntime-web, and removes what does not with the reason', async () => {
  const folder = join(temporaryFolder(), 'candidates');
  mkdirSync(folder);
  const candidate = (file: string, body: string) => ({
    file,
    precision: file,
    config: {},
    model: parseModel(`${HEADER} g (float[2] x) => (float[2] y) { ${body} }`),
  });
  const feed = new Map([['x', tensorFromNumbers('float32', [2], [1, -1])]]);
  const { opened, diagnostics } = await openBrowserCandidates(
    folder,
    [
      candidate('model.onnx', 'y = Relu (x)'),
      candidate('model.unknown.onnx', 'y = custom.Nothing (x)'),
      // It loads, and fails on every input.
      candidate('model.failing.onnx', 's = Constant <value_ints = [3]> () y = Reshape (x, s)'),
    ],
    [feed],
    { keepNames: true },
  );
  for (const { session } of opened) await session.close();
  expect(opened.map(({ file }) => file)).toEqual(['model.onnx']);
  expect(toNumbers(opened[0]!.expected[0]!.get('y') as Tensor)).toEqual([1, 0]);
  expect(readdirSync(folder)).toEqual(['model.onnx']);
  expect(diagnostics.map(({ code, at }) => [code, at])).toEqual([
    ['browser-candidate-refused', 'model.unknown.onnx'],
    ['browser-candidate-refused', 'model.failing.onnx'],
  ]);
  expect(diagnostics[0]?.message).toContain('Nothing');
});
