import { afterAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../../src/ir/tensor.ts';
import { openTfjsSession } from '../../../src/runtime/tfjs.ts';
import { TfjsHost } from '../../../src/runtime/tfjs-host.ts';
import { relativeDifference } from '../../passes/compare-runs.ts';
import { HAS_ZOO, ZOO_NOTE } from '../../zoo.ts';
import { NAMED_MODELS, namedCase, TOLERANCE } from './named-models.ts';

describe.skipIf(!HAS_ZOO)(`models of the zoo in TensorFlow.js${ZOO_NOTE}`, () => {
  const host = new TfjsHost();
  afterAll(() => host.close());

  it.each(NAMED_MODELS)('%s equals ONNX Runtime in its wasm backend', async (name) => {
    const { feed, expected, built } = await namedCase(name);
    const session = await openTfjsSession(built.files, { host, backend: 'wasm' });
    const found = await session.run(feed);
    await session.close();
    expect(session.backend).toBe('wasm');
    for (const [port, tensor] of expected) {
      expect(relativeDifference(tensor, found.get(port) as Tensor), port).toBeLessThan(TOLERANCE);
    }
  });
});
