import { describe, expect, test } from 'vitest';
import type { Dataset, Label, Sample } from '../../src/data/dataset.ts';
import { int64Tensor, type Tensor, tensorFromNumbers, toFloat32 } from '../../src/ir/tensor.ts';
import { seededRandom } from '../../src/random/seeded-random.ts';
import type { OutputValue, Session } from '../../src/runtime/session.ts';
import { judgeDrop } from '../../src/validate/accuracy-gate.ts';
import { type Contender, type EvaluateOptions, evaluate } from '../../src/validate/evaluate.ts';
import { parseMaxDrop } from '../../src/validate/max-drop.ts';

const FEATURES = 4;
const CLASSES = 3;

/** Weights of a linear classifier, [CLASSES, FEATURES]. */
const WEIGHTS = [
  [1, 0.5, -0.25, 0.125],
  [-0.5, 1, 0.75, -0.375],
  [0.25, -0.5, 1, 0.5],
];

const float = (dims: readonly number[], values: readonly number[]): Tensor =>
  tensorFromNumbers('float32', dims, values);

/** A model computed in place: `compute` gives its outputs from the elements of input `x`. */
function model(
  name: string,
  compute: (x: Float32Array, call: number) => Readonly<Record<string, OutputValue>>,
): Contender & { readonly session: Session } {
  let calls = 0;
  const session: Session = {
    runtime: 'onnxruntime-node',
    inputs: [{ name: 'x', dtype: 'float32', dims: [1, FEATURES] }],
    outputs: [],
    run: async (feed) => new Map(Object.entries(compute(toFloat32(feed.get('x')!), calls++))),
    close: async () => {},
  };
  return { name, session };
}

const scoresOf = (x: Float32Array, weights = WEIGHTS): number[] =>
  weights.map((row) => row.reduce((sum, w, i) => sum + w * x[i]!, 0));

const rounded = (step: number): number[][] => WEIGHTS.map((row) => row.map((w) => Math.round(w / step) * step));

const linear = (name: string, weights = WEIGHTS, output = 'scores') =>
  model(name, (x) => ({ [output]: float([1, CLASSES], scoresOf(x, weights)) }));

/** Standard normal inputs, labelled by `label` of the inputs. */
function dataset(size: number, label?: (x: Float32Array, index: number) => Label | undefined): Dataset {
  const random = seededRandom(17);
  const samples = Array.from({ length: size }, (_, index): Sample => {
    const x = Float32Array.from({ length: FEATURES }, () => random.normal());
    const known = label?.(x, index);
    return {
      feed: new Map([['x', float([1, FEATURES], Array.from(x))]]),
      fingerprint: () => String(index),
      ...(known === undefined ? {} : { label: known }),
    };
  });
  return {
    label: 'points.npz',
    origin: 'memory',
    size,
    sha256: 'none',
    notes: [],
    sample: async (index) => samples[index]!,
    async *samples() {
      yield* samples;
    },
  };
}

const largest = (values: readonly number[]): number => values.indexOf(Math.max(...values));
const trueClass = (x: Float32Array): Label => ({ kind: 'class', index: largest(scoresOf(x)) });
const codes = (diagnostics: readonly { readonly code: string }[]): string[] => diagnostics.map(({ code }) => code);
const FAST: EvaluateOptions = { resamples: 200 };

