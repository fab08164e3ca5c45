import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { Graph } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import { tensorFromNumbers, toNumbers } from '../../src/ir/tensor.ts';
import { tensorType } from '../../src/ir/value-type.ts';
import { verify } from '../../src/ir/verify.ts';
import { applyRules } from '../../src/rewrite/apply-rules.ts';
import { constant, op, v } from '../../src/rewrite/pattern.ts';
import { type AnyRule, defineRule } from '../../src/rewrite/rule.ts';
import { modelOf, opsOf, type Sketch, sketch } from './graph-of.ts';

function run(s: Sketch | Model, ...rules: readonly AnyRule[]) {
  const model = 'irVersion' in s ? s : modelOf(s.graph);
  const counts: Record<string, number> = {};
  const found: Diagnostic[] = [];
  applyRules(model.graph, rules, {
    model,
    count: (what, by = 1) => {
      counts[what] = (counts[what] ?? 0) + by;
    },
    report: (diagnostic) => found.push(diagnostic),
  });
  expect(verify(model)).toEqual([]);
  return { counts, found };
}

const negTwice = defineRule({ name: 'neg-twice', match: op('Neg', op('Neg', v('x'))), rewrite: ({ x }) => x });

const gemm = defineRule({
  name: 'to-gemm',
  match: op('Add', op('MatMul', v('a'), v('b')).as('product'), v('c')),
  reject: ({ c }) => (c.constant === undefined ? 'the bias is not constant' : undefined),
  rewrite: ({ a, b, c }, build) => build.op('Gemm', [a, b, c]),
});

