import { expect, it } from 'vitest';
import { tensorFromNumbers } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';

it('says of a model without tensors for outputs that it cannot return them', async () => {
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 13]> g (float[2,2] x) => (seq(float[2,1]) parts) {
    parts = SplitToSequence <axis: int = 1> (x)
  }`);
  const session = await openOrtSession(writeModel(model));
  try {
    const feed = new Map([['x', tensorFromNumbers('float32', [2, 2], [1, 2, 3, 4])]]);
    await expect(session.run(feed)).rejects.toMatchObject({ code: 'runtime-no-tensor-output' });
  } finally {
    await session.close();
  }
});
