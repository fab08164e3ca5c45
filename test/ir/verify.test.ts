import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import { int64Tensor } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { verify } from '../../src/ir/verify.ts';

const SOUND = `
  g (float[2] x) => (float[2] y) <int64[1] c = {1}> {
    h = Relu (x)
    z = If (c) <then_branch = t () => (a) { a = Neg (h) }, else_branch = e () => (h) { }>
    y = Add (h, z)
  }`;

/** Writes to what only the graph's own methods may write to, to make the damage that is to be found. */
function damage<T extends object>(target: T): { -readonly [K in keyof T]: T[K] } {
  return target;
}

const nodeOf = (model: Model, op: string) => [...model.graph.nodes()].find((node) => node.op === op)!;
const codesOf = (model: Model | Graph) => [...new Set(verify(model).map(({ code }) => code))].sort();

describe('verify', () => {
  it('finds nothing in a sound model, nor in a subgraph of it', () => {
    const model = parseModel(SOUND);
    expect(verify(model)).toEqual([]);
    const branch = nodeOf(model, 'If').attributes.get('then_branch')!.value as Graph;
    expect(verify(branch)).toEqual([]);
  });

  it.each<[string, (model: Model) => void, readonly string[]]>([
    ['a node before what it reads', ({ graph }) => graph.move([...graph.nodes()][0]!, undefined), ['ir-undefined']],
    [
      'a value of another graph',
      (model) => model.graph.setInput(nodeOf(model, 'Relu'), 0, new Graph('other').addInput('o', undefined)),
      ['ir-undefined'],
    ],
    [
      'a value of an inner graph read outside of it',
      (model) => {
        const branch = nodeOf(model, 'If').attributes.get('then_branch')!.value as Graph;
        model.graph.setInput(nodeOf(model, 'Add'), 1, branch.outputs[0]!.value);
      },
      ['ir-undefined'],
    ],
    [
      'an operand that is no use',
      (model) => (nodeOf(model, 'Add').inputs as unknown[]).splice(1, 1, nodeOf(model, 'Relu').inputs[0]),
      ['ir-uses'],
    ],
    [
      'a count of outputs that is off',
      ({ graph }) => (damage(graph.outputs[0]!.value).outputCount = 2),
      ['ir-outputs'],
    ],
    [
      'a subgraph of another node',
      (model) =>
        (nodeOf(model, 'Add').attributes as Map<string, unknown>).set('body', { kind: 'graph', value: new Graph('g') }),
      ['ir-owner'],
    ],
    ['two inputs of one name', ({ graph }) => graph.addInput('x', undefined), ['ir-interface']],
    ['an input without a name', ({ graph }) => graph.addInput('', undefined), ['ir-interface']],
    ['two outputs of one name and two values', ({ graph }) => graph.addOutput(graph.inputs[0]!, 'y'), ['ir-interface']],
    [
      'a domain that is not imported',
      ({ graph }) => graph.append({ op: 'Gelu', domain: 'com.microsoft', inputs: [graph.inputs[0]] }),
      ['ir-opset'],
    ],
    ['a node without an operator', ({ graph }) => graph.append({ op: '', inputs: [] }), ['ir-operator']],
    [
      'a constant of the wrong size',
      ({ graph }) => {
        const [value] = graph.constants();
        damage(value!).constant = { ...int64Tensor([1]), dims: [3] };
      },
      ['ir-tensor'],
    ],
    [
      'a constant without elements',
      ({ graph }) => {
        const [value] = graph.constants();
        damage(value!).constant = undefined;
      },
      ['ir-constant'],
    ],
    [
      'an integer attribute that is no bigint',
      (model) => model.graph.setAttribute(nodeOf(model, 'Add'), 'axis', { kind: 'int', value: 1 as unknown as bigint }),
      ['ir-attribute'],
    ],
    [
      'a result that names another producer',
      (model) => (damage(nodeOf(model, 'Relu').outputs[0]!).producer = nodeOf(model, 'Add')),
      ['ir-producer'],
    ],
  ])('finds %s', (_, break_, codes) => {
    const model = parseModel(SOUND);
    break_(model);
    expect(codesOf(model)).toEqual(codes);
    for (const problem of verify(model))
      expect(problem).toMatchObject({ severity: 'error', message: expect.any(String), at: expect.any(String) });
  });

  it('looks into functions with their own imports', () => {
    const model = parseModel(`<ir_version: 8, opset_import: ["" : 17, "local" : 1]>
      g (float[2] x) => (float[2] y) { y = local.f (x) }
      <domain: "local", opset_import: ["" : 17]> f (x) => (y) { y = Relu (x) }`);
    expect(verify(model)).toEqual([]);
    (model.functions[0]!.opsetImports as Map<string, number>).clear();
    expect(codesOf(model)).toEqual(['ir-opset']);
  });
});
