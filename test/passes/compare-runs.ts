import { isFloat } from '../../src/ir/dtype.ts';
import { equalTensors, type Tensor, toNumbers } from '../../src/ir/tensor.ts';
import type { PassEffect } from '../../src/pass/define-pass.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';
import type { OutputValue } from '../../src/runtime/session.ts';

/** Runs a model once in ONNX Runtime, without the runtime's own rewrites. */
export async function runOnce(
  model: string | Uint8Array,
  feed: ReadonlyMap<string, Tensor>,
): Promise<ReadonlyMap<string, OutputValue>> {
  const session = await openOrtSession(model, { optimization: 'disabled' });
  try {
    return await session.run(feed);
  } finally {
    await session.close();
  }
}

/** Largest difference of float outputs relative to the largest magnitude, by effect. */
const TOLERANCE: Readonly<Record<PassEffect, number>> = { exact: 0, reassociates: 1e-5, lossy: 1 };

/** In what way the outputs of two runs differ by more than an effect allows; nothing where they agree. */
export function differences(
  before: ReadonlyMap<string, OutputValue>,
  after: ReadonlyMap<string, OutputValue>,
  effect: PassEffect,
  tolerance = TOLERANCE[effect],
): string[] {
  const found: string[] = [];
  if ([...before.keys()].join() !== [...after.keys()].join()) found.push(`outputs ${[...after.keys()].join()}`);
  for (const [name, expected] of before) {
    const actual = after.get(name);
    if (!('dtype' in expected) || actual === undefined || !('dtype' in actual)) continue;
    const difference = relativeDifference(expected, actual);
    if (effect === 'exact' ? !equalTensors(expected, actual) : !(difference <= tolerance)) {
      found.push(`${name} differs by ${difference} of its largest magnitude`);
    }
  }
  return found;
}

/** The largest difference of two tensors relative to the largest magnitude of the first; infinite where their forms or NaN differ. */
export function relativeDifference(expected: Tensor, actual: Tensor): number {
  if (expected.dtype !== actual.dtype || expected.dims.join() !== actual.dims.join()) return Number.POSITIVE_INFINITY;
  if (!isFloat(expected.dtype)) return equalTensors(expected, actual) ? 0 : Number.POSITIVE_INFINITY;
  const a = toNumbers(expected);
  const b = toNumbers(actual);
  let scale = 0;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], b[i])) {
      if (Number.isFinite(a[i])) scale = Math.max(scale, Math.abs(a[i]!));
      continue;
    }
    if (!Number.isFinite(a[i]) || !Number.isFinite(b[i])) return Number.POSITIVE_INFINITY;
    scale = Math.max(scale, Math.abs(a[i]!));
    largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  }
  return largest === 0 ? 0 : scale === 0 ? Number.POSITIVE_INFINITY : largest / scale;
}
