import { onnx } from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { differenceOfModels } from '../../src/ir/equal-models.ts';
import type { Graph } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import { toNumbers } from '../../src/ir/tensor.ts';
import { isUnused } from '../../src/ir/value.ts';
import { formatType } from '../../src/ir/value-type.ts';
import { verify } from '../../src/ir/verify.ts';
import { readModel } from '../../src/onnx/read-model.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { errorOf, floats, graphAttribute, info, modelBytes, nodeProto } from './message-bytes.ts';

function read(
  graph: onnx.IGraphProto,
  rest: onnx.IModelProto = {},
): { readonly model: Model; readonly found: readonly Diagnostic[] } {
  const found: Diagnostic[] = [];
  const model = readModel(modelBytes(graph, rest), { report: (diagnostic) => found.push(diagnostic) });
  expect(verify(model)).toEqual([]);
  expect(differenceOfModels(model, readModel(writeModel(model)), { names: false })).toBeUndefined();
  return { model, found };
}

const nodes = (graph: Graph) => [...graph.nodes()];
const subgraph = (model: Model, node: number, name: string) =>
  nodes(model.graph)[node]!.attributes.get(name)!.value as Graph;

describe('initializers', () => {
  it('that are inputs too are defaults from IR version 4 on', () => {
    const graph = {
      input: [info('x', 2), info('w', 2)],
      initializer: [floats('w', 1, 2)],
      node: [nodeProto('Add', ['x', 'w'], ['y'])],
      output: [info('y', 2)],
    };
    const { model } = read(graph);
    expect(model.graph.inputs.map(({ name }) => name)).toEqual(['x', 'w']);
    expect([model.graph.inputs[1]!.constant, toNumbers(model.graph.inputs[1]!.initial!)]).toEqual([undefined, [1, 2]]);
  });

  it('are constants before, and are listed as inputs when written', () => {
    const graph = {
      input: [info('w', 2), info('x', 2)],
      initializer: [floats('w', 1, 2)],
      node: [nodeProto('Add', ['x', 'w'], ['y'])],
      output: [info('y', 2)],
    };
    const { model } = read(graph, { irVersion: 3 });
    expect(model.graph.inputs.map(({ name }) => name)).toEqual(['x']);
    expect([...model.graph.constants()].map(({ name, constant }) => [name, toNumbers(constant!)])).toEqual([
      ['w', [1, 2]],
    ]);
    const written = onnx.ModelProto.decode(writeModel(model)).graph!;
    expect(written.input!.map(({ name }) => name)).toEqual(['x', 'w']);
    expect(written.initializer).toHaveLength(1);
  });

  it('that a training graph updates are no constants', () => {
    const update = { key: 'w', value: 'w_new' };
    const graph = {
      input: [info('x', 2)],
      initializer: [floats('w', 1, 2), floats('v', 1, 2)],
      node: [nodeProto('Add', ['x', 'w'], ['y'])],
      output: [info('y', 2)],
    };
    const { model } = read(graph, { trainingInfo: [{ updateBinding: [update], algorithm: { name: 'step' } }] });
    const [w, v] = [...model.graph.constants()];
    expect([w!.constant, w!.initial?.dims, v!.constant?.dims]).toEqual([undefined, [2], [2]]);
    const again = onnx.ModelProto.decode(writeModel(model));
    expect(again.trainingInfo?.[0]).toMatchObject({ updateBinding: [update], algorithm: { name: 'step' } });
  });

  it('that are given twice count by their last', () => {
    const { model, found } = read({ initializer: [floats('w', 1), floats('w', 2)], output: [info('w', 1)] });
    expect([...model.graph.constants()].map(({ constant }) => toNumbers(constant!))).toEqual([[2]]);
    expect(found.map(({ code }) => code)).toEqual(['onnx-duplicate-initializer']);
  });

  it('may be sparse, quantization parameters, outputs', () => {
    const indices = { name: 'i', dataType: 7, dims: [1], int64Data: [4] };
    const { model } = read({
      input: [info('x', 3, 3)],
      initializer: [floats('scale', 0.5)],
      sparseInitializer: [{ values: floats('s', 2), indices, dims: [3, 3] }],
      node: [nodeProto('Add', ['x', 's'], ['y'])],
      output: [info('y', 3, 3), info('scale', 1)],
      quantizationAnnotation: [
        { tensorName: 'x', quantParameterTensorNames: [{ key: 'SCALE_TENSOR', value: 'scale' }] },
      ],
    });
    const [scale, sparse] = [...model.graph.constants()];
    expect(sparse!.sparse).toMatchObject({ dims: [3, 3] });
    expect([isUnused(scale!), scale!.heldCount, scale!.outputCount]).toEqual([false, 1, 1]);
    expect(model.graph.annotations[0]!.parameters.get('SCALE_TENSOR')).toBe(scale);
  });
});

