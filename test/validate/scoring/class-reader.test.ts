import { describe, expect, test } from 'vitest';
import { int64Tensor, stringTensor, tensorFromNumbers } from '../../../src/ir/tensor.ts';
import type { OutputValue } from '../../../src/runtime/session.ts';
import { type ClassOptions, classReader } from '../../../src/validate/scoring/class-reader.ts';
import { outputContents } from '../../../src/validate/scoring/output-content.ts';

const float = (dims: readonly number[], values: readonly number[]) => tensorFromNumbers('float32', dims, values);
const nonTensor = (value: unknown): OutputValue => ({ kind: 'non-tensor', value });

type Outputs = Readonly<Record<string, OutputValue>>;

const contents = (outputs: Outputs) => outputContents(new Map(Object.entries(outputs)));

describe('reading classes', () => {
  test.each<[string, Outputs, ClassOptions, { predicted: number; scores?: readonly number[] }]>([
    ['[1,C]', { y: float([1, 3], [0, 2, 1]) }, {}, { predicted: 1, scores: [0, 2, 1] }],
    ['[C]', { y: float([3], [0, 2, 1]) }, {}, { predicted: 1, scores: [0, 2, 1] }],
    ['[1,1,C]', { y: float([1, 1, 3], [5, 2, 1]) }, {}, { predicted: 0, scores: [5, 2, 1] }],
    ['[1,C,1,1]', { y: float([1, 3, 1, 1], [0, 2, 4]) }, {}, { predicted: 2, scores: [0, 2, 4] }],
    ['[1,2]', { y: float([1, 2], [0.25, 0.75]) }, {}, { predicted: 1, scores: [0.25, 0.75] }],
    ['[1,1] below the threshold', { y: float([1, 1], [0.25]) }, {}, { predicted: 0, scores: [0.25] }],
    ['[1,1] at the threshold', { y: float([1, 1], [0.5]) }, {}, { predicted: 1, scores: [0.5] }],
    ['a scalar logit', { y: float([], [-0.5]) }, { threshold: 0 }, { predicted: 0, scores: [-0.5] }],
    [
      'quantized uint8',
      { y: tensorFromNumbers('uint8', [1, 3], [3, 250, 7]) },
      {},
      { predicted: 1, scores: [3, 250, 7] },
    ],
    ['float16', { y: tensorFromNumbers('float16', [1, 2], [1, 0.5]) }, {}, { predicted: 0, scores: [1, 0.5] }],
    [
      'label and probabilities: the label counts',
      { label: int64Tensor([2]), probabilities: float([1, 3], [0.5, 0.25, 0.25]) },
      {},
      { predicted: 2, scores: [0.5, 0.25, 0.25] },
    ],
    ['only a label', { label: int64Tensor([2]) }, {}, { predicted: 2 }],
    ['a label with the offset', { label: int64Tensor([2]) }, { labelOffset: 1 }, { predicted: 3 }],
    [
      'a label that is a number for a name, as the highest score says',
      { label: int64Tensor([2]), probabilities: float([1, 3], [0.25, 0.5, 0.25]) },
      { classNames: ['1', '2', '3'] },
      { predicted: 1, scores: [0.25, 0.5, 0.25] },
    ],
    [
      'a label that is an index, as the highest score says',
      { label: int64Tensor([2]), probabilities: float([1, 3], [0.25, 0.25, 0.5]) },
      { classNames: ['1', '2', '3'] },
      { predicted: 2, scores: [0.25, 0.25, 0.5] },
    ],
    ['a label that can only be a name', { label: int64Tensor([9]) }, { classNames: ['3', '5', '9'] }, { predicted: 2 }],
    ['a negative one', { label: int64Tensor([-1]) }, { classNames: ['-1', '1'] }, { predicted: 0 }],
    ['the other one', { label: int64Tensor([1]) }, { classNames: ['-1', '1'] }, { predicted: 1 }],
    ['a label as text', { label: stringTensor([1], ['dog']) }, { classNames: ['cat', 'dog'] }, { predicted: 1 }],
    ['a text that names no class', { label: stringTensor([1], ['cow']) }, { classNames: ['cat'] }, { predicted: -1 }],
    ['a label that is no class index', { label: int64Tensor([2 ** 40]) }, {}, { predicted: -1 }],
    [
      'a sequence of one map from class to score, as ZipMap gives it',
      {
        output_label: int64Tensor([1]),
        output_probability: nonTensor([
          new Map([
            [2, 0.1],
            [0, 0.2],
            [1, 0.7],
          ]),
        ]),
      },
      {},
      { predicted: 1, scores: [0.2, 0.7, 0.1] },
    ],
    [
      'a map from class name to score',
      { p: nonTensor({ dog: 0.9, cat: 0.1 }) },
      { classNames: ['dog', 'cat'] },
      { predicted: 0, scores: [0.9, 0.1] },
    ],
    ['NaN', { y: float([1, 3], [0, Number.NaN, 1]) }, {}, { predicted: -1, scores: [0, Number.NaN, 1] }],
    [
      'the output named',
      { a: float([1, 3], [0, 2, 1]), b: float([1, 3], [9, 2, 1]) },
      { output: 'b' },
      { predicted: 0, scores: [9, 2, 1] },
    ],
    [
      'of several the one with as many as there are class names',
      { embedding: float([1, 4], [9, 0, 0, 0]), y: float([1, 2], [0, 1]) },
      { classNames: ['a', 'b'] },
      { predicted: 1, scores: [0, 1] },
    ],
    [
      'images are no scores',
      { mask: float([1, 2, 2], [1, 2, 3, 4]), y: float([1, 2], [3, 4]) },
      {},
      { predicted: 1, scores: [3, 4] },
    ],
  ])('%s', (_, outputs, options, expected) => {
    const { predicted, scores } = classReader(contents(outputs), options).read(contents(outputs));
    expect({ predicted, ...(scores === undefined ? {} : { scores: Array.from(scores) }) }).toEqual(expected);
  });

  test('scores that are missing later are NaN, so that the sample is wrong and the width stays', () => {
    const reader = classReader(contents({ y: float([1, 3], [0, 2, 1]) }));
    expect(reader.read(new Map())).toEqual({ predicted: -1, scores: new Float64Array(3).fill(Number.NaN) });
  });

  test.each<[string, Outputs, ClassOptions, string]>([
    ['no output with classes', { boxes: float([1, 2, 4], [1, 2, 3, 4, 5, 6, 7, 8]) }, {}, 'validate-no-class-output'],
    ['no comparable output', { x: nonTensor([[1], [2]]) }, {}, 'validate-no-class-output'],
    ['an output that is not there', { logits: float([1, 2], [1, 2]) }, { output: 'logit' }, 'validate-unknown-output'],
  ])('refuses: %s', (_, outputs, options, code) => {
    expect(() => classReader(contents(outputs), options)).toThrow(expect.objectContaining({ code }));
  });

  test.each<[string, Outputs, ClassOptions, string[]]>([
    [
      'one background class more',
      { y: float([1, 3], [1, 2, 3]) },
      { classNames: ['a', 'b'] },
      ['validate-class-count-differs'],
    ],
    ['with the offset it is right', { y: float([1, 3], [1, 2, 3]) }, { classNames: ['a', 'b'], labelOffset: 1 }, []],
    [
      'two candidates',
      { a: float([1, 3], [1, 2, 3]), b: float([1, 2], [1, 2]) },
      {},
      ['validate-class-output-ambiguous'],
    ],
  ])('says its doubts: %s', (_, outputs, options, codes) => {
    expect(classReader(contents(outputs), options).diagnostics.map(({ code }) => code)).toEqual(codes);
  });
});
