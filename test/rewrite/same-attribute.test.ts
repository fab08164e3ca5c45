import { describe, expect, test } from 'vitest';
import { type Attribute, float, floats, int, ints, text } from '../../src/ir/attribute.ts';
import { Graph } from '../../src/ir/graph.ts';
import { int64Tensor, tensorFromNumbers } from '../../src/ir/tensor.ts';
import { tensorType } from '../../src/ir/value-type.ts';
import { sameAttribute } from '../../src/rewrite/same-attribute.ts';

const graph = new Graph('g');

/** One maker per attribute; what two calls give is the same, and the same as nothing else in the list. */
const MAKERS: readonly (() => Attribute)[] = [
  () => float(0),
  () => float(-0),
  () => float(Number.NaN),
  () => int(0),
  () => ints([0]),
  () => ints([0, 1]),
  () => floats([0]),
  () => floats([-0]),
  () => text('a'),
  () => text('b'),
  () => ({ kind: 'strings', value: [new TextEncoder().encode('a')] }),
  () => ({ kind: 'tensor', value: int64Tensor([1]) }),
  () => ({ kind: 'tensor', value: tensorFromNumbers('int64', [1, 1], [1]) }),
  () => ({ kind: 'tensors', value: [int64Tensor([1])] }),
  () => ({ kind: 'type', value: tensorType('float32', ['N']) }),
  () => ({ kind: 'types', value: [tensorType('float32', ['M'])] }),
  () => ({ kind: 'sparse-tensor', value: { dims: [3], values: int64Tensor([1]), indices: int64Tensor([2]) } }),
  () => ({ kind: 'sparse-tensors', value: [{ dims: [3], values: int64Tensor([1]), indices: int64Tensor([2]) }] }),
  () => ({ kind: 'graph', value: graph }),
  () => ({ kind: 'graph', value: new Graph('g') }),
  () => ({ kind: 'graphs', value: [graph] }),
  () => ({ kind: 'reference', value: 'axis', of: 'int' }),
  () => ({ kind: 'reference', value: 'axis', of: 'ints' }),
];

/** The maker that makes another graph each time. */
const FRESH_GRAPH = 19;

describe('sameAttribute', () => {
  test('is true of an attribute and its copy, except for graphs, and of no two others', () => {
    for (const [i, make] of MAKERS.entries()) {
      for (const [j, other] of MAKERS.entries()) {
        expect(sameAttribute(make(), other()), `${i} and ${j}`).toBe(i === j && i !== FRESH_GRAPH);
      }
    }
  });
});
