import { ModelpressError } from '../../../diagnostics/modelpress-error.ts';
import { isFloat } from '../../../ir/dtype.ts';
import { elements, type Tensor, toNumbers } from '../../../ir/tensor.ts';
import { type LiteRtOptions, openLiteRtSession } from '../../../runtime/litert.ts';
import { withFloatPorts } from '../../../runtime/litert-float-ports.ts';
import { portQuantization } from '../tflite/port-quantization.ts';
import type { TfGraph } from '../tflite/tf-graph.ts';
import type { SampleFeed } from './observe-graph.ts';

/** The outputs of a model on some samples. */
export type SampleOutputs = readonly ReadonlyMap<string, Tensor>[];

/** Runs a .tflite model on samples in LiteRT; integers at its borders are taken and given as the floats they stand for. */
export async function runSamples(
  graph: TfGraph,
  bytes: Uint8Array,
  samples: readonly SampleFeed[],
  options: LiteRtOptions,
): Promise<SampleOutputs> {
  const session = withFloatPorts(await openLiteRtSession(bytes, options), portQuantization(graph));
  try {
    const results: ReadonlyMap<string, Tensor>[] = [];
    for (const feed of samples) results.push((await session.run(feed)) as ReadonlyMap<string, Tensor>);
    return results;
  } finally {
    await session.close();
  }
}

/** Whether LiteRT refused a model, or failed or hung while it ran. */
export function isRuntimeFailure(error: unknown): error is ModelpressError {
  return error instanceof ModelpressError && /^runtime-(load|run)-failed$/.test(error.code);
}

/**
 * The signal-to-quantization-noise ratio of the worst output in decibels, 10 log10(sum of squares / sum of squared
 * differences) over all samples; infinite where nothing differs, and minus infinity where a difference is not finite.
 */
export function worstSqnr(reference: SampleOutputs, outputs: SampleOutputs): number {
  let worst = Number.POSITIVE_INFINITY;
  for (const name of reference[0]?.keys() ?? []) {
    let signal = 0;
    let noise = 0;
    for (const [k, sample] of reference.entries()) {
      const expected = numbersOf(sample.get(name)!);
      const found = numbersOf(outputs[k]!.get(name)!);
      for (let i = 0; i < expected.length; i++) {
        signal += expected[i]! ** 2;
        noise += expected[i] === found[i] ? 0 : (expected[i]! - found[i]!) ** 2;
      }
    }
    const ratio = noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
    worst = Math.min(worst, Number.isNaN(ratio) ? Number.NEGATIVE_INFINITY : ratio);
  }
  return worst;
}

function numbersOf(tensor: Tensor): ArrayLike<number> {
  return isFloat(tensor.dtype) && tensor.dtype === 'float32' ? (elements(tensor) as Float32Array) : toNumbers(tensor);
}