describe('applyRules', () => {
  test('rewires, carries names, types and origin, and erases what died', () => {
    const s = sketch();
    const product = s.op('p', 'MatMul', [s.input('a'), s.input('b')]);
    const bias = s.constant('c', [1]);
    const sum = s.op('s', 'Add', [product, bias]);
    s.graph.setType(sum, tensorType('float32', [2, 3]));
    s.graph.setDeclared(sum, tensorType('float32', ['N', 3]));
    s.graph.addOutput(s.op('y', 'Relu', [sum]));
    const { counts } = run(s, gemm);
    expect(opsOf(s.graph)).toEqual(['Gemm', 'Relu']);
    const [node] = s.graph.nodes();
    expect(node).toMatchObject({
      name: 's_node',
      origin: { nodes: ["Add 's_node'", "MatMul 'p_node'"], rules: ['to-gemm'] },
    });
    expect(node!.outputs[0]).toMatchObject({
      name: 's',
      type: tensorType('float32', [2, 3]),
      declared: tensorType('float32', ['N', 3]),
    });
    expect(counts).toEqual({ 'to-gemm': 1 });
  });

  test('a value with a name of its own keeps it, and an output slot takes it', () => {
    const s = sketch();
    const x = s.input('x');
    s.graph.addOutput(s.op('y', 'Neg', [s.op('n', 'Neg', [x])]));
    run(s, negTwice);
    expect(s.graph.nodeCount).toBe(0);
    expect(s.graph.outputs[0]).toMatchObject({ name: 'y', value: x });
    expect(x.name).toBe('x');
  });

  test('counts a rejected match with its reason, once for each node that stays', () => {
    const s = sketch();
    for (const name of ['y', 'z']) {
      const product = s.op(`p${name}`, 'MatMul', [s.input(`a${name}`), s.input(`b${name}`)]);
      s.graph.addOutput(s.op(name, 'Add', [product, s.input(`c${name}`)]));
    }
    const { counts } = run(s, gemm);
    expect(opsOf(s.graph)).toEqual(['MatMul', 'Add', 'MatMul', 'Add']);
    expect(counts).toEqual({ 'to-gemm rejected: the bias is not constant': 2 });
  });

  test('tries the other way of a commutative operator when the first is rejected', () => {
    const s = sketch();
    const first = s.op('p', 'MatMul', [s.input('a'), s.input('b')]);
    const second = s.constant('c', [1]);
    s.graph.addOutput(s.op('y', 'Add', [second, first]));
    run(s, gemm);
    expect(opsOf(s.graph)).toEqual(['Gemm']);
  });

  test('leaves interior nodes alone that others read or that are graph outputs', () => {
    const s = sketch();
    const first = s.op('n', 'Neg', [s.input('x')]);
    s.graph.addOutput(s.op('y', 'Neg', [first]));
    s.graph.addOutput(s.op('z', 'Relu', [first]));
    expect(run(s, negTwice).counts).toEqual({ 'neg-twice rejected: the Neg is used elsewhere': 1 });
    const t = sketch();
    const inner = t.op('n', 'Neg', [t.input('x')]);
    t.graph.addOutput(inner);
    t.graph.addOutput(t.op('y', 'Neg', [inner]));
    expect(run(t, negTwice).counts).toEqual({ 'neg-twice rejected: the Neg is a graph output': 1 });
    expect(opsOf(t.graph)).toEqual(['Neg', 'Neg']);
  });

  test('keeps a shared interior node for those that read it', () => {
    const s = sketch();
    const first = s.op('n', 'Neg', [s.input('x')]);
    s.graph.addOutput(s.op('y', 'Neg', [first]));
    s.graph.addOutput(s.op('z', 'Relu', [first]));
    const rule = defineRule({ name: 'shared', match: op('Neg', op('Neg', v('x')).shared()), rewrite: ({ x }) => x });
    expect(run(s, rule).counts).toEqual({ shared: 1 });
    expect(opsOf(s.graph)).toEqual(['Neg', 'Relu']);
  });

  test('counts a use in a subgraph as a use elsewhere', () => {
    const s = sketch();
    const first = s.op('n', 'Neg', [s.input('x')]);
    s.graph.addOutput(s.op('y', 'Neg', [first]));
    const body = sketch();
    body.graph.addOutput(body.op('i', 'Relu', [first]));
    const other = new Graph('else');
    other.addOutput(first, 'o');
    s.op('b', 'If', [s.input('c')], {
      attributes: { then_branch: { kind: 'graph', value: body.graph }, else_branch: { kind: 'graph', value: other } },
    });
    s.graph.addOutput([...s.graph.nodes()].at(-1)!.outputs[0]!);
    expect(run(s, negTwice).counts).toEqual({ 'neg-twice rejected: the Neg is a graph output': 1 });
  });

  test('rejects a match whose further results are read', () => {
    const s = sketch();
    const dropout = s.graph.append({
      op: 'Dropout',
      inputs: [s.input('x')],
      outputs: [{ name: 'y' }, { name: 'mask' }],
    });
    s.graph.addOutput(dropout.outputs[0]!);
    s.graph.addOutput(dropout.outputs[1]!);
    const rule = defineRule({ name: 'drop', match: op('Dropout', v('x')), rewrite: ({ x }) => x });
    expect(run(s, rule).counts).toEqual({ 'drop rejected: result 1 of the Dropout is used': 1 });
  });

  test('looks again at what stands near a change, also at what a pattern reaches from further down', () => {
    const s = sketch();
    let value = s.input('x');
    for (let i = 0; i < 8; i++) value = s.op(`n${i}`, 'Neg', [value]);
    s.graph.addOutput(s.op('y', 'Relu', [value]));
    const { counts } = run(s, negTwice);
    expect(opsOf(s.graph)).toEqual(['Relu']);
    expect(counts).toEqual({ 'neg-twice': 4 });
  });

  test('a shared constant is not changed; one that nothing reads any more goes', () => {
    const s = sketch();
    const two = s.constant('two', [2]);
    const doubling = s.op('m', 'Mul', [s.input('x'), two]);
    s.graph.addOutput(doubling);
    s.graph.addOutput(s.op('o', 'Add', [s.input('y'), two]));
    const rule = defineRule({
      name: 'halve',
      match: op('Mul', v('x'), constant('c')),
      reject: ({ c }) => (toNumbers(c.constant)[0] === 2 ? undefined : 'not 2'),
      rewrite: ({ x, c }, build) => build.op('Div', [x, build.constant(tensorFromNumbers('float32', [1], [0.5]), c)]),
    });
    run(s, rule);
    expect([...s.graph.constants()].map((value) => [value.name, toNumbers(value.constant!)])).toEqual([
      ['two', [2]],
      ['two', [0.5]],
    ]);
    s.graph.setOutput(1, s.graph.inputs[1]!);
    s.graph.erase([...s.graph.nodes()].at(-1)!);
    const back = defineRule({ name: 'gone', match: op('Div', v('x'), constant('c')), rewrite: ({ x }) => x });
    run(s, back);
    expect([...s.graph.constants()].map((value) => toNumbers(value.constant!))).toEqual([[2]]);
  });

  test('gives the plan of a rule to its rewrite, and takes a string for a reason', () => {
    const s = sketch();
    s.graph.addOutput(s.op('y', 'Relu', [s.op('l', 'LeakyRelu', [s.input('x')])]));
    const rule = defineRule({
      name: 'planned',
      match: op(['Relu', 'LeakyRelu'], v('x')).as('node'),
      plan: ({ node }) => (node.op === 'Relu' ? { to: 'Abs' } : 'not a Relu'),
      rewrite: ({ x }, build, { to }) => build.op(to, [x]),
    });
    expect(run(s, rule).counts).toEqual({ planned: 1, 'planned rejected: not a Relu': 1 });
    expect(opsOf(s.graph)).toEqual(['LeakyRelu', 'Abs']);
  });

  test('stops with a warning when rules undo each other', () => {
    const s = sketch();
    s.graph.addOutput(s.op('y', 'Sin', [s.input('x')]));
    const there = defineRule({
      name: 'there',
      match: op('Sin', v('x')),
      rewrite: ({ x }, build) => build.op('Cos', [x]),
    });
    const back = defineRule({
      name: 'back',
      match: op('Cos', v('x')),
      rewrite: ({ x }, build) => build.op('Sin', [x]),
    });
    const { found } = run(s, there, back);
    expect(found.map(({ code, severity }) => [code, severity])).toEqual([['rewrite-step-limit', 'warning']]);
    expect(s.graph.nodeCount).toBe(1);
  });

  test('refuses a rule that gives nothing for a result that is read', () => {
    const s = sketch();
    s.graph.addOutput(s.op('y', 'Sin', [s.input('x')]));
    const rule = defineRule({ name: 'nothing', match: op('Sin', v('x')), rewrite: () => [] });
    expect(() => run(s, rule)).toThrow(/gave nothing for result 0/);
  });

  test('sees the opset of the function that the graph is the body of', () => {
    const body = sketch();
    body.graph.addOutput(body.op('y', 'Sin', [body.input('x')]));
    const model = modelOf(new Graph('main'), 20);
    model.functions = [
      {
        domain: 'd',
        name: 'f',
        overload: '',
        graph: body.graph,
        attributeNames: [],
        attributeDefaults: new Map(),
        opsetImports: new Map([['', 11]]),
      },
    ];
    const seen: number[] = [];
    const rule = defineRule({
      name: 'look',
      match: op('Sin', v('x')),
      reject: (_, { opset }) => {
        seen.push(opset);
        return 'only looking';
      },
      rewrite: ({ x }) => x,
    });
    applyRules(body.graph, [rule], { model, count: () => {}, report: () => {} });
    expect(seen).toEqual([11]);
  });
});
