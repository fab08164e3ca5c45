import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tensorFromElements } from '../../src/ir/tensor.ts';
import { measureLatency } from '../../src/measure/measure-latency.ts';
import { measureMemory } from '../../src/measure/measure-memory.ts';
import { measureSize } from '../../src/measure/measure-size.ts';
import type { Subject } from '../../src/measure/run-worker.ts';
import { seededRandom } from '../../src/random/seeded-random.ts';
import { countingSource } from '../bytes/counting-source.ts';

const path = join(import.meta.dirname, '../../fixtures/models/digits-convnet.onnx');
const feed = new Map([['input', tensorFromElements('float32', [1, 1, 28, 28], new Float32Array(784))]]);
const subject: Subject = { path, feeds: [feed], outputs: ['logits'] };

describe('measuring a model in a process of its own', () => {
  it('times two models in turn', async () => {
    const { subjects, speedups } = await measureLatency([subject, subject], { budgetMs: 100 });
    expect(subjects.map(({ runs }) => runs)).toEqual([subjects[0]!.runs, subjects[0]!.runs]);
    for (const { p50, p95, p99 } of subjects) {
      expect(p50.value).toBeGreaterThan(0);
      expect(p50.low).toBeLessThanOrEqual(p50.value);
      expect(p50.high).toBeGreaterThanOrEqual(p50.value);
      expect(p95.value).toBeGreaterThanOrEqual(p50.value);
      expect(p99.value).toBeGreaterThanOrEqual(p95.value);
    }
    expect(speedups[0]).toEqual({ value: 1, low: 1, high: 1 });
    expect(speedups[1]!.value).toBeGreaterThan(0);
  });

  it('measures memory over what the process held before', async () => {
    const { loaded, peak } = await measureMemory(subject);
    expect(peak).toBeGreaterThanOrEqual(loaded);
    expect(peak).toBeGreaterThan(1_000_000);
  });

  it('says what is wrong when the model does not run', async () => {
    const wrong = {
      ...subject,
      feeds: [new Map([['input', tensorFromElements('float32', [1, 2], new Float32Array(2))]])],
    };
    await expect(measureLatency([wrong])).rejects.toMatchObject({ code: 'measure-failed', at: path });
    await expect(measureMemory({ ...subject, path: `${path}.none` })).rejects.toMatchObject({ code: 'measure-failed' });
  });

  it('adds up sizes, compressed as a server would send them', async () => {
    const bytes = readFileSync(path);
    const once = await measureSize([bytes]);
    const twice = await measureSize([bytes, bytes]);
    expect(once.raw).toBe(bytes.byteLength);
    expect(once.brotli).toBeLessThan(once.raw);
    expect(once.gzip).toBeLessThan(once.raw);
    expect(twice).toEqual({ raw: 2 * once.raw, gzip: 2 * once.gzip, brotli: 2 * once.brotli });
  });

  it('compresses samples of what is too large, reads no more of it, and says so', async () => {
    const random = seededRandom(1);
    const block = Uint8Array.from({ length: 2 ** 20 }, () => random.integer(16));
    // A hundred blocks of the same bytes, which are nowhere held together.
    const { source, counts } = countingSource({
      label: 'large',
      size: 100 * block.byteLength,
      read: (_, length) => block.subarray(0, length),
    });
    const size = await measureSize([source], { sampledFrom: 2 ** 20 });
    expect(size).toMatchObject({ raw: source.size, estimated: true });
    // Once for each of the two compressors.
    expect(counts).toMatchObject({ bytes: 2 * 64 * 2 ** 20, largest: 2 ** 20 });
    // Gzip looks 32 kB back, so that it gains nothing from blocks that repeat.
    const one = await measureSize([block], { sampledFrom: 2 ** 19 });
    expect(one.estimated).toBeUndefined();
    expect(size.gzip / (100 * one.gzip)).toBeCloseTo(1, 1);
  });
});
