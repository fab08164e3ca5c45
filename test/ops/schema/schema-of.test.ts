import { describe, expect, it } from 'vitest';
import { float, int, text } from '../../../src/ir/attribute.ts';
import { DATA_TYPES } from '../../../src/ir/dtype.ts';
import { attributeOrDefault } from '../../../src/ops/schema/attribute-or-default.ts';
import { arityOf, nodeProblems, parameterAt } from '../../../src/ops/schema/check-node.ts';
import { parseSchema } from '../../../src/ops/schema/parse-schema.ts';
import { knownDomains, schemaOf, schemasOfDomain, schemaVersions } from '../../../src/ops/schema/schema-of.ts';
import { modelOfOne } from '../infer/infer-one.ts';

describe('the operator tables', () => {
  it('hold every operator of ai.onnx up to opset 28 and of the other domains', () => {
    const live = new Set(
      schemasOfDomain('')
        .map(({ op }) => op)
        .filter((op) => schemaOf('', op, 28)?.deprecated === false),
    );
    // 201 of the standard, and SimplifiedLayerNormalization of ONNX Runtime.
    for (const op of ['LayerNormalization', 'SwiGLU', 'Conv', 'If', 'StringSplit']) expect(live).toContain(op);
    expect(live.size).toBe(202);
    expect(schemasOfDomain('ai.onnx.ml').length).toBe(25);
    expect(new Set(schemasOfDomain('ai.onnx.ml').map(({ op }) => op)).size).toBe(19);
    expect(schemasOfDomain('com.microsoft').length).toBe(127);
    expect(knownDomains()).toContain('ai.onnx.preview.training');
  });

  it('have one row per version, types that exist, and variadic parameters only at the end', () => {
    const types = new Set<string>(DATA_TYPES);
    for (const schema of knownDomains().flatMap(schemasOfDomain)) {
      const name = `${schema.domain}.${schema.op}-${schema.since}`;
      const versions = schemaVersions(schema.domain, schema.op).map(({ since }) => since);
      expect(new Set(versions).size, name).toBe(versions.length);
      for (const parameters of [schema.inputs, schema.outputs]) {
        expect(
          parameters.slice(0, -1).some(({ option }) => option === 'variadic'),
          name,
        ).toBe(false);
        for (const { type } of parameters)
          expect(schema.typeConstraints.has(type) || /^(seq\()?[a-z]+\d*\)?$/.test(type), `${name} ${type}`).toBe(true);
      }
      for (const type of [...schema.typeConstraints.values()].flat()) {
        const inner = /^(?:(?:seq|optional|sparse)\()*([^()]+|map\(.*?\))\)*$/.exec(type)?.[1];
        expect(inner !== undefined && (types.has(inner) || inner.startsWith('map(')), `${name} ${type}`).toBe(true);
      }
    }
  });

  it('give the version that an opset uses', () => {
    const versions = [1, 6, 9, 13, 15, 28].map((opset) => schemaOf('', 'BatchNormalization', opset)?.since);
    expect(versions).toEqual([1, 6, 9, 9, 15, 15]);
    expect(schemaOf('', 'Gelu', 19)).toBeUndefined();
    expect(schemaOf('', 'Upsample', 10)?.deprecated).toBe(true);
    expect(schemaOf('com.microsoft', 'FusedConv', 1)?.inputs.map(({ name }) => name)).toEqual(['X', 'W', 'B', 'Z']);
    expect(schemaOf('nobody', 'Conv', 1)).toBeUndefined();
  });

  it('read a row', () => {
    expect(
      parseSchema(
        'd',
        'Op 3 random function (a:T, b?:seq(T), c~2:V) -> (y:int64) {k!:i, s:s=NONE, f:fs=[0.5 1]} [T=float|seq(2bit) V=string]',
      ),
    ).toEqual({
      domain: 'd',
      op: 'Op',
      since: 3,
      deprecated: false,
      deterministic: false,
      isFunction: true,
      inputs: [
        { name: 'a', type: 'T', option: 'single', homogeneous: true, minArity: 0 },
        { name: 'b', type: 'seq(T)', option: 'optional', homogeneous: true, minArity: 0 },
        { name: 'c', type: 'V', option: 'variadic', homogeneous: false, minArity: 2 },
      ],
      outputs: [{ name: 'y', type: 'int64', option: 'single', homogeneous: true, minArity: 0 }],
      attributes: new Map([
        ['k', { name: 'k', kind: 'int', required: true, default: undefined }],
        ['s', { name: 's', kind: 'string', required: false, default: 'NONE' }],
        ['f', { name: 'f', kind: 'floats', required: false, default: [0.5, 1] }],
      ]),
      typeConstraints: new Map([
        ['T', ['float16', 'float32', 'float64', 'seq(int2)', 'seq(uint2)']],
        ['V', ['string']],
      ]),
    });
    expect(() => parseSchema('d', 'Op (a:T)')).toThrow(SyntaxError);
  });
});

