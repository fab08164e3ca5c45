import { describe, expect, it } from 'vitest';
import { convertOpsetAsNeeded } from '../../passes/convert-opset-as-needed.ts';
import { PASSES } from '../../passes/index.ts';
import { atOpset, CLEAN } from '../../src/compile/presets.ts';
import { type Model, opsetOf } from '../../src/ir/model.ts';
import { tensorFromNumbers } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import type { RawOptionValues } from '../../src/pass/pass-option.ts';
import { step } from '../../src/pass/pipeline.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';
import { opsOf } from '../rewrite/graph-of.ts';
import { differences, runOnce } from './compare-runs.ts';

const CONSTANTS = `float two = {2}, float eps = {1e-5}, float root = {1.4142135}, float one = {1}, float half = {0.5},
  float[4] w = {1, 2, 3, 4}, float[4] b = {4, 3, 2, 1}`;

/** Parts of a transformer as exporters of opset 11 write them: each takes `x` and gives a result of its own. */
const NORM = `m = ReduceMean <axes = [-1]> (x) d = Sub (x, m) q = Pow (d, two) v = ReduceMean <axes = [-1]> (q)
  e = Add (v, eps) s = Sqrt (e) r = Div (d, s) k = Mul (r, w) n = Add (k, b)`;
const RMS = `q2 = Pow (x, two) m2 = ReduceMean <axes = [-1]> (q2) e2 = Add (m2, eps) s2 = Sqrt (e2) r2 = Div (x, s2) f = Mul (r2, w)`;
const GELU = `g1 = Div (x, root) g2 = Erf (g1) g3 = Add (g2, one) g4 = Mul (x, g3) g = Mul (g4, half)`;

function model(body: string, outputs: string, opset = 11): Model {
  const results = outputs.split(', ').map((name) => `float[2,3,4] ${name}`);
  return parseModel(
    `<ir_version: 6, opset_import: ["" : ${opset}]> g (float[2,3,4] x) => (${results.join(', ')}) <${CONSTANTS}> { ${body} }`,
  );
}

function run(subject: Model, options: RawOptionValues = {}) {
  const steps = [step('infer-shapes'), step(convertOpsetAsNeeded.name, options)];
  const { diagnostics, records } = runPipeline(subject, steps, { passes: PASSES });
  return { found: diagnostics.map(({ code, severity }) => `${severity} ${code}`), changed: records[1]?.changed };
}

describe('convert-opset-as-needed', () => {
  it.each([
    ['layer normalization', NORM, 'n', 17],
    ['GELU', GELU, 'g', 20],
    ['both', NORM + GELU, 'n, g', 20],
    ['root mean square normalization', RMS, 'f', 23],
  ])('raises the opset for %s and no further', (_, body, outputs, opset) => {
    const subject = model(body, outputs);
    expect(run(subject).found).toEqual(['note convert-opset-raised']);
    expect(opsetOf(subject)).toBe(opset);
    expect(run(subject)).toEqual({ found: [], changed: false });
  });

  it.each([
    ['nothing is written out', 'y = Relu (x)', 'y', {}, []],
    ['the operator is newer than the limit', GELU, 'g', { limit: 17 }, []],
    ['the written-out operator does not fit', NORM.replace('Pow (d', 'Pow (x'), 'n', {}, []],
    [
      'another node cannot come along',
      `${GELU} h, mask = Dropout (x) z = Cast <to = 1> (mask)`,
      'g, h, z',
      {},
      ['note convert-opset-refused'],
    ],
  ])('leaves the opset where %s', (_, body, outputs, options, found) => {
    const subject = model(body, outputs);
    expect(run(subject, options)).toEqual({ found, changed: false });
    expect(opsetOf(subject)).toBe(11);
  });

  it('makes one node of each part of a transformer, in whatever opset was asked for', async () => {
    const parts = NORM + RMS + GELU;
    const outputs = 'n, f, g';
    const feed = new Map([
      [
        'x',
        tensorFromNumbers(
          'float32',
          [2, 3, 4],
          Array.from({ length: 24 }, (_, i) => Math.sin(i)),
        ),
      ],
    ]);
    const expected = await runOnce(writeModel(model(parts, outputs)), feed);
    const fused = ['LayerNormalization', 'RMSNormalization', 'Gelu'];
    for (const [steps, opset, operators] of [
      [CLEAN, 23, fused],
      [atOpset(26, CLEAN), 26, fused],
      [atOpset(18, CLEAN), 18, ['LayerNormalization', 'Erf']],
      [atOpset(8, CLEAN), 8, undefined],
    ] as const) {
      const subject = model(parts, outputs);
      runPipeline(subject, steps, { passes: PASSES });
      // Erf came in opset 9: the last of these cannot be reached, and nothing is raised instead.
      expect(opsetOf(subject)).toBe(opset === 8 ? 11 : opset);
      expect(opsOf(subject.graph)).toEqual(expect.arrayContaining([...(operators ?? ['Erf', 'ReduceMean'])]));
      if (opset >= 23) expect(opsOf(subject.graph)).toHaveLength(3);
      expect(differences(expected, await runOnce(writeModel(subject), feed), 'reassociates')).toEqual([]);
    }
  });
});