describe('nodes', () => {
  it('keep holes among their operands and results', () => {
    const { model } = read({
      input: [info('x', 1)],
      node: [nodeProto('Clip', ['x', '', 'x', ''], ['', 'y'])],
      output: [info('y', 1)],
    });
    const [node] = nodes(model.graph);
    expect([node!.inputs.map((value) => value?.name), node!.outputs.map((value) => value?.name)]).toEqual([
      ['x', undefined, 'x', undefined],
      [undefined, 'y'],
    ]);
  });

  it('are sorted where the file has them in another order', () => {
    const branch = { node: [nodeProto('Neg', ['b'], ['t'])], output: [{ name: 't' }] };
    const { model, found } = read({
      input: [info('x', 1)],
      node: [
        nodeProto('If', ['c'], ['z'], {
          attribute: [graphAttribute('then_branch', branch), graphAttribute('else_branch', branch)],
        }),
        nodeProto('Relu', ['b'], ['c']),
        nodeProto('Abs', ['x'], ['b']),
        nodeProto('Exp', ['x'], ['d']),
      ],
      output: [info('z', 1), info('d', 1)],
    });
    expect(nodes(model.graph).map(({ op }) => op)).toEqual(['Abs', 'Relu', 'If', 'Exp']);
    expect(found.map(({ code }) => code)).toEqual(['onnx-unsorted']);
  });

  it('of operator sets that are not imported get them, with a warning', () => {
    const { model, found } = read({
      node: [
        nodeProto('Gelu', [], ['y'], { domain: 'com.microsoft' }),
        nodeProto('Op', [], ['z'], { domain: 'ai.onnx' }),
      ],
    });
    expect([...model.opsetImports]).toEqual([
      ['', 17],
      ['com.microsoft', 1],
    ]);
    expect(found.map(({ code }) => code)).toEqual(['onnx-missing-opset']);
  });

  it('take the kind of an attribute from its value where the file does not give it', () => {
    const attribute = [
      { name: 'i', i: 0 },
      { name: 'f', f: 0.5 },
      { name: 's', s: new TextEncoder().encode('text') },
      { name: 'ints', ints: [1, -1] },
      { name: 't', t: floats('', 1) },
    ];
    const { model } = read({ node: [nodeProto('Op', [], ['y'], { attribute })] }, { irVersion: 1, opsetImport: [] });
    const [node] = nodes(model.graph);
    expect(Array.from(node!.attributes.values(), ({ kind }) => kind)).toEqual([
      'int',
      'float',
      'string',
      'ints',
      'tensor',
    ]);
    expect(node!.attributes.get('i')).toEqual({ kind: 'int', value: 0n });
    expect([...model.opsetImports]).toEqual([['', 1]]);
  });

  it('keep what files claim of their results, and no type for what they leave open', () => {
    const { model } = read({
      input: [info('x', 'N')],
      node: [nodeProto('Relu', ['x'], ['h']), nodeProto('Relu', ['h'], ['y'])],
      valueInfo: [info('h', 'N', 3), info('gone', 1)],
      output: [{ name: 'y', type: {} }],
    });
    const [h, y] = nodes(model.graph).map(({ outputs }) => outputs[0]!);
    expect([formatType(h!.declared), h!.type, y!.declared, model.graph.outputs[0]!.declared]).toEqual([
      'float32[N,3]',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('subgraphs', () => {
  const branches = (then: onnx.IGraphProto, otherwise: onnx.IGraphProto) => [
    graphAttribute('then_branch', then),
    graphAttribute('else_branch', otherwise),
  ];

  it('read outer values, give them as outputs, and may hide their names', () => {
    const { model } = read({
      input: [info('x', 1), info('c', 1)],
      node: [
        nodeProto('Abs', ['x'], ['h']),
        nodeProto('If', ['c'], ['y'], {
          attribute: branches(
            { node: [nodeProto('Neg', ['x'], ['h']), nodeProto('Exp', ['h'], ['t'])], output: [{ name: 't' }] },
            { node: [], output: [{ name: 'h' }] },
          ),
        }),
      ],
      output: [info('y', 1)],
    });
    const [abs] = nodes(model.graph);
    const [neg, exp] = nodes(subgraph(model, 1, 'then_branch'));
    expect(exp!.inputs[0]).toBe(neg!.outputs[0]);
    expect(neg!.inputs[0]).toBe(model.graph.inputs[0]);
    expect(subgraph(model, 1, 'else_branch').outputs[0]!.value).toBe(abs!.outputs[0]);
    expect(abs!.outputs[0]!.outputCount).toBe(1);
  });

  it('are read to the depth of the format, and refused beyond it', () => {
    const nested = (depth: number): onnx.IGraphProto => ({
      node:
        depth === 0
          ? [nodeProto('Neg', ['x'], ['y'])]
          : [nodeProto('If', ['x'], ['y'], { attribute: [graphAttribute('then_branch', nested(depth - 1))] })],
      output: [{ name: 'y' }],
    });
    read({ input: [info('x', 1)], ...nested(30) });
    expect(errorOf(() => readModel(modelBytes({ input: [info('x', 1)], ...nested(40) })))).toMatchObject({
      code: 'onnx-malformed',
      message: expect.stringContaining('deeper'),
    });
  });
});

describe('the interface', () => {
  it('may repeat an output, and give an input back', () => {
    const { model } = read({
      input: [info('x', 1)],
      node: [nodeProto('Neg', ['x'], ['y'])],
      output: [info('y', 1), info('x', 1), info('y', 1)],
    });
    expect(model.graph.outputs.map(({ name, value }) => [name, value.outputCount])).toEqual([
      ['y', 2],
      ['x', 1],
      ['y', 2],
    ]);
  });
});

describe('functions', () => {
  it('keep their attributes, defaults, imports and types', () => {
    const bytes = modelBytes(
      { input: [info('x', 1)], node: [nodeProto('f', ['x'], ['y'], { domain: 'local' })], output: [info('y', 1)] },
      {
        opsetImport: [
          { domain: '', version: 17 },
          { domain: 'local', version: 1 },
        ],
        functions: [
          {
            name: 'f',
            domain: 'local',
            input: ['a'],
            output: ['b'],
            attribute: ['alpha'],
            opsetImport: [{ domain: '', version: 18 }],
            node: [
              nodeProto('LeakyRelu', ['a'], ['b'], { attribute: [{ name: 'alpha', type: 1, refAttrName: 'alpha' }] }),
            ],
          },
        ],
      },
    );
    const model = readModel(bytes);
    expect(verify(model)).toEqual([]);
    const [definition] = model.functions;
    expect(definition).toMatchObject({ domain: 'local', name: 'f', attributeNames: ['alpha'] });
    expect(definition!.opsetImports.get('')).toBe(18);
    expect(nodes(definition!.graph)[0]!.attributes.get('alpha')).toEqual({
      kind: 'reference',
      value: 'alpha',
      of: 'float',
    });
    expect(differenceOfModels(model, readModel(writeModel(model)))).toBeUndefined();
  });

  it('have constants as nodes in the file', () => {
    const model = readModel(
      modelBytes(
        {},
        {
          functions: [
            {
              name: 'f',
              domain: 'local',
              input: ['a'],
              output: ['b'],
              opsetImport: [{ version: 17 }],
              node: [nodeProto('Neg', ['a'], ['b'])],
            },
          ],
        },
      ),
    );
    const { graph } = model.functions[0]!;
    const constant = graph.addConstant(
      nodes(
        readModel(
          modelBytes({ node: [nodeProto('C', [], ['c'], { attribute: [{ name: 't', type: 4, t: floats('', 3) }] })] }),
        ).graph,
      )[0]!.attributes.get('t')!.value as never,
      'k',
    );
    graph.setInput(nodes(graph)[0]!, 0, constant);
    const [written] = onnx.ModelProto.decode(writeModel(model)).functions!;
    expect(written!.node!.map(({ opType, input, output }) => [opType, input, output])).toEqual([
      ['Constant', [], ['k']],
      ['Neg', ['k'], ['b']],
    ]);
  });
});

describe('what no graph can mean', () => {
  const output = [info('y', 1)];
  const calls = (name: string, called: string) => ({
    name,
    domain: 'local',
    output: ['y'],
    opsetImport: [{ domain: 'local', version: 1 }],
    node: [nodeProto(called, [], ['y'], { domain: 'local' })],
  });
  it.each<[string, onnx.IGraphProto, onnx.IModelProto]>([
    ['onnx-undefined-name', { node: [nodeProto('Neg', ['x'], ['y'])], output }, {}],
    ['onnx-undefined-name', { output }, {}],
    ['onnx-duplicate-name', { node: [nodeProto('A', [], ['y']), nodeProto('B', [], ['y'])], output }, {}],
    ['onnx-duplicate-name', { input: [info('y', 1)], node: [nodeProto('A', [], ['y'])], output }, {}],
    ['onnx-duplicate-name', { input: [info('y', 1), info('y', 1)], output }, {}],
    ['onnx-cycle', { node: [nodeProto('A', ['b'], ['a']), nodeProto('B', ['a'], ['b'])] }, {}],
    ['onnx-cycle', { node: [nodeProto('A', ['a'], ['a'])] }, {}],
    ['onnx-attribute', { node: [nodeProto('A', [], ['y'], { attribute: [{ name: 'a' }] })] }, {}],
    ['onnx-attribute', { node: [nodeProto('A', [], ['y'], { attribute: [{ name: 'a', type: 99 as never }] })] }, {}],
    ['onnx-attribute', { node: [nodeProto('A', [], ['y'], { attribute: [{ name: 'a', type: 5 }] })] }, {}],
    ['onnx-sparse-tensor', { sparseInitializer: [{ values: floats('s', 1) }] }, {}],
    ['onnx-sparse-tensor', { sparseInitializer: [{ values: floats('s', 1), indices: floats('i', 1), dims: [9] }] }, {}],
    ['onnx-no-opset', { output: [] }, { opsetImport: [] }],
    ['onnx-recursive-function', {}, { functions: [calls('f', 'g'), calls('g', 'f')] }],
  ])('is refused as %s', (code, graph, rest) => {
    const error = errorOf(() => readModel(modelBytes(graph, rest)));
    expect(error.code).toBe(code);
    expect(error.hint).toBeDefined();
  });
});
