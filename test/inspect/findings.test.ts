import { describe, expect, it } from 'vitest';
import { inspectModel } from '../../src/inspect/inspect-model.ts';
import { tensorFromNumbers } from '../../src/ir/tensor.ts';
import { modelWith, numbers } from './model-with.ts';

interface Case {
  readonly title: string;
  readonly graph: string;
  readonly opset?: number;
  /** Codes of all findings. */
  readonly codes: readonly string[];
  /** A text that one of the findings has. */
  readonly says?: string;
}

const LARGE = `float[16,16] w = {${numbers(256)}}`;
const TWIN = `float[16,16] v = {${numbers(256)}}`;

const CASES: readonly Case[] = [
  { title: 'nothing', graph: 'g (float[N,4] x) => (float[N,4] y) { y = Relu(x) }', codes: [] },
  {
    title: 'declared shapes that contradict',
    graph: 'g (float[2,3] x) => (float[2,4] y) { y = Relu(x) }',
    codes: ['shape-contradicts-declared'],
    says: "'y' is declared float32[2,4] and proven float32[2,3]",
  },
  {
    title: 'an input that nothing reads',
    graph: 'g (float[2] x, float[2] z) => (float[2] y) { y = Relu(x) }',
    codes: ['inspect-input-unused'],
    says: "'z'",
  },
  {
    title: 'an operator that is not known',
    graph: 'g (float[2] x) => (float[2] y) { y = acme.Sharpen(x) }',
    codes: ['inspect-operator-unknown'],
    says: 'acme.Sharpen: 1 node',
  },
  {
    title: 'an operator that came later than the opset',
    graph: 'g (float[2,3] x) => (float[2,3] y) { y = Gelu(x) }',
    codes: ['inspect-operator-unknown'],
    says: 'Gelu (from opset 20 on; the model imports 17): 1 node',
  },
  {
    title: 'a node that is not as its operator says',
    graph: 'g (float[2] x) => (float[2] y) { y = Cast(x) }',
    codes: ['inspect-operator-malformed'],
    says: "lacks attribute 'to'",
  },
  {
    title: 'a Dropout in training mode',
    graph: 'g (float[4] x) => (float[4] y) <float ratio = {0.5}, bool mode = {1}> { y = Dropout(x, ratio, mode) }',
    codes: ['inspect-training-mode'],
  },
  {
    title: 'a Dropout that is off',
    graph: 'g (float[4] x) => (float[4] y) { y = Dropout(x) }',
    codes: [],
  },
  {
    title: 'a BatchNormalization in training mode',
    graph: `g (float[4,2] x, float[2] s, float[2] b, float[2] m, float[2] v) => (float[4,2] y)
      { y, mean, var = BatchNormalization <training_mode = 1> (x, s, b, m, v) }`,
    codes: ['inspect-training-mode'],
  },
  {
    title: 'a BatchNormalization of opset 9 that gives statistics',
    graph: `g (float[4,2] x, float[2] s, float[2] b, float[2] m, float[2] v) => (float[4,2] y, float[2] mean)
      { y, mean = BatchNormalization(x, s, b, m, v) }`,
    opset: 9,
    codes: ['inspect-training-mode'],
  },
  {
    title: 'random numbers',
    graph: 'g (float[4] x) => (float[4] y) { r = RandomNormalLike(x) y = Add(x, r) }',
    codes: ['inspect-operator-random'],
  },
  {
    title: 'weights that are stored twice',
    graph: `g (float[1,16] x) => (float[1,16] y) <${LARGE}, ${TWIN}> { a = MatMul(x, w) y = MatMul(a, v) }`,
    codes: ['inspect-weights-duplicated'],
    says: "'w' again as 'v'",
  },
  {
    title: 'weights that differ in one number',
    graph: `g (float[1,16] x) => (float[1,16] y) <${LARGE}, float[16,16] v = {${numbers(256, (i) => (i === 99 ? 0 : i / 8))}}>
      { a = MatMul(x, w) y = MatMul(a, v) }`,
    codes: [],
  },
  {
    title: 'float64 weights',
    graph: `g (double[1,16] x) => (double[1,16] y) <double[16,16] w = {${numbers(256)}}> { y = MatMul(x, w) }`,
    codes: ['inspect-weights-float64'],
    says: "'w': 2.05 kB",
  },
  {
    title: 'weights and nodes that nothing reads',
    graph: 'g (float[2] x) => (float[2] y) <float[2] w = {1, 2}> { y = Relu(x) z = Neg(x) }',
    codes: ['inspect-node-unused', 'inspect-weights-unused'],
  },
  {
    title: 'a large tensor in an attribute',
    graph: `g (float[8192] x) => (float[8192] y) { c = Constant <value = float[8192] {${numbers(8192)}}> () y = Add(x, c) }`,
    codes: ['inspect-attribute-large'],
    says: "Constant 'c', attribute value: 32.8 kB",
  },
  {
    title: 'weights that callers may replace',
    graph: 'g (float[2] x, float[2] w = {1, 2}) => (float[2] y) { y = Add(x, w) }',
    codes: ['inspect-weights-overridable'],
  },
  {
    title: 'outputs that are no results',
    graph: 'g (float[2] x) => (float[2] x, float[2] w) <float[2] w = {1, 2}> { }',
    codes: ['inspect-output-constant', 'inspect-output-is-input'],
  },
];