describe('classification', () => {
  const data = dataset(200, trueClass);

  test('rows of a fixed batch count one by one', async () => {
    const rows = 4;
    const ids = { scores: float([rows, 2], [9, 0, 0, 9, 9, 0, 0, 9]) };
    const wrong = { scores: float([rows, 2], [9, 0, 9, 0, 9, 0, 9, 0]) };
    const data = dataset(10, () => ({ kind: 'classes', indices: [0, 1, 0, 0] }));
    const [candidate] = (
      await evaluate(
        model('fp32', () => ids),
        [model('int8', () => wrong)],
        data,
        FAST,
      )
    ).candidates;
    expect(candidate!.comparison).toMatchObject({
      metric: 'top1',
      samples: 40,
      reference: { value: 0.75 },
      candidate: { value: 0.75 },
    });
  });

  test('reference, candidates, drop, classes and agreement, from one pass', async () => {
    const result = await evaluate(
      linear('fp32'),
      [linear('fine', rounded(1 / 64)), linear('coarse', rounded(1))],
      data,
      FAST,
    );
    expect(result).toMatchObject({
      dataset: { label: 'points.npz', size: 200 },
      samples: 200,
      truncated: null,
      labels: 'class',
      primary: { metric: 'top1', against: 'labels' },
      confidence: 0.95,
      reference: { name: 'fp32', runtime: 'onnxruntime-node' },
      diagnostics: [],
    });
    expect(result.reference.metrics.map(({ metric, value }) => [metric, value])).toEqual([
      ['top1', 1],
      ['macro-f1', 1],
    ]);
    const [fine, coarse] = result.candidates;
    expect(fine!.comparison).toMatchObject({ metric: 'top1', reference: { value: 1 }, drop: { value: 0 } });
    expect(coarse!.comparison.drop.value!).toBeGreaterThan(0.05);
    expect(coarse!.comparison.mcnemar!.lost).toBe(Math.round(200 * coarse!.comparison.drop.value!));
    expect(coarse!.agreement[0]!.output).toBe('scores');
    expect(coarse!.agreement[0]!.metrics.map(({ metric }) => metric)).toEqual([
      'cosine',
      'sqnr',
      'max-abs-error',
      'max-relative-error',
      'top1-agreement',
    ]);
    const agreed = coarse!.agreement[0]!.metrics.at(-1)!;
    expect(agreed.value).toBeCloseTo(1 - coarse!.comparison.drop.value!, 12);
    const { perClass, confusion } = coarse!.classes!;
    expect(perClass.reduce((sum, { support }) => sum + support, 0)).toBe(200);
    expect(confusion!.counts.flat().reduce((sum, count) => sum + count)).toBe(200);
    expect(fine!.failures).toEqual({ samples: 0, first: [] });
  });

  test('the result is JSON, and the same when run again', async () => {
    const run = () => evaluate(linear('fp32'), [linear('int8', rounded(0.5))], data, { ...FAST, seed: 4 });
    const first = await run();
    expect(JSON.parse(JSON.stringify(first))).toEqual(first);
    expect(await run()).toEqual(first);
  });

  test('samples are run in turn, reference first', async () => {
    const order: string[] = [];
    const traced = (name: string) =>
      model(name, (x) => {
        order.push(name);
        return { scores: float([1, CLASSES], scoresOf(x)) };
      });
    const done: string[] = [];
    await evaluate(traced('a'), [traced('b'), traced('c')], dataset(2, trueClass), {
      ...FAST,
      onProgress: (count, total) => done.push(`${count}/${total}`),
    });
    expect(order.join('')).toBe('abcabc');
    expect(done).toEqual(['1/2', '2/2']);
  });

  test('one NaN of 200 samples is counted, named, scored wrong, and fails the gate', async () => {
    const broken = model('int8', (x, call) => {
      const scores = scoresOf(x);
      if (call === 7) scores[2] = Number.NaN;
      return { scores: float([1, CLASSES], scores) };
    });
    const { candidates } = await evaluate(linear('fp32'), [broken], data, FAST);
    const [candidate] = candidates;
    expect(candidate!.failures).toEqual({
      samples: 1,
      first: [{ sample: 7, output: 'scores', kind: 'not-finite', detail: expect.stringContaining('1 NaN') }],
    });
    expect(candidate!.comparison.drop.value).toBeCloseTo(1 / 200, 12);
    expect(candidate!.agreement[0]!.metrics[0]).toMatchObject({ metric: 'cosine', value: null, interval: null });
    expect(candidate!.classes!.confusion!.unpredicted.reduce((a, b) => a + b)).toBe(1);
    expect(judgeDrop(candidate!, parseMaxDrop('1%')).verdict).toBe('fail');
  });

  test('an output of the wrong shape on one sample is a failure of that sample', async () => {
    const broken = model('int8', (x, call) => ({
      scores: call === 3 ? float([1, 2], [1, 2]) : float([1, CLASSES], scoresOf(x)),
    }));
    const { candidates } = await evaluate(linear('fp32'), [broken], data, FAST);
    expect(candidates[0]!.failures.first).toEqual([
      { sample: 3, output: 'scores', kind: 'shape', detail: 'expected shape [1,3], found [1,2]' },
    ]);
    expect(candidates[0]!.comparison.drop.value).toBeCloseTo(1 / 200, 12);
  });

  test('outputs under other names are matched by place, which is told', async () => {
    const result = await evaluate(linear('fp32'), [linear('device', WEIGHTS, 'StatefulPartitionedCall:0')], data, FAST);
    expect(result.candidates[0]!.comparison.drop.value).toBe(0);
    expect(codes(result.diagnostics)).toEqual(['validate-outputs-by-position']);
  });

  test('quantized outputs classify as numbers; their distance from floats is warned about', async () => {
    const quantized = model('int8', (x) => ({
      scores: tensorFromNumbers(
        'int8',
        [1, CLASSES],
        scoresOf(x).map((s) => Math.max(-128, Math.min(127, Math.round(s * 16)))),
      ),
    }));
    const result = await evaluate(linear('fp32'), [quantized], data, FAST);
    expect(Math.abs(result.candidates[0]!.comparison.drop.value!)).toBeLessThan(0.05);
    expect(codes(result.diagnostics)).toEqual(['validate-output-types-differ']);
  });

  test('a label output and its probabilities, as pipelines give them', async () => {
    const pipeline = model('trees', (x) => ({
      label: int64Tensor([largest(scoresOf(x))]),
      probabilities: float([1, CLASSES], scoresOf(x)),
    }));
    const result = await evaluate(pipeline, [{ ...pipeline, name: 'same' }], data, FAST);
    expect(result.candidates[0]!.comparison.candidate.value).toBe(1);
    expect(result.candidates[0]!.agreement.map(({ output, metrics }) => [output, metrics[0]!.metric])).toEqual([
      ['label', 'equal'],
      ['probabilities', 'cosine'],
    ]);
    expect(codes(result.diagnostics)).toEqual(['validate-class-from-label']);
  });

  test('a label offset skips the background class', async () => {
    const background = model('fp32', (x) => ({ scores: float([1, CLASSES + 1], [-100, ...scoresOf(x)]) }));
    const plain = await evaluate(background, [], data, FAST);
    const offset = await evaluate(background, [], data, { ...FAST, labelOffset: 1 });
    expect(plain.reference.metrics[0]!.value!).toBeLessThan(0.1);
    expect(offset.reference.metrics[0]!.value).toBe(1);
  });

  test('a logit read as a probability is warned about', async () => {
    const logit = model('fp32', (x) => ({ y: float([1, 1], [x[0]!]) }));
    const binary = dataset(50, (x) => ({ kind: 'class', index: x[0]! > 0 ? 1 : 0 }));
    const half = await evaluate(logit, [], binary, FAST);
    expect(codes(half.diagnostics)).toEqual(['validate-score-not-probability']);
    expect(half.reference.metrics[0]!.value!).toBeLessThan(1);
    const zero = await evaluate(logit, [], binary, { ...FAST, threshold: 0 });
    expect(zero.reference.metrics[0]!.value).toBe(1);
    const said = await evaluate(logit, [], { ...binary, scoring: { threshold: 0 } }, FAST);
    expect(said.reference.metrics[0]!.value).toBe(1);
  });
});

