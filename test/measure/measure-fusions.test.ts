import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseModel } from '../../src/ir/text/parse.ts';
import { type FusionCensus, lostFusions, measureFusions } from '../../src/measure/measure-fusions.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'modelpress-fusions-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const census = (opset: number, text: string): Promise<FusionCensus | null> =>
  measureFusions(parseModel(`<ir_version: 9, opset_import: ["" : ${opset}]>\n${text}`), join(folder, 'work.onnx'));

const WRITTEN_OUT = `g (float[2,4] x) => (float[2,4] y) <float r = {1.41421354}, float one = {1}, float half = {0.5}> {
  a = Div(x, r) b = Erf(a) c = Add(b, one) d = Mul(x, c) y = Mul(d, half) }`;

describe("the count of the runtime's fused operators", () => {
  it('counts what the runtime makes, and what was written by an operator of the standard, under one name', async () => {
    expect(await census(17, WRITTEN_OUT)).toEqual({ operators: { Gelu: 1 }, nodes: 1 });
    expect(await census(20, 'g (float[2,4] x) => (float[2,4] y) { y = Gelu(x) }')).toEqual({
      operators: { Gelu: 1 },
      nodes: 1,
    });
    expect(await census(20, 'g (float[2,4] x) => (float[2,4] y) { y = Gelu <approximate = "tanh"> (x) }')).toEqual({
      operators: { FastGelu: 1 },
      nodes: 1,
    });
  });

  it('looks into nested graphs, and counts no operator that stands for itself alone', async () => {
    const text = `g (float[1,1,4,4] x, bool c) => (float[1,1,4,4] y) <float[1,1,1,1] w = {2}> {
      y = If (c) <then_branch = t () => (float[1,1,4,4] a) { k = Conv(x, w) a = Relu(k) },
                  else_branch = e () => (float[1,1,4,4] b) { b = Neg(x) }> }`;
    expect(await census(17, text)).toEqual({ operators: { FusedConv: 1 }, nodes: 3 });
  });

  it('is null for a model that the runtime does not load', async () => {
    expect(await census(17, 'g (float[2] x) => (float[2] y) { y = NoSuchOperator(x) }')).toBeNull();
  });
});

describe('the loss of fused operators', () => {
  const of = (operators: FusionCensus['operators']): FusionCensus => ({ operators, nodes: 0 });

  it.each<[FusionCensus['operators'], FusionCensus['operators'], FusionCensus['operators']]>([
    [{ FusedConv: 3, Gelu: 1 }, { FusedConv: 1, Gelu: 2 }, { FusedConv: 2 }],
    [{ LayerNormalization: 2 }, { LayerNormalization: 1, SkipLayerNormalization: 1 }, {}],
    [{ SkipLayerNormalization: 1 }, { LayerNormalization: 1 }, { SkipLayerNormalization: 1 }],
    [{ Gelu: 1 }, { BiasGelu: 1 }, {}],
    [{}, { Gelu: 1 }, {}],
  ])('from %j to %j is %j', (before, after, lost) => {
    expect(lostFusions(of(before), of(after))).toEqual(lost);
  });
});
