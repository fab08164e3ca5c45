import { expect, it } from 'vitest';
import { nodesWithin } from '../../src/ir/walk.ts';
import { matchesNode } from '../../src/pass/node-pattern.ts';
import { resultNames } from '../../src/tune/result-names.ts';
import { sketch } from '../rewrite/graph-of.ts';

it('finds each node by a name that no other node answers to', () => {
  const s = sketch();
  const x = s.input('x', [2, 4]);
  const plain = s.op('plain', 'Relu', [x]);
  const operator = s.op('Relu', 'Abs', [plain]);
  const pattern = s.op('a*', 'Neg', [operator]);
  const nameless = s.op('', 'Exp', [pattern]);
  const twin = s.op('node_of_another', 'Tanh', [nameless], { name: 'twin' });
  s.graph.addOutput(s.op('last', 'Sin', [twin], { name: 'node_of_another' }), 'y');
  const nodes = [...nodesWithin(s.graph)];
  const names = resultNames(s.graph, nodes);
  for (const node of nodes) {
    const name = names.get(node)!;
    expect(nodes.filter((other) => matchesNode(other, [name]))).toEqual([node]);
  }
  expect([plain, twin].map((value) => value.name)).toEqual(['plain', 'layer_4']);
  expect(s.graph.outputs.map(({ name }) => name)).toEqual(['y']);
});