describe('other labels', () => {
  test('values: the mean absolute error and its drop', async () => {
    const data = dataset(150, (x) => ({ kind: 'values', values: [scoresOf(x)[0]!] }));
    const first = (name: string, weights = WEIGHTS) =>
      model(name, (x) => ({ y: float([1, 1], [scoresOf(x, weights)[0]!]) }));
    const result = await evaluate(first('fp32'), [first('int8', rounded(1))], data, FAST);
    expect(result.primary.metric).toBe('mae');
    expect(result.reference.metrics.map(({ metric }) => metric)).toEqual(['mae', 'mse', 'rmse', 'r2', 'max-error']);
    const { drop, reference } = result.candidates[0]!.comparison;
    expect(reference.value!).toBeLessThan(1e-6);
    expect(drop.interval!.low).toBeGreaterThan(0.1);
    expect(drop.interval!.low).toBeLessThan(drop.value!);
    expect(drop.interval!.high).toBeGreaterThan(drop.value!);
  });

  test('expected outputs: each output is compared, the one that lost most decides', async () => {
    const both = (name: string, weights: number[][], tail = 0) =>
      model(name, (x) => ({
        a: float([1, CLASSES], scoresOf(x)),
        b: float(
          [1, CLASSES],
          scoresOf(x, weights).map((s) => s + tail),
        ),
      }));
    const data = dataset(40, (x) => {
      const y = float([1, CLASSES], scoresOf(x));
      return {
        kind: 'outputs',
        outputs: new Map([
          ['a', y],
          ['b', y],
        ]),
      };
    });
    const result = await evaluate(both('fp32', WEIGHTS), [both('int8', rounded(1))], data, FAST);
    expect(result.primary).toMatchObject({ metric: 'cosine', against: 'labels' });
    expect(
      result.reference.metrics.find(({ metric, output }) => metric === 'cosine' && output === 'b')!.value,
    ).toBeCloseTo(1, 9);
    expect(result.candidates[0]!.comparison.output).toBe('b');
    const named = await evaluate(both('fp32', WEIGHTS), [both('int8', rounded(1))], data, { ...FAST, output: 'a' });
    expect(named.candidates[0]!.comparison).toMatchObject({ output: 'a', drop: { value: 0 } });
  });

  test('no labels: agreement with the reference decides, and it is said that this is not accuracy', async () => {
    const result = await evaluate(linear('fp32'), [linear('int8', rounded(0.5))], dataset(60), FAST);
    expect(result).toMatchObject({ labels: 'none', primary: { metric: 'cosine', against: 'reference' } });
    const { comparison } = result.candidates[0]!;
    expect(comparison).toMatchObject({
      against: 'reference',
      output: 'scores',
      reference: { value: 1, interval: null },
    });
    expect(comparison.drop.value).toBeCloseTo(1 - comparison.candidate.value!, 12);
    expect(comparison.drop.interval!.low).toBeGreaterThan(0);
    expect(codes(result.diagnostics)).toEqual(['validate-agreement-only']);
  });

  test('a reference that gives NaN itself is warned about, and those elements are not compared', async () => {
    const masked = model('fp32', (x) => ({ y: float([1, 3], [x[0]!, x[1]!, Number.NaN]) }));
    const result = await evaluate(masked, [{ ...masked, name: 'same' }], dataset(20), FAST);
    expect(codes(result.diagnostics)).toContain('validate-reference-not-finite');
    expect(result.candidates[0]!.comparison.drop.value).toBeCloseTo(0, 12);
    expect(result.candidates[0]!.failures.samples).toBe(0);
  });

  test('outputs that are neither tensors nor maps are told', async () => {
    const odd = model('fp32', (x) => ({
      y: float([1, 3], scoresOf(x)),
      seq: { kind: 'non-tensor', value: [[1], [2]] },
    }));
    const result = await evaluate(odd, [{ ...odd, name: 'same' }], dataset(5), FAST);
    expect(codes(result.diagnostics)).toContain('validate-output-not-compared');
  });
});

