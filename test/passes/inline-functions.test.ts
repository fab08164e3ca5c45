import { describe, expect, it } from 'vitest';
import { inlineFunctions } from '../../passes/inline-functions.ts';
import { differenceOfModels } from '../../src/ir/equal-models.ts';
import type { Model } from '../../src/ir/model.ts';
import { type Tensor, tensorFromNumbers, toNumbers } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { verify } from '../../src/ir/verify.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import type { RawOptionValues } from '../../src/pass/pass-option.ts';
import { step } from '../../src/pass/pipeline.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';

const HEAD = '<ir_version: 8, opset_import: ["" : 17, "local" : 1]>';

function inlined(model: Model, options: RawOptionValues = {}): Readonly<Record<string, number>> {
  const { records } = runPipeline(model, [step('inline-functions', options)], { passes: [inlineFunctions] });
  expect(verify(model)).toEqual([]);
  return records[0]!.counts;
}

async function answer(model: Model): Promise<number[]> {
  const session = await openOrtSession(writeModel(model), { optimization: 'disabled' });
  try {
    const feed = new Map([['x', tensorFromNumbers('float32', [3], [-1, 0.5, 2])]]);
    return toNumbers((await session.run(feed)).get('y') as Tensor);
  } finally {
    await session.close();
  }
}

const MODEL = `${HEAD} g (float[3] x) => (float[3] y) { h = local.scaled <factor = 2.0> (x)  y = local.twice(h) }
  <domain: "local", opset_import: ["" : 17]> scaled <factor> (a) => (b) { c = Constant <value_float: float = @factor> ()  b = Mul(a, c) }
  <domain: "local", opset_import: ["" : 17, "local" : 1]> twice (a) => (b) { c = local.once(a)  b = local.once(c) }
  <domain: "local", opset_import: ["" : 17]> once (a) => (b) { n = Neg(a)  b = Exp(n) }`;

describe('inline-functions', () => {
  it('puts bodies in the place of calls, calls within bodies and attributes of calls included', async () => {
    const model = parseModel(MODEL);
    const before = await answer(model);
    expect(inlined(model)).toEqual({ 'calls inlined': 4 });
    expect([...model.graph.nodes()].map(({ op }) => op)).toEqual(['Constant', 'Mul', 'Neg', 'Exp', 'Neg', 'Exp']);
    expect(await answer(model)).toEqual(before);
  });

  it('changes nothing the second time', () => {
    const model = parseModel(MODEL);
    inlined(model);
    const { version } = model.graph;
    expect(inlined(model)).toEqual({});
    expect(model.graph.version).toBe(version);
  });

  it('leaves the functions themselves as they were', () => {
    const model = parseModel(MODEL);
    const untouched = parseModel(MODEL);
    inlined(model);
    model.graph = untouched.graph;
    expect(differenceOfModels(model, untouched)).toBeUndefined();
  });

  it('keeps a call of a function that follows another opset', () => {
    const model = parseModel(`${HEAD} g (float[3] x) => (float[3] y) { y = local.f(x) }
      <domain: "local", opset_import: ["" : 12]> f (a) => (b) { b = Neg(a) }`);
    expect(inlined(model)).toEqual({ 'kept: it follows another opset': 1 });
    expect([...model.graph.nodes()].map(({ op }) => op)).toEqual(['f']);
  });

  it('keeps a call that leaves an attribute out that has no default', () => {
    const model = parseModel(`${HEAD} g (float[3] x) => (float[3] y) { y = local.f(x) }
      <domain: "local", opset_import: ["" : 17]> f <alpha> (a) => (b) { b = Elu <alpha: float = @alpha> (a) }`);
    expect(inlined(model)).toEqual({ 'kept: an attribute is left out': 1 });
  });

  it('keeps a call with more results than its function gives, as damaged files have', () => {
    const model = parseModel(`${HEAD} g (float[3] x) => (float[3] y, float[3] z) { y, z = local.f(x) }
      <domain: "local", opset_import: ["" : 17]> f (a) => (b) { b = Neg(a) }`);
    expect(inlined(model)).toEqual({ 'kept: it has more results than the function': 1 });
  });

  it('ends where functions would make more nodes than the budget', () => {
    const levels = Array.from(
      { length: 30 },
      (_, i) =>
        `<domain: "local", opset_import: ["" : 17, "local" : 1]> f${i + 1} (a) => (b) { c = local.f${i}(a)  b = local.f${i}(c) }`,
    );
    const model = parseModel(`${HEAD} g (float[3] x) => (float[3] y) { y = local.f30(x) }
      <domain: "local", opset_import: ["" : 17]> f0 (a) => (b) { b = Neg(a) } ${levels.join('\n')}`);
    expect(inlined(model, { maxNodes: 100 })).toMatchObject({ 'kept: over budget': 1 });
  });
});
