import { describe, expect, test } from 'vitest';
import { eliminateDeadCode } from '../../passes/eliminate-dead-code.ts';
import { foldNormalization } from '../../passes/fold-normalization.ts';
import { inferShapes } from '../../passes/infer-shapes.ts';
import type { Model } from '../../src/ir/model.ts';
import { type Tensor, tensorFromNumbers } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { shapeOf } from '../../src/ir/value-type.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { step } from '../../src/pass/pipeline.ts';
import { type PipelineResult, runPipeline } from '../../src/pass/run-pipeline.ts';
import { differences, runOnce } from './compare-runs.ts';
import { goldenCases } from './golden.ts';

const constants = 'float[2,1] w = {2, 6}, float[1] b = {1}, float[2] mean = {1, 2}, float[2] deviation = {2, 4}';

goldenCases(foldNormalization, [
  {
    title: 'mean and deviation of each feature before a Gemm',
    input: `g (float[N,2] x) => (float[N,1] y) <${constants}> { a = Sub(x, mean) c = Div(a, deviation) y = Gemm(c, w, b) }`,
    expected: `g (float[N,2] x) => (float[N,1] y) <float[2,1] w = {1, 1.5}, float[1] b = {-3}> { y = Gemm(x, w, b) }`,
    counts: { 'standardized-operand': 1 },
  },
  {
    title: 'one of both, without a bias and with transposed weights',
    input: `g (float[N,2] x) => (float[N,1] y, float[N,1] z) <${constants}, float[1,2] t = {2, 6}> {
      a = Mul(deviation, x) y = Gemm(a, w, b) c = Add(x, mean) z = Gemm <transB = 1> (c, t) }`,
    expected: `g (float[N,2] x) => (float[N,1] y, float[N,1] z) <float[2,1] w = {4, 24}, float[1] b = {1}, float[1,2] t = {2, 6}, float[1] c = {14}> {
      y = Gemm(x, w, b) z = Gemm <transB = 1> (x, t, c) }`,
    counts: { 'scaled-operand': 1, 'moved-operand': 1 },
  },
  {
    title: 'not what moves far, widens, varies over the rows, is read elsewhere or lies in the rows',
    input: `g (float[N,2] x, float[2] u, float[2,2] m) => (float[N,1] y, float[1,1] z, float[2,1] v, float[2,1] o, float[N,2] p, float[N,1] q) <${constants}, float far = {100}, float[1,2] row = {1, 2}, float[2,1] column = {1, 2}> {
      a = Sub(x, far) y = Gemm(a, w, b)
      c = Mul(u, row) z = Gemm(c, w, b)
      d = Mul(m, column) v = Gemm(d, w, b)
      e = Mul(m, deviation) o = Gemm <transA = 1> (e, w, b)
      p = Mul(x, deviation) q = Gemm(p, w, b) }`,
    counts: {
      'moved-operand rejected: it moves the features too far for their digits': 1,
      'scaled-operand rejected: the features are not proven': 1,
      'scaled-operand rejected: the constant varies along an axis that is not the channels': 1,
      'scaled-operand rejected: the features are in the rows': 1,
      'scaled-operand rejected: the Mul is a graph output': 1,
    },
  },
]);

const ml = (body: string): string => `<ir_version: 8, opset_import: ["" : 17, "ai.onnx.ml" : 3]>\n${body}`;

