import { describe, expect, it } from 'vitest';
import { type Attribute, int } from '../../../src/ir/attribute.ts';
import { Graph } from '../../../src/ir/graph.ts';
import type { FunctionDef } from '../../../src/ir/model.ts';
import type { Dim } from '../../../src/ir/shape.ts';
import { int64Tensor, scalarTensor } from '../../../src/ir/tensor.ts';
import type { Value } from '../../../src/ir/value.ts';
import { formatType } from '../../../src/ir/value-type.ts';
import { inferGraph, inferModel } from '../../../src/ops/infer/infer-graph.ts';
import { attributesOf, emptyModel, type PlainAttributes, typeOfText } from './infer-one.ts';

function add(
  graph: Graph,
  op: string,
  inputs: readonly (Value | undefined)[],
  attributes: PlainAttributes = {},
  outputs = 1,
): Value[] {
  const node = graph.append({
    op,
    inputs,
    attributes: attributesOf(attributes),
    outputs: Array.from({ length: outputs }, () => ({})),
  });
  return node.outputs.map((output) => output!);
}

function graphAttribute(graph: Graph): Attribute {
  return { kind: 'graph', value: graph };
}

/** A body that makes its outputs from its inputs and what stands around it. */
function body(inputs: number, make: (graph: Graph, inputs: readonly Value[]) => readonly Value[]): Graph {
  const graph = new Graph('body');
  for (const output of make(
    graph,
    Array.from({ length: inputs }, (_, i) => graph.addInput(`b${i}`, undefined)),
  ))
    graph.addOutput(output);
  return graph;
}

function typesOf(model: ReturnType<typeof emptyModel>, values: readonly Value[]): string[] {
  const { types } = inferGraph(model.graph, model);
  return values.map((value) => formatType(types.get(value)));
}

describe('what starts an inference', () => {
  it('names open dimensions and does not merge them', () => {
    const model = emptyModel(21);
    const a = model.graph.addInput('a', typeOfText('float32[?,4]'));
    const b = model.graph.addInput('b', typeOfText('float32[?,4]'));
    expect(typesOf(model, [...add(model.graph, 'Relu', [a]), ...add(model.graph, 'Add', [a, b])])).toEqual([
      'float32[a.0,4]',
      'float32[?,4]',
    ]);
  });

  it('takes equal symbols of two inputs for equal sizes', () => {
    const model = emptyModel(21);
    const a = model.graph.addInput('a', typeOfText('float32[N,4]'));
    const b = model.graph.addInput('b', typeOfText('float32[N,4]'));
    expect(typesOf(model, add(model.graph, 'Add', [a, b]))).toEqual(['float32[N,4]']);
  });

  it.each(['None', '?', 'unk', '-1'])('does not take %j at two places for one size', (name) => {
    const model = emptyModel(21);
    const a = model.graph.addInput('a', { kind: 'tensor', dtype: 'float32', shape: [name] });
    const b = model.graph.addInput('b', { kind: 'tensor', dtype: 'float32', shape: [name] });
    expect(typesOf(model, add(model.graph, 'Add', [a, b]))).toEqual(['float32[?]']);
  });

  it('does not take a name that reads as an expression for what it seems to say', () => {
    const model = emptyModel(21);
    const a = model.graph.addInput('a', { kind: 'tensor', dtype: 'float32', shape: ['N', '2*N'] });
    const [flat] = add(model.graph, 'Concat', [a, a], { axis: 0 });
    expect(typesOf(model, [flat!])).toEqual(['float32[2*N,a.1]']);
  });

  it('does not believe what the file declares of inner values', () => {
    const model = emptyModel(21);
    const a = model.graph.addInput('a', typeOfText('float32[N]'));
    const node = model.graph.append({ op: 'Relu', inputs: [a], outputs: [{ declared: typeOfText('float32[7]') }] });
    expect(typesOf(model, [node.outputs[0]!])).toEqual(['float32[N]']);
  });

  it('does not take an overridable default for a constant', () => {
    const model = emptyModel(21);
    const a = model.graph.addInput('a', typeOfText('float32[2,3]'));
    const target = model.graph.addInput('target', typeOfText('int64[2]'), { initial: int64Tensor([3, 2]) });
    expect(typesOf(model, add(model.graph, 'Reshape', [a, target]))).toEqual(['float32[?,?]']);
  });

  it('keeps the type that a pass has proven for an operator without a rule', () => {
    const model = emptyModel(21);
    const a = model.graph.addInput('a', typeOfText('float32[N]'));
    const node = model.graph.append({
      op: 'Custom',
      domain: 'my.own',
      inputs: [a],
      outputs: [{ type: typeOfText('float32[N,2]') }],
    });
    expect(typesOf(model, [node.outputs[0]!, ...add(model.graph, 'Relu', [node.outputs[0]])])).toEqual([
      'float32[N,2]',
      'float32[N,2]',
    ]);
  });
});

