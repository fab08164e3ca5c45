import { expect, it } from 'vitest';
import { IMAGE_SIZE, residualNet, smoothImages } from '../../bench/compile-cost/residual-net.ts';
import { equalBytes } from '../../src/bytes/equal-bytes.ts';
import { tensorFromElements, toFloat32 } from '../../src/ir/tensor.ts';
import { verify } from '../../src/ir/verify.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';

it('makes a valid network of 4 MB that answers with different, finite numbers, the same for the same seed', async () => {
  const model = residualNet(0);
  expect(verify(model.graph)).toEqual([]);
  const bytes = writeModel(model);
  expect(bytes.byteLength).toBeGreaterThan(3.8e6);
  expect(bytes.byteLength).toBeLessThan(4.3e6);
  expect(equalBytes(writeModel(residualNet(0)), bytes)).toBe(true);
  const session = await openOrtSession(bytes);
  const image = tensorFromElements('float32', [1, 3, IMAGE_SIZE, IMAGE_SIZE], toFloat32(smoothImages(1, 0)));
  const [logits] = [...(await session.run(new Map([['image', image]]))).values()];
  await session.close();
  const values = logits !== undefined && 'dtype' in logits ? toFloat32(logits) : new Float32Array();
  expect(values.every(Number.isFinite)).toBe(true);
  expect(new Set(values).size).toBe(100);
  expect(Math.max(...values)).toBeLessThan(1000);
});