describe('a Scaler', () => {
  test('before a linear model', async () => {
    await folded(
      `g (float[N,2] x) => (int64[N] y, float[N,2] z) {
        a = ai.onnx.ml.Scaler <offset = [1.0, 2.0], scale = [0.5, 0.25]> (x)
        y, z = ai.onnx.ml.LinearClassifier <coefficients = [2.0, 6.0, 1.0, -1.0], intercepts = [0.5, 1.0], classlabels_ints = [0, 1], post_transform = "SOFTMAX"> (a) }`,
      ['LinearClassifier'],
      { 'scaler-before-linear-model': 1 },
    );
  });

  test('among features that are joined, and before a regressor without intercepts', async () => {
    await folded(
      `g (float[N,1] u, float[N,2] x) => (float[N,1] y) {
        a = ai.onnx.ml.Scaler <offset = [1.0, 2.0], scale = [0.5, 0.25]> (x) j = Concat <axis = -1> (u, a, u)
        y = ai.onnx.ml.LinearRegressor <coefficients = [2.0, 6.0, 1.0, -1.0]> (j) }`,
      ['Concat', 'LinearRegressor'],
      { 'scaler-before-joined-features': 1 },
    );
  });

  test.each([
    [
      'moves far',
      `g (float[N,2] x) => (float[N,1] y) { a = ai.onnx.ml.Scaler <offset = [1000.0], scale = [1.0]> (x)
        y = ai.onnx.ml.LinearRegressor <coefficients = [2.0, 6.0], intercepts = [0.5]> (a) }`,
      { 'scaler-before-linear-model rejected: it moves the features too far for their digits': 1 },
    ],
    [
      'is read elsewhere',
      `g (float[N,2] x) => (float[N,1] y, float[N,2] a) { a = ai.onnx.ml.Scaler <offset = [1.0], scale = [1.0]> (x)
        y = ai.onnx.ml.LinearRegressor <coefficients = [2.0, 6.0], intercepts = [0.5]> (a) }`,
      { 'scaler-before-linear-model rejected: the Scaler is a graph output': 1 },
    ],
    [
      'takes integers, which lose digits as floats only there',
      `g (int64[N,2] x) => (float[N,1] y) { a = ai.onnx.ml.Scaler <offset = [1.0], scale = [1.0]> (x)
        y = ai.onnx.ml.LinearRegressor <coefficients = [2.0, 6.0], intercepts = [0.5]> (a) }`,
      { 'scaler-before-linear-model rejected: the features are not proven to be float32': 1 },
    ],
    [
      'stands behind features of unknown number',
      `g (float[N,K] u, float[N,2] x) => (float[N,1] y) { a = ai.onnx.ml.Scaler <offset = [1.0], scale = [1.0]> (x)
        j = Concat <axis = 1> (u, a) y = ai.onnx.ml.LinearRegressor <coefficients = [2.0, 6.0, 1.0]> (j) }`,
      { 'scaler-before-joined-features rejected: the place of the scaled features is not proven': 1 },
    ],
  ])('that %s stays', (_, body, counts) => {
    const model = parseModel(ml(body));
    const [, record] = run(model).records;
    expect(record).toMatchObject({ changed: false, counts });
  });
});

function run(model: Model): PipelineResult {
  return runPipeline(model, [step('infer-shapes'), step('fold-normalization')], {
    passes: [inferShapes, foldNormalization],
  });
}

/** Folds, and compares what ONNX Runtime answers before and after. */
async function folded(body: string, ops: readonly string[], counts: Readonly<Record<string, number>>): Promise<void> {
  const source = writeModel(parseModel(ml(body)));
  const model = parseModel(ml(body));
  const [, record] = run(model).records;
  expect(record).toMatchObject({ changed: true, counts });
  runPipeline(model, [step('eliminate-dead-code')], { passes: [eliminateDeadCode] });
  expect([...model.graph.nodes()].map(({ op }) => op)).toEqual(ops);
  const feed = new Map<string, Tensor>(
    model.graph.inputs.map((input) => {
      const width = Number(shapeOf(input.type)![1]);
      const numbers = Array.from({ length: 3 * width }, (_, index) => ((index * 7) % 11) / 2 - 2);
      return [input.name, tensorFromNumbers('float32', [3, width], numbers)];
    }),
  );
  expect(differences(await runOnce(source, feed), await runOnce(writeModel(model), feed), 'reassociates')).toEqual([]);
}