describe('truncation', () => {
  const data = dataset(50, trueClass);

  test('by the limit', async () => {
    const result = await evaluate(linear('fp32'), [], data, { ...FAST, limit: 20 });
    expect(result).toMatchObject({ samples: 20, truncated: 'limit' });
    expect(codes(result.diagnostics)).toEqual(['validate-truncated']);
    const all = await evaluate(linear('fp32'), [], data, { ...FAST, limit: 50 });
    expect(all).toMatchObject({ samples: 50, truncated: null });
  });

  test('by the time budget, after at least one sample', async () => {
    let clock = 0;
    const now = () => clock++;
    expect(await evaluate(linear('fp32'), [], data, { ...FAST, now, timeBudgetMs: 10 })).toMatchObject({
      samples: 11,
      truncated: 'time',
    });
    expect(await evaluate(linear('fp32'), [], data, { ...FAST, now, timeBudgetMs: -1 })).toMatchObject({ samples: 1 });
  });
});

describe('errors name the sample or the model', () => {
  const throwing = model('int8', (x, call) => {
    if (call === 2) throw new Error('out of memory');
    return { scores: float([1, CLASSES], scoresOf(x)) };
  });
  const beyond = dataset(4, (x, i) => (i === 3 ? { kind: 'class', index: 9 } : trueClass(x)));
  const partly = dataset(4, (x, i) => (i === 1 ? undefined : trueClass(x)));
  const misshaped = dataset(2, () => ({ kind: 'outputs', outputs: new Map([['scores', float([1, 2], [1, 2])]]) }));
  const pairsOfValues = dataset(2, () => ({ kind: 'values', values: [1, 2] }));
  const classed = dataset(4, trueClass);

  test.each<[string, string, string, () => Promise<unknown>]>([
    ['a run that fails', 'validate-run-failed', 'points.npz[2]', () => evaluate(linear('fp32'), [throwing], classed)],
    [
      'a label beyond the classes',
      'validate-label-out-of-range',
      'points.npz[3]',
      () => evaluate(linear('fp32'), [], beyond),
    ],
    ['a sample without a label', 'validate-label-missing', 'points.npz[1]', () => evaluate(linear('fp32'), [], partly)],
    [
      'expected outputs of another shape',
      'validate-expected-output-unfit',
      'points.npz[0]',
      () => evaluate(linear('fp32'), [], misshaped),
    ],
    [
      'values that no output has',
      'validate-no-value-output',
      'points.npz[0]',
      () => evaluate(linear('fp32'), [], pairsOfValues),
    ],
    ['no samples', 'validate-no-samples', 'points.npz', () => evaluate(linear('fp32'), [], dataset(0))],
    ['the same name twice', 'validate-contender-twice', 'm', () => evaluate(linear('m'), [linear('m')], classed)],
    [
      'an unknown metric',
      'validate-unknown-metric',
      'topp1',
      () => evaluate(linear('m'), [], classed, { metrics: ['topp1'] }),
    ],
    [
      'an unknown output',
      'validate-unknown-output',
      'score',
      () => evaluate(linear('m'), [], classed, { output: 'score' }),
    ],
    [
      'a metric that no output takes',
      'validate-metric-unfit',
      'equal',
      () => evaluate(linear('m'), [], dataset(2), { metrics: ['equal'] }),
    ],
  ])('%s', async (_, code, at, run) => {
    await expect(run()).rejects.toMatchObject({ code, at });
  });

  test('values that change in number: named by the first metric that needs them the same', async () => {
    const growing = model('fp32', (_, call) => ({ y: float([1, call + 2], new Array(call + 2).fill(0)) }));
    const data = dataset(3, (_, i) => ({ kind: 'values', values: new Array(i + 2).fill(1) }));
    await expect(evaluate(growing, [], data)).rejects.toMatchObject({
      code: 'validate-value-count-varies',
      at: 'points.npz[1]',
    });
    const again = model('fp32', (_, call) => ({ y: float([1, call + 2], new Array(call + 2).fill(0)) }));
    const { reference } = await evaluate(again, [], data, { metrics: ['mae'] });
    expect(reference.metrics[0]!.value).toBe(1);
    const fixed = model('fp32', () => ({ y: float([1, 2], [0, 0]) }));
    await expect(evaluate(fixed, [], data)).rejects.toMatchObject({
      code: 'validate-value-count-differs',
      at: 'points.npz[1]',
    });
  });

  test('fewer outputs than the reference', async () => {
    const two = model('fp32', (x) => ({ a: float([1, 3], scoresOf(x)), b: float([1, 3], scoresOf(x)) }));
    await expect(evaluate(two, [linear('int8')], dataset(2))).rejects.toMatchObject({
      code: 'validate-outputs-differ',
      at: 'int8',
    });
  });
});