describe('a node beside its schema', () => {
  it('has defaults', () => {
    const { node } = modelOfOne({ op: 'Gemm', inputs: ['float32[2,3]', 'float32[3,4]'], attributes: { transA: 1 } });
    expect(attributeOrDefault(node, 'transA', 13)).toEqual(int(1));
    expect(attributeOrDefault(node, 'transB', 13)).toEqual(int(0));
    expect(attributeOrDefault(node, 'alpha', 13)).toEqual(float(1));
    expect(attributeOrDefault(node, 'unheard', 13)).toBeUndefined();
    const { node: conv } = modelOfOne({ op: 'Conv', inputs: ['float32[...]', 'float32[...]'] });
    expect(attributeOrDefault(conv, 'auto_pad', 11)).toEqual(text('NOTSET'));
    expect(attributeOrDefault(conv, 'pads', 11)).toBeUndefined();
  });

  it('has an arity', () => {
    expect(arityOf(schemaOf('', 'Conv', 22)!.inputs)).toEqual({ fewest: 2, most: 3 });
    expect(arityOf(schemaOf('', 'Concat', 13)!.inputs)).toEqual({ fewest: 1, most: Number.POSITIVE_INFINITY });
    expect(arityOf(schemaOf('', 'Resize', 19)!.inputs)).toEqual({ fewest: 1, most: 4 });
    expect(parameterAt(schemaOf('', 'Loop', 16)!.inputs, 9)?.name).toBe('v_initial');
    expect(parameterAt(schemaOf('', 'Relu', 14)!.inputs, 1)).toBeUndefined();
  });

  it.each([
    ['no problems', { op: 'Conv', inputs: ['float32[...]', 'float32[...]'] }, []],
    [
      'too many operands',
      { op: 'Relu', inputs: ['float32[1]', 'float32[1]'] },
      [`Relu 'y0' has 2 operands; Relu-14 takes 1`],
    ],
    ['too few', { op: 'Conv', inputs: ['float32[1]'] }, [`Conv 'y0' has 1 operands; Conv-22 takes 2 to 3`]],
    [
      'a hole where none may be',
      { op: 'MatMul', inputs: [undefined, 'float32[1]'] },
      [`MatMul 'y0' lacks operand 0 ('A'), which MatMul requires`],
    ],
    [
      'an attribute of another kind',
      { op: 'Gemm', inputs: ['float32[1]', 'float32[1]'], attributes: { alpha: 1 } },
      [`attribute 'alpha' of Gemm 'y0' is of kind int; Gemm-13 expects float`],
    ],
    [
      'a missing attribute',
      { op: 'Concat', inputs: ['float32[1]'] },
      [`Concat 'y0' lacks attribute 'axis', which Concat-13 requires`],
    ],
  ])('has %s', (_, one, problems) => {
    const { node } = modelOfOne(one);
    expect(nodeProblems(node, schemaOf('', node.op, 22)!)).toEqual(problems);
  });
});
