import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Attribute, AttributeKind } from '../../../src/ir/attribute.ts';
import { float, floats, int, ints, text } from '../../../src/ir/attribute.ts';
import { Graph } from '../../../src/ir/graph.ts';
import { int64Tensor, scalarTensor, tensorFromNumbers } from '../../../src/ir/tensor.ts';
import { tensorType } from '../../../src/ir/value-type.ts';
import type { OperatorSchema } from '../../../src/ops/schema/operator-schema.ts';
import { knownDomains, schemasOfDomain } from '../../../src/ops/schema/schema-of.ts';
import { inferOne, type Operand } from './infer-one.ts';

const SCHEMAS = knownDomains().flatMap(schemasOfDomain);

const numbers = fc.constantFrom(0, 1, 2, 3, -1, -2, 7, 64, 1000, 2 ** 31, -(2 ** 31));
const bigints = fc.oneof(numbers.map(BigInt), fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n)));
const dims = fc.oneof(fc.constantFrom<number | string | undefined>(0, 1, 2, 3, 8, 64, 'N', 'M', 'odd name', undefined));

const operands: fc.Arbitrary<Operand> = fc.oneof(
  fc.array(dims, { maxLength: 5 }).map((shape) => tensorType('float32', shape)),
  fc.array(dims, { maxLength: 3 }).map((shape) => tensorType('int64', shape)),
  fc.array(bigints, { maxLength: 5 }),
  fc.constantFrom<Operand>(
    undefined,
    tensorType('float32'),
    tensorType('string', ['N']),
    { kind: 'sequence', element: tensorType('float32', ['N', 2]) },
    { kind: 'sequence', element: undefined },
    { kind: 'optional', element: tensorType('int64', []) },
    { kind: 'sparse-tensor', dtype: 'float32', shape: [2] },
    { kind: 'map', key: 'int64', value: tensorType('float32', []) },
    scalarTensor('bool', 1),
    scalarTensor('int64', -3),
    scalarTensor('float32', Number.NaN),
    tensorFromNumbers('float32', [4], [1, -1, 0.3, Number.POSITIVE_INFINITY]),
    tensorFromNumbers('int64', [2, 2], [0, 9, -9, 1]),
  ),
);

function attributes(kind: AttributeKind): fc.Arbitrary<Attribute | undefined> {
  switch (kind) {
    case 'int':
      return bigints.map(int);
    case 'ints':
      return fc.array(bigints, { maxLength: 5 }).map(ints);
    case 'float':
      return numbers.map(float);
    case 'floats':
      return fc.array(numbers, { maxLength: 4 }).map(floats);
    case 'string':
      return fc
        .constantFrom('', 'SAME_UPPER', 'VALID', 'bidirectional', 'ij,jk->ik', '...a,b->', '->', 'not_larger', '\u0000')
        .map(text);
    case 'tensor':
      return fc.constantFrom(int64Tensor([]), scalarTensor('float32', 1)).map((value) => ({ kind: 'tensor', value }));
    case 'graph':
      return fc.nat({ max: 2 }).map((count) => ({ kind: 'graph', value: bodyWith(count) }));
    default:
      return fc.constant(undefined);
  }
}

/** A body whose inputs are its outputs. */
function bodyWith(count: number): Graph {
  const graph = new Graph('body');
  for (let i = 0; i < count; i++) graph.addOutput(graph.addInput(`b${i}`, undefined));
  return graph;
}

function nodes(schema: OperatorSchema) {
  const given = Object.fromEntries(
    [...schema.attributes.values()].map((spec) => [spec.name, fc.option(attributes(spec.kind), { nil: undefined })]),
  );
  return fc.record({
    inputs: fc.array(operands, { maxLength: schema.inputs.length + 2 }),
    outputs: fc.nat({ max: schema.outputs.length + 1 }),
    attributes: fc
      .record(given)
      .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))) as fc.Arbitrary<
      Record<string, Attribute>
    >,
  });
}

it(`says something or nothing of any node of the ${SCHEMAS.length} operator versions, and never throws`, () => {
  for (const schema of SCHEMAS) {
    fc.assert(
      fc.property(nodes(schema), (node) => {
        const one = { op: schema.op, domain: schema.domain, opset: schema.since, ...node };
        expect(inferOne(one)).toHaveLength(node.outputs);
      }),
      { seed: 7, numRuns: 40 },
    );
  }
});

it.each(['constructor', '__proto__', 'toString', ''])('knows no operator %j', (op) => {
  expect(inferOne({ op, inputs: ['float32[N]'] })).toEqual(['?']);
});
