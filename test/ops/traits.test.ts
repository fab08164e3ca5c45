import { describe, expect, it } from 'vitest';
import { parseModel } from '../../src/ir/text/parse.ts';
import { inferRuleOf } from '../../src/ops/infer/rules.ts';
import { isDeterministic } from '../../src/ops/is-deterministic.ts';
import { knownDomains, schemaOf, schemasOfDomain } from '../../src/ops/schema/schema-of.ts';
import { hasTrait, operatorTraits } from '../../src/ops/traits.ts';
import { modelOfOne } from './infer/infer-one.ts';

const OPERATORS = knownDomains().flatMap((domain) =>
  [...new Set(schemasOfDomain(domain).map(({ op }) => op))].map((op) => ({ domain, op })),
);

describe('traits', () => {
  it('of known operators', () => {
    const node = (op: string, attributes = {}) =>
      modelOfOne({ op, inputs: ['float32[2]', 'float32[2]'], attributes }).node;
    expect(hasTrait(node('Add'), 'commutative')).toBe(true);
    expect(hasTrait(node('Add', { broadcast: 1 }), 'commutative')).toBe(false);
    expect(hasTrait(node('Sub'), 'commutative')).toBe(false);
    expect(hasTrait(node('Transpose'), 'movement')).toBe(true);
    expect(hasTrait(node('Transpose'), 'view')).toBe(false);
    expect(hasTrait(node('Reshape'), 'view')).toBe(true);
    expect(hasTrait(node('LeakyRelu'), 'monotone')).toBe(false);
    expect(hasTrait(node('constructor'), 'unary')).toBe(false);
  });

  it('fit the operators they are given to', () => {
    for (const { domain, op } of OPERATORS) {
      const traits = operatorTraits(domain, op);
      const schema = schemaOf(domain, op, 28)!;
      const name = `${domain}.${op}`;
      if (traits.has('unary')) expect(schema.inputs.filter(({ option }) => option !== 'optional').length, name).toBe(1);
      if (traits.has('binary')) expect(schema.inputs.length, name).toBe(2);
      if (traits.has('variadic')) expect(schema.inputs.at(-1)?.option, name).toBe('variadic');
      if (traits.has('unary') || traits.has('binary') || traits.has('variadic'))
        expect(traits, name).toContain('elementwise');
      if (traits.has('monotone') || traits.has('idempotent')) expect(traits.has('elementwise'), name).toBe(true);
      if (traits.has('view')) expect(traits, name).toContain('movement');
      if (traits.has('control-flow'))
        expect(
          [...schema.attributes.values()].some(({ kind }) => kind === 'graph'),
          name,
        ).toBe(true);
    }
  });
});

describe('isDeterministic', () => {
  const first = (text: string) => {
    const model = parseModel(`<ir_version: 8, opset_import: ["" : 17, "local" : 1]> ${text}`);
    return isDeterministic([...model.graph.nodes()][0]!, model);
  };
  it.each([
    ['an ordinary operator', 'g (float[2] x) => (float[2] y) { y = Relu(x) }', true],
    ['random numbers', 'g (float[2] x) => (float[2] y) { y = RandomNormalLike(x) }', false],
    ['Dropout', 'g (float[2] x) => (float[2] y) { y = Dropout(x) }', true],
    [
      'Dropout in training',
      'g (float[2] x) => (float[2] y) <float r = {0.5}, bool t = {1}> { y = Dropout(x, r, t) }',
      false,
    ],
    [
      'Dropout that may be in training',
      'g (float[2] x, bool t) => (float[2] y) <float r = {0.5}> { y = Dropout(x, r, t) }',
      false,
    ],
    [
      'Dropout told not to',
      'g (float[2] x) => (float[2] y) <float r = {0.5}, bool t = {0}> { y = Dropout(x, r, t) }',
      true,
    ],
    [
      'a branch that draws',
      'g (bool c, float[2] x) => (float[2] y) { y = If (c) <then_branch = t () => (float[2] p) { p = Bernoulli(x) }, else_branch = e () => (float[2] q) { q = Neg(x) }> }',
      false,
    ],
    [
      'branches that do not',
      'g (bool c, float[2] x) => (float[2] y) { y = If (c) <then_branch = t () => (float[2] p) { p = Abs(x) }, else_branch = e () => (float[2] q) { q = Neg(x) }> }',
      true,
    ],
    [
      'a function that draws',
      'g (float[2] x) => (float[2] y) { y = local.F(x) } <domain: "local", opset_import: ["" : 17]> F (a) => (b) { b = RandomUniformLike(a) }',
      false,
    ],
    [
      'a function that does not',
      'g (float[2] x) => (float[2] y) { y = local.F(x) } <domain: "local", opset_import: ["" : 17]> F (a) => (b) { b = Relu(a) }',
      true,
    ],
    ['an operator that nobody knows', 'g (float[2] x) => (float[2] y) { y = local.G(x) }', false],
  ])('%s', (_, text, expected) => {
    expect(first(text)).toBe(expected);
  });
});

describe('rules of inference', () => {
  it('are there for every operator of ai.onnx and ai.onnx.ml', () => {
    const without = OPERATORS.filter(
      ({ domain, op }) => ['', 'ai.onnx.ml'].includes(domain) && inferRuleOf(domain, op) === undefined,
    );
    // GRUUnit has no text; what comes out of it is known by its element type.
    expect(without.map(({ op }) => op)).toEqual(['GRUUnit']);
  });
});
