import type { Dataset } from '../../src/data/dataset.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';
import type { SessionOptions } from '../../src/runtime/session.ts';
import { maxRelativeError } from '../../src/validate/metrics/max-deviation.ts';
import { compareOutputs } from '../../src/validate/scoring/compare-outputs.ts';
import { outputContents } from '../../src/validate/scoring/output-content.ts';

/**
 * The largest difference between what two models give on a dataset, over the largest magnitude of the output it is in;
 * infinite where one is missing, misshapen or not finite.
 *
 * @throws ModelpressError where a model does not load or does not run.
 */
export async function compareOutputsOf(
  reference: string,
  candidate: string,
  dataset: Dataset,
  options: Pick<SessionOptions, 'optimization'>,
): Promise<number> {
  const expectedSession = await openOrtSession(reference, options);
  try {
    const actualSession = await openOrtSession(candidate, options);
    try {
      let worst = 0;
      for await (const { feed } of dataset.samples()) {
        const expected = outputContents(await expectedSession.run(feed));
        const actual = outputContents(await actualSession.run(feed));
        for (const [name, content] of expected) {
          const { outcome, failure } = compareOutputs(content, actual.get(name));
          if (failure !== undefined) return Number.POSITIVE_INFINITY;
          const [error = 0, magnitude = 0] = maxRelativeError.record(outcome) as readonly number[];
          if (error > 0) worst = Math.max(worst, error / magnitude);
        }
      }
      return worst;
    } finally {
      await actualSession.close();
    }
  } finally {
    await expectedSession.close();
  }
}
