import { afterAll, describe, expect, it } from 'vitest';
import { elements, tensorFromNumbers, toNumbers } from '../../src/ir/tensor.ts';
import { openLiteRtSession } from '../../src/runtime/litert.ts';
import { withFloatPorts } from '../../src/runtime/litert-float-ports.ts';
import { LiteRtHost } from '../../src/runtime/litert-host.ts';
import type { TfGraph, TfOperator, TfTensor } from '../../src/targets/device/tflite/tf-graph.ts';
import { writeTflite } from '../../src/targets/device/tflite/write-tflite.ts';
import { failureOf } from '../data/failure-of.ts';

function tensor(name: string, shape: readonly number[], more: Partial<TfTensor> = {}): TfTensor {
  return { name, type: 'float32', shape, data: undefined, quantization: undefined, ...more };
}

function unaryGraph(name: TfOperator['name'], input: TfTensor, output: TfTensor): TfGraph {
  return {
    name: 'unary',
    inputs: [{ name: 'the input', tensor: input }],
    outputs: [{ name: 'the output', tensor: output }],
    operators: [{ name, inputs: [input], outputs: [output], options: {} }],
  };
}

const negation = (): Uint8Array =>
  writeTflite(unaryGraph('NEG', tensor('a', [2, 3]), tensor('b', [2, 3])), { description: '' });

const SIX = tensorFromNumbers('float32', [2, 3], [1, -2, 3, -4, 5, -6]);

describe('a LiteRT session', () => {
  const host = new LiteRtHost();
  afterAll(() => host.close());

  it('names its ports as the signature does, and runs', async () => {
    const session = await openLiteRtSession(negation(), { host });
    expect(session.inputs).toEqual([{ name: 'the input', dtype: 'float32', dims: [2, 3] }]);
    expect(session.outputs).toEqual([{ name: 'the output', dtype: 'float32', dims: [2, 3] }]);
    const results = await session.run(new Map([['the input', SIX]]));
    expect(toNumbers(results.get('the output') as typeof SIX)).toEqual([-1, 2, -3, 4, -5, 6]);
    expect(await session.time(new Map([['the input', SIX]]), 3)).toHaveLength(3);
    await session.close();
    expect((await failureOf(() => session.run(new Map([['the input', SIX]])))).code).toBe('runtime-closed');
  });

  it('takes and gives quantized integers, and floats for them on demand', async () => {
    const quantization = { scales: [0.5], zeroPoints: [-3], axis: 0 };
    const input = tensor('a', [4], { type: 'int8', quantization });
    const output = tensor('b', [2, 2], { type: 'int8', quantization });
    const shape = tensor('shape', [2], { type: 'int32', data: new Uint8Array(Int32Array.of(2, 2).buffer) });
    const graph = unaryGraph('RESHAPE', input, output);
    const operators = graph.operators.map((operator) => ({ ...operator, inputs: [input, shape] }));
    const bytes = writeTflite({ ...graph, operators }, { description: '' });
    const session = await openLiteRtSession(bytes, { host });
    const integers = tensorFromNumbers('int8', [4], [-128, -3, 0, 127]);
    const results = await session.run(new Map([['the input', integers]]));
    expect([...elements(results.get('the output') as typeof SIX)]).toEqual([-128, -3, 0, 127]);
    const params = { scale: 0.5, zeroPoint: -3 };
    const float = withFloatPorts(
      session,
      new Map([
        ['the input', params],
        ['the output', params],
      ]),
    );
    const given = tensorFromNumbers('float32', [4], [-1000, 0, 1.2, 60]);
    const found = await float.run(new Map([['the input', given]]));
    expect(toNumbers(found.get('the output') as typeof SIX)).toEqual([-62.5, 0, 1, 60]);
    await session.close();
  });

  it('refuses a tensor of another type or size before the runtime reads it', async () => {
    const session = await openLiteRtSession(negation(), { host });
    for (const wrong of [
      tensorFromNumbers('int32', [2, 3], [1, 2, 3, 4, 5, 6]),
      tensorFromNumbers('float32', [2], [1, 2]),
    ]) {
      expect((await failureOf(() => session.run(new Map([['the input', wrong]])))).code).toBe('runtime-run-failed');
    }
    expect((await failureOf(() => session.run(new Map()))).code).toBe('runtime-run-failed');
    await session.close();
  });

  it('takes an error line of the runtime for a failure, although nothing is thrown', async () => {
    const wide = { type: 'uint32' } as const;
    const bytes = writeTflite(unaryGraph('NEG', tensor('a', [2], wide), tensor('b', [2], wide)), { description: '' });
    const failure = await failureOf(async () => {
      const session = await openLiteRtSession(bytes, { host });
      await session.run(new Map([['the input', tensorFromNumbers('uint32', [2], [1, 2])]]));
    });
    expect(failure.code).toMatch(/^runtime-(load|run)-failed$/);
    expect(failure.message).toContain('ERROR');
  });

  it('refuses bytes that are no model', async () => {
    const failure = await failureOf(() => openLiteRtSession(new Uint8Array(64), { host }));
    expect(failure.code).toBe('runtime-load-failed');
  });

  it('runs several models in one host, and a new one after the host has lost its thread', async () => {
    const first = await openLiteRtSession(negation(), { host });
    const second = await openLiteRtSession(negation(), { host });
    await first.close();
    const results = await second.run(new Map([['the input', SIX]]));
    expect(results.size).toBe(1);
    await host.close();
    expect((await failureOf(() => second.run(new Map([['the input', SIX]])))).code).toBe('runtime-run-failed');
    const third = await openLiteRtSession(negation(), { host });
    expect((await third.run(new Map([['the input', SIX]]))).size).toBe(1);
  });

  it('ends a request that takes too long', async () => {
    const failure = await failureOf(() => openLiteRtSession(negation(), { timeoutMs: 1 }));
    expect(failure.code).toBe('runtime-load-failed');
    expect(failure.message).toContain('longer than');
  });
});