describe('sizes that a convolution shows not to be negative', () => {
  /** `(size - 1) / 8 + 1` of an input's heights, computed before the convolution, which may lie in a branch. */
  function dividedHeight(pads: readonly number[], { inBranch = false } = {}): string {
    const model = emptyModel(21);
    const { graph } = model;
    const x = graph.addInput('x', typeOfText('float32[N,3,H,32]'));
    const height = add(graph, 'Shape', [x], { start: 2, end: 3 })[0]!;
    const less = add(graph, 'Sub', [height, graph.addConstant(int64Tensor([1]))])[0]!;
    const steps = add(graph, 'Div', [less, graph.addConstant(int64Tensor([8]))])[0]!;
    const size = add(graph, 'Add', [steps, graph.addConstant(int64Tensor([1]))])[0]!;
    const weights = graph.addInput('w', typeOfText('float32[4,3,3,3]'));
    const convolve = (where: Graph): Value => add(where, 'Conv', [x, weights], { pads, strides: [2, 2] })[0]!;
    if (inBranch) {
      const condition = graph.addInput('c', typeOfText('bool[]'));
      const branch = () => graphAttribute(body(0, (inner) => [convolve(inner)]));
      graph.append({
        op: 'If',
        inputs: [condition],
        attributes: { then_branch: branch(), else_branch: branch() },
        outputs: [{}],
      });
    } else convolve(graph);
    return String(inferModel(model).get(size)?.elements[0]);
  }

  it('lets them be divided', () => {
    expect(dividedHeight([1, 1, 1, 1])).toBe('floor((H+7)/8)');
  });

  it('does not where the window leaves room for less', () => {
    expect(dividedHeight([2, 2, 2, 2])).toBe('undefined');
  });

  it('does not where the convolution may not run', () => {
    expect(dividedHeight([1, 1, 1, 1], { inBranch: true })).toBe('undefined');
  });
});