describe('what looks suspicious', () => {
  it.each(CASES)('$title', ({ graph, opset, codes, says }) => {
    const { findings } = inspectModel(modelWith(graph, opset));
    expect(findings.map(({ code }) => code).sort()).toEqual([...codes]);
    if (says !== undefined) {
      const texts = findings.flatMap(({ message, notes = [] }) => [message, ...notes]);
      expect(
        texts.some((text) => text.includes(says)),
        texts.join('\n'),
      ).toBe(true);
    }
    // Warnings come first.
    const severities = findings.map(({ severity }) => severity);
    expect(severities).toEqual([...severities].sort().reverse());
  });

  it.each([
    ['float32', 1e-40, 'inspect-weights-denormal'],
    ['float16', 1e-6, 'inspect-weights-denormal'],
    ['bfloat16', 1e-40, 'inspect-weights-denormal'],
    ['float64', 1e-310, 'inspect-weights-denormal'],
    ['float32', Number.NaN, 'inspect-weights-nan'],
    ['float16', Number.NaN, 'inspect-weights-nan'],
    ['float32', Number.NEGATIVE_INFINITY, 'inspect-weights-infinite'],
    ['float64', Number.POSITIVE_INFINITY, 'inspect-weights-infinite'],
    ['float32', 2 ** -126, undefined],
    ['float16', 2 ** -14, undefined],
    ['float32', -0, undefined],
  ] as const)('%s weights with %s', (dtype, value, code) => {
    const model = modelWith('g (float[3] x) => (float[3] y) { y = Relu(x) }');
    const weight = model.graph.addConstant(tensorFromNumbers(dtype, [3], [1, value, -1]), 'w');
    model.graph.addOutput(weight, 'w');
    const { findings } = inspectModel(model);
    const found = findings.filter((finding) => finding.code.startsWith('inspect-weights-'));
    expect(found.map((finding) => finding.code)).toEqual(code === undefined ? [] : [code]);
    if (code !== undefined) expect(found[0]?.notes).toEqual(["'w': 1 of 3"]);
  });

  it('names five of many and counts the rest', () => {
    const nodes = Array.from({ length: 9 }, (_, i) => `d${i} = Neg(x)`).join(' ');
    const { findings } = inspectModel(modelWith(`g (float[2] x) => (float[2] y) { y = Relu(x) ${nodes} }`));
    expect(findings[0]?.message).toContain('9 nodes');
    expect(findings[0]?.notes).toHaveLength(6);
    expect(findings[0]?.notes?.at(-1)).toBe('and 4 more');
  });
});
