import { afterAll, describe, expect, it } from 'vitest';
import { parseModel } from '../../../src/ir/parse.ts';
import type { Tensor } from '../../../src/ir/tensor.ts';
import { writeModel } from '../../../src/onnx/write-model.ts';
import { openTfjsSession } from '../../../src/runtime/tfjs.ts';
import { TfjsHost } from '../../../src/runtime/tfjs-host.ts';
import { buildTfjsModel, type TfjsModel, type TfjsModelOptions } from '../../../src/targets/tfjs/build-tfjs-model.ts';
import { relativeDifference, runOnce } from '../../passes/compare-runs.ts';
import { LOWERED_CASES } from '../device/lowered-cases.ts';
import { randomFeed } from '../device/random-feed.ts';

/** Relative to the largest magnitude. */
const TOLERANCE = 5e-5;
/** A tangent beside its pole magnifies the last bit of a cosine. */
const TOLERANCES: Readonly<Record<string, number>> = { Tan: 3e-4 };

const host = new TfjsHost();
afterAll(() => host.close());

function built(text: string, options?: TfjsModelOptions): TfjsModel & { kind: 'built' } {
  const model = buildTfjsModel(parseModel(text), options);
  if (model.kind === 'refused') throw new Error(model.refused.map((each) => each.message).join('; '));
  return model;
}

describe('a TensorFlow.js model computes in wasm what its source does in ONNX Runtime', () => {
  it.each(LOWERED_CASES)('$name', async ({ name: title, text }) => {
    const model = parseModel(text);
    const feed = randomFeed(model, 7);
    const expected = await runOnce(writeModel(model), feed);
    const session = await openTfjsSession(built(text).files, { host, backend: 'wasm' });
    const found = await session.run(feed);
    await session.close();
    expect(session.backend).toBe('wasm');
    expect([...found.keys()]).toEqual([...expected.keys()]);
    for (const [name, tensor] of expected) {
      expect(relativeDifference(tensor as Tensor, found.get(name) as Tensor), name).toBeLessThan(
        TOLERANCES[title] ?? TOLERANCE,
      );
    }
  });
});