describe('elements of small tensors', () => {
  /** Graph of x [N,3,H,8] whose last value's elements are asked for. */
  function elementsOf(
    make: (graph: Graph, x: Value, constant: (...numbers: number[]) => Value) => Value,
  ): readonly Dim[] | undefined {
    const model = emptyModel(13);
    const x = model.graph.addInput('x', typeOfText('float32[N,3,H,8]'));
    const value = make(model.graph, x, (...numbers) => model.graph.addConstant(int64Tensor(numbers)));
    return inferModel(model).get(value)?.elements;
  }
  const one = (values: readonly Value[]) => values[0]!;

  it.each<
    [string, (graph: Graph, x: Value, constant: (...numbers: number[]) => Value) => Value, readonly Dim[] | undefined]
  >([
    ['Shape', (g, x) => one(add(g, 'Shape', [x])), ['N', 3, 'H', 8]],
    ['Size', (g, x) => one(add(g, 'Size', [x])), ['24*H*N']],
    ['Gather', (g, x, c) => one(add(g, 'Gather', [one(add(g, 'Shape', [x])), c(-2, 0)])), ['H', 'N']],
    [
      'Slice with a negative step',
      (g, x, c) => one(add(g, 'Slice', [one(add(g, 'Shape', [x])), c(-1), c(-5), c(0), c(-1)])),
      [8, 'H', 3, 'N'],
    ],
    ['Concat', (g, x, c) => one(add(g, 'Concat', [c(7), one(add(g, 'Shape', [x]))], { axis: 0 })), [7, 'N', 3, 'H', 8]],
    ['Split', (g, x) => add(g, 'Split', [one(add(g, 'Shape', [x]))], { axis: 0 }, 2)[1]!, ['H', 8]],
    [
      'Mul and floor division',
      (g, x, c) => one(add(g, 'Div', [one(add(g, 'Mul', [one(add(g, 'Shape', [x])), c(3)])), c(6)])),
      ['floor(N/2)', 1, 'floor(H/2)', 4],
    ],
    [
      'Div of what may be negative',
      (g, x, c) => one(add(g, 'Div', [one(add(g, 'Sub', [one(add(g, 'Shape', [x])), c(1)])), c(2)])),
      [undefined, 1, undefined, 3],
    ],
    ['Cast through int32', (g, x) => one(add(g, 'Cast', [one(add(g, 'Shape', [x]))], { to: 6 })), ['N', 3, 'H', 8]],
    [
      'Cast to float loses symbols',
      (g, x) => one(add(g, 'Cast', [one(add(g, 'Shape', [x]))], { to: 1 })),
      [undefined, 3, undefined, 8],
    ],
    ['ReduceProd', (g, x) => one(add(g, 'ReduceProd', [one(add(g, 'Shape', [x]))], { keepdims: 0 })), ['24*H*N']],
    [
      'ReduceMax is a maximum',
      (g, x) => one(add(g, 'ReduceMax', [one(add(g, 'Shape', [x]))])),
      ['max(8,max(H,max(3,N)))'],
    ],
    [
      'Equal of a symbol with itself and with others',
      (g, x, c) => one(add(g, 'Equal', [one(add(g, 'Shape', [x])), c(0, 3, 1, 9)])),
      [undefined, 1, undefined, 0],
    ],
    ['Less', (g, x, c) => one(add(g, 'Less', [one(add(g, 'Shape', [x])), c(0, 4, 0, 8)])), [0, 1, 0, 0]],
    [
      'Where',
      (g, x, c) =>
        one(
          add(g, 'Where', [
            one(add(g, 'Equal', [c(1, 0, 1, 0), c(1, 1, 1, 1)])),
            one(add(g, 'Shape', [x])),
            c(-1, -1, -1, -1),
          ]),
        ),
      ['N', -1, 'H', -1],
    ],
    [
      'Range',
      (g) =>
        one(
          add(g, 'Range', [
            g.addConstant(scalarTensor('int64', 1)),
            g.addConstant(scalarTensor('int64', 7)),
            g.addConstant(scalarTensor('int64', 2)),
          ]),
        ),
      [1, 3, 5],
    ],
    [
      'ConstantOfShape and NonZero',
      (g, _, c) =>
        one(
          add(g, 'NonZero', [
            one(add(g, 'ConstantOfShape', [c(3)], { value: { kind: 'tensor', value: int64Tensor([1]) } })),
          ]),
        ),
      [0, 1, 2],
    ],
    [
      'ScatterND',
      (g, x, c) => one(add(g, 'ScatterND', [one(add(g, 'Shape', [x])), one(add(g, 'Unsqueeze', [c(1), c(1)])), c(9)])),
      ['N', 9, 'H', 8],
    ],
    [
      'Tile and Expand',
      (g, x, c) => one(add(g, 'Tile', [one(add(g, 'Gather', [one(add(g, 'Shape', [x])), c(0)])), c(2)])),
      ['N', 'N'],
    ],
    [
      'Transpose of a matrix',
      (g, x, c) => one(add(g, 'Transpose', [one(add(g, 'Reshape', [one(add(g, 'Shape', [x])), c(2, 2)]))])),
      ['N', 'H', 3, 8],
    ],
    ['elements beyond the type are unknown', (g, _, c) => one(add(g, 'Cast', [c(300, 3)], { to: 2 })), [undefined, 3]],
  ])('%s', (_, make, expected) => {
    expect(elementsOf(make)).toEqual(expected);
  });

  it('make the target of a Reshape known', () => {
    const model = emptyModel(13);
    const x = model.graph.addInput('x', typeOfText('float32[N,L,8]'));
    const [shape] = add(model.graph, 'Shape', [x]);
    const [length] = add(model.graph, 'Gather', [shape, model.graph.addConstant(int64Tensor([1]))]);
    const [target] = add(
      model.graph,
      'Concat',
      [model.graph.addConstant(int64Tensor([-1])), length, model.graph.addConstant(int64Tensor([4, 2]))],
      { axis: 0 },
    );
    const [split] = add(model.graph, 'Reshape', [x, target]);
    expect(typesOf(model, add(model.graph, 'Transpose', [split], { perm: [0, 2, 1, 3] }))).toEqual([
      'float32[N,4,L,2]',
    ]);
  });
});

