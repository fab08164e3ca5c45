import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/ir/graph.ts';
import { tensorFromNumbers } from '../../src/ir/tensor.ts';
import { tensorType } from '../../src/ir/value-type.ts';
import { matchesNode } from '../../src/pass/node-pattern.ts';

describe('matchesNode', () => {
  const graph = new Graph('g');
  const x = graph.addInput('x', tensorType('float32', ['N', 2]));
  const w = graph.addConstant(tensorFromNumbers('float32', [2, 2], [1, 2, 3, 4]), 'head.weight');
  const node = graph.append({ op: 'MatMul', name: '/block1/fc', inputs: [x, w], outputs: [{ name: 'logits' }] });

  it.each([
    [['/block1/fc'], true],
    [['/block1/*'], true],
    [['*fc'], true],
    [['MatMul'], true],
    [['head.*'], true],
    [['logit?'], true],
    [['logits?'], false],
    [['x'], false],
    [[], false],
    [['Conv', '/block2/*'], false],
    [['*'], true],
    [[''], false],
  ])('%j: %s', (patterns, expected) => {
    expect(matchesNode(node, patterns)).toBe(expected);
  });

  it('answers at once on a pattern made to backtrack', () => {
    graph.rename(node, 'a'.repeat(5000));
    expect(matchesNode(node, [`${'*a'.repeat(500)}b`])).toBe(false);
  });
});
