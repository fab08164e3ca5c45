import { afterAll, describe, expect, it } from 'vitest';
import { type Tensor, toNumbers } from '../../../../src/ir/tensor.ts';
import { parseModel } from '../../../../src/ir/text/parse.ts';
import { writeModel } from '../../../../src/onnx/write-model.ts';
import { openLiteRtSession } from '../../../../src/runtime/litert.ts';
import { LiteRtHost } from '../../../../src/runtime/litert-host.ts';
import { lowerToTflite } from '../../../../src/targets/device/lower-to-tflite.ts';
import type { TfGraph } from '../../../../src/targets/device/tflite/tf-graph.ts';
import { runOnce } from '../../../passes/compare-runs.ts';
import { randomFeed } from '../random-feed.ts';
import { PRODUCT_CASES, QUANTIZED_CASES } from './quantized-cases.ts';

const host = new LiteRtHost();
afterAll(() => host.close());

function lowered(text: string, integers = true) {
  const lowering = lowerToTflite(parseModel(text), { integers });
  if (lowering.kind === 'refused') throw new Error(lowering.report.refused.map((each) => each.message).join('; '));
  return lowering;
}

/** Results in ONNX Runtime and in LiteRT. */
async function bothRuns(text: string, bytes: Uint8Array): Promise<readonly (readonly [number[], number[]])[]> {
  const model = parseModel(text);
  const feed = randomFeed(model, 11);
  const expected = await runOnce(writeModel(model), feed);
  const session = await openLiteRtSession(bytes, { host });
  const found = await session.run(feed);
  await session.close();
  return [...expected].map(([name, tensor]) => [toNumbers(tensor as Tensor), toNumbers(found.get(name) as Tensor)]);
}

const MOVES = new Set(['QUANTIZE', 'RESHAPE', 'TRANSPOSE']);

/** Operators whose result is int8, without those that only convert or move. */
function integerOperators({ operators }: TfGraph): string {
  const found = operators.filter(({ name, outputs }) => outputs[0]?.type === 'int8' && !MOVES.has(name));
  return found.map(({ name }) => name).join(' ');
}

describe('a quantized model on the device', () => {
  it.each(QUANTIZED_CASES)('$name', async ({ text, integers, steps }) => {
    const { bytes, graph } = lowered(text);
    expect(integerOperators(graph)).toBe(integers);
    for (const [expected, found] of await bothRuns(text, bytes)) {
      expect(expected.length).toBe(found.length);
      const step = Math.min(...expected.map(Math.abs).filter((value) => value > 0));
      expect(worst(expected, found)).toBeLessThan((steps + 0.01) * step);
    }
  });

  it.each(QUANTIZED_CASES)('$name, in floats between the same roundings', async ({ text }) => {
    const { bytes, graph } = lowered(text, false);
    expect(integerOperators(graph)).toBe('');
    for (const [expected, found] of await bothRuns(text, bytes)) {
      const step = Math.min(...expected.map(Math.abs).filter((value) => value > 0));
      expect(worst(expected, found)).toBeLessThan(1.01 * step);
    }
  });

  it.each(PRODUCT_CASES)('$name gives the same numbers', async ({ text }) => {
    for (const [expected, found] of await bothRuns(text, lowered(text).bytes)) {
      const peak = Math.max(...expected.map(Math.abs));
      expect(worst(expected, found)).toBeLessThanOrEqual(Number.isInteger(expected[0]) ? 0 : 1e-6 * peak);
    }
  });

  it('looks rows up in a table of integers before they become floats', async () => {
    const text = `<ir_version: 8, opset_import: ["" : 17]> net (float[3,4] x) => (float[3,2] y)
      <int8[4,2] t = {1,-2, 3,4, -5,6, 7,-8}, float s = {0.1}, int8 z = {1}> {
        i = ArgMax <axis = 1, keepdims = 0>(x)  g = Gather(t, i)  y = DequantizeLinear(g, s, z)
      }`;
    const { bytes, graph } = lowered(text);
    expect(graph.operators.find(({ name }) => name === 'GATHER')?.inputs[0]).toMatchObject({ type: 'int8' });
    for (const [expected, found] of await bothRuns(text, bytes)) expect(worst(expected, found)).toBeLessThan(1e-6);
  });

  it('keeps weights in the bytes of the model', () => {
    const { text } = QUANTIZED_CASES[0]!;
    const layers = lowered(text).graph.operators.filter(({ name }) => name === 'CONV_2D');
    expect(layers[0]?.inputs[1]).toMatchObject({ type: 'int8', quantization: { axis: 0 } });
    expect(layers[0]?.inputs[1]?.quantization?.scales).toHaveLength(6);
    expect(layers[0]?.inputs[2]).toMatchObject({ type: 'int32' });
  });
});

function worst(a: readonly number[], b: readonly number[]): number {
  return a.reduce((largest, value, k) => Math.max(largest, Math.abs(value - b[k]!)), 0);
}