describe('control flow', () => {
  it('keeps what both branches of an If agree in, and looks outward', () => {
    const model = emptyModel(21);
    const x = model.graph.addInput('x', typeOfText('float32[N,4]'));
    const condition = model.graph.addInput('c', typeOfText('bool[]'));
    const [y] = add(model.graph, 'If', [condition], {
      then_branch: graphAttribute(body(0, (graph) => add(graph, 'Relu', [x]))),
      else_branch: graphAttribute(body(0, (graph) => add(graph, 'Concat', [x, x], { axis: 1 }))),
    });
    expect(typesOf(model, [y!])).toEqual(['float32[N,?]']);
  });

  it('takes the branch of a known condition, with its elements', () => {
    const model = emptyModel(21);
    const x = model.graph.addInput('x', typeOfText('float32[N,4]'));
    const [rank] = add(model.graph, 'Size', [add(model.graph, 'Shape', [x])[0]]);
    const [condition] = add(model.graph, 'Equal', [rank, model.graph.addConstant(scalarTensor('int64', 2))]);
    const [y] = add(model.graph, 'If', [condition], {
      then_branch: graphAttribute(body(0, (graph) => add(graph, 'Shape', [x]))),
      else_branch: graphAttribute(body(0, (graph) => add(graph, 'Identity', [graph.addConstant(int64Tensor([1]))]))),
    });
    const facts = inferGraph(model.graph, model);
    expect(formatType(facts.types.get(y!))).toBe('int64[2]');
    expect(facts.values.get(y!)?.elements).toEqual(['N', 4]);
  });

  it('gives up only the dimension that grows in a Loop', () => {
    const model = emptyModel(21);
    const x = model.graph.addInput('x', typeOfText('float32[N,4]'));
    const trips = model.graph.addInput('trips', typeOfText('int64[]'));
    let inside: Value | undefined;
    const loop = body(3, (graph, [, condition, state]) => {
      [inside] = add(graph, 'Relu', [state]);
      return [condition!, ...add(graph, 'Concat', [inside, x], { axis: 0 }), ...add(graph, 'Identity', [x])];
    });
    const results = add(model.graph, 'Loop', [trips, undefined, x], { body: graphAttribute(loop) }, 2);
    expect(typesOf(model, [...results, inside!])).toEqual(['float32[?,4]', 'float32[?,N,4]', 'float32[?,4]']);
  });

  it('knows the types of a Loop that changes nothing', () => {
    const model = emptyModel(21);
    const x = model.graph.addInput('x', typeOfText('float32[N,4]'));
    const loop = body(3, (graph, [, condition, state]) => [condition!, ...add(graph, 'Relu', [state])]);
    expect(typesOf(model, add(model.graph, 'Loop', [undefined, undefined, x], { body: graphAttribute(loop) }))).toEqual(
      ['float32[N,4]'],
    );
  });

  it('cuts the inputs of a Scan and stacks its outputs', () => {
    const model = emptyModel(21);
    const state = model.graph.addInput('h', typeOfText('float32[N,8]'));
    const data = model.graph.addInput('x', typeOfText('float32[N,T,8]'));
    const step = body(2, (graph, [h, x]) => {
      const [sum] = add(graph, 'Add', [h, x]);
      return [sum!, ...add(graph, 'Tanh', [sum])];
    });
    const results = add(
      model.graph,
      'Scan',
      [state, data],
      { body: graphAttribute(step), num_scan_inputs: 1, scan_input_axes: [1], scan_output_axes: [-1] },
      2,
    );
    expect(typesOf(model, results)).toEqual(['float32[N,8]', 'float32[N,8,T]']);
  });

  it('maps over sequences', () => {
    const model = emptyModel(21);
    const x = model.graph.addInput('x', { kind: 'sequence', element: typeOfText('float32[N,4]') });
    const [y] = add(model.graph, 'SequenceMap', [x], {
      body: graphAttribute(body(1, (graph, [each]) => add(graph, 'Shape', [each]))),
    });
    expect(typesOf(model, [y!])).toEqual(['seq(int64[2])']);
  });
});

describe('local functions', () => {
  function definition(graph: Graph, attributeNames: readonly string[] = []): FunctionDef {
    return {
      domain: 'my',
      name: 'F',
      overload: '',
      graph,
      attributeNames,
      attributeDefaults: new Map(),
      opsetImports: new Map([['', 21]]),
    };
  }

  it('are inferred per call, with the attributes of the call', () => {
    const model = emptyModel(13);
    const flatten = body(1, (graph, [x]) =>
      add(graph, 'Flatten', [x], { axis: { kind: 'reference', value: 'at', of: 'int' } }),
    );
    model.functions.push(definition(flatten, ['at']));
    const x = model.graph.addInput('x', typeOfText('float32[N,2,3]'));
    const call = (at: number) =>
      model.graph.append({ op: 'F', domain: 'my', inputs: [x], attributes: { at: int(at) } }).outputs[0]!;
    expect(typesOf(model, [call(1), call(2)])).toEqual(['float32[N,6]', 'float32[2*N,3]']);
  });

  it('that call themselves come to an end', () => {
    const model = emptyModel(13);
    const graph = new Graph('endless');
    const x = graph.addInput('x', undefined);
    for (const node of [0, 1].map(() => graph.append({ op: 'F', domain: 'my', inputs: [x] })))
      graph.addOutput(node.outputs[0]!);
    model.functions.push(definition(graph));
    const data = model.graph.addInput('x', typeOfText('float32[N]'));
    const node = model.graph.append({ op: 'F', domain: 'my', inputs: [data] });
    expect(typesOf(model, [node.outputs[0]!, ...add(model.graph, 'Relu', [data])])).toEqual(['?', 'float32[N]']);
  });
});
