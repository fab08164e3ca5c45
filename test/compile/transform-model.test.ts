import { join } from 'node:path';
import { expect, it } from 'vitest';
import { StageClock } from '../../src/compile/events.ts';
import { type OptimizeOptions, resolveOptions } from '../../src/compile/optimize-options.ts';
import { prepareData } from '../../src/compile/prepare-data.ts';
import { transformModel } from '../../src/compile/transform-model.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { saveModelFile } from '../../src/files/save-model-file.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';
import { temporaryFolder } from '../cli/temporary-folder.ts';

const folder = temporaryFolder();

const weights = (count: number, scale: number): string =>
  Array.from({ length: count }, (_, i) => (scale * Math.sin(1 + 3 * i)).toFixed(6)).join(', ');

/** Two branches that do the same to one value, the second with weights a thousandth as large. */
const BRANCHES = `<ir_version: 8, opset_import: ["" : 17]>
g (float[1,8,16] x) => (float[1,2,8,8] y, float[1,2,8,8] z)
<float[16,16] a = {${weights(256, 1)}}, float[16,16] b = {${weights(256, 0.001)}}, int64[4] h = {0, 0, 2, 8}> {
  p = MatMul (x, a) ph = Reshape (p, h) y = Transpose <perm = [0, 2, 1, 3]> (ph)
  q = MatMul (x, b) qh = Reshape (q, h) z = Transpose <perm = [0, 2, 1, 3]> (qh)
}`;

async function operators(options: OptimizeOptions): Promise<readonly string[]> {
  const path = join(folder, 'branches.onnx');
  await saveModelFile(parseModel(BRANCHES), path);
  const resolved = resolveOptions(options);
  const session = await openOrtSession(path);
  try {
    const data = await prepareData(session, resolved);
    const context = { clock: new StageClock(() => {}), workFile: join(folder, 'check.onnx'), partSource: undefined };
    const { cleaned } = await transformModel(await openModelFile(path), path, data, resolved, context);
    return [...cleaned.graph.nodes()].map(({ op }) => op).sort();
  } finally {
    await session.close();
  }
}

it('joins branches of one operand, but not where they would have to share one scale', async () => {
  expect(await operators({ quantize: 'none' })).toEqual(['MatMul', 'Reshape', 'Split', 'Transpose']);
  const apart = ['MatMul', 'MatMul', 'Reshape', 'Reshape', 'Transpose', 'Transpose'];
  expect(await operators({ quantize: 'int8' })).toEqual(apart);
});
