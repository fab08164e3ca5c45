import { onnx } from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import { int64Tensor } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { readModel } from '../../src/onnx/read-model.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';

/** A written graph as short text: `out=Op(in,in)` per node, and the outputs. */
function written(model: Model): {
  readonly nodes: readonly string[];
  readonly outputs: readonly string[];
  readonly initializers: readonly string[];
} {
  const graph = onnx.ModelProto.decode(writeModel(model)).graph!;
  return {
    nodes: graph.node!.map(({ output, opType, input }) => `${output}=${opType}(${input})`),
    outputs: graph.output!.map(({ name }) => name!),
    initializers: graph.initializer!.map(({ name }) => name!),
  };
}

const first = (model: Model) => [...model.graph.nodes()][0]!;

describe('the names that are written', () => {
  it('are those of the interface whatever stands in an output', () => {
    const model = parseModel('g (float[2] x) => (float[2] y, float[2] z) { h = Neg (x) y = Abs (h) z = Exp (h) }');
    const { graph } = model;
    graph.setOutput(0, first(model).outputs[0]!);
    // One value in two outputs carries the name of the first; the second is its Identity.
    graph.setOutput(1, first(model).outputs[0]!);
    expect(written(model)).toEqual({
      nodes: ['y=Neg(x)', 'y_1=Abs(y)', 'z_1=Exp(y)', 'z=Identity(y)'],
      outputs: ['y', 'z'],
      initializers: [],
    });
  });

  it('make an input or a constant in an output an Identity or that output', () => {
    const model = parseModel(
      'g (float[2] x) => (float[2] y, int64[1] z) <int64[1] c = {4}> { y = Neg (x) z = Identity (c) }',
    );
    model.graph.setOutput(0, model.graph.inputs[0]!);
    model.graph.setOutput(1, [...model.graph.constants()][0]!);
    for (const node of [...model.graph.nodes()]) model.graph.erase(node);
    expect(written(model)).toEqual({ nodes: ['y=Identity(x)'], outputs: ['y', 'z'], initializers: ['z'] });
  });

  it('bring the import of ai.onnx with the Identity where nothing else is of it', async () => {
    const model = parseModel(`<ir_version: 8, opset_import: ["ai.onnx.ml" : 3]>
      g (float[2] x) => (float[2] y, float[2] z) { z = ai.onnx.ml.Binarizer (x) y = ai.onnx.ml.Binarizer (x) }`);
    model.graph.setOutput(0, model.graph.inputs[0]!);
    const bytes = writeModel(model);
    expect(writeModel(readModel(bytes))).toEqual(bytes);
    const session = await openOrtSession(bytes);
    expect(session.outputs.map(({ name }) => name)).toEqual(['y', 'z']);
    await session.close();
  });

  it('let a value in two outputs keep the one that is its own', () => {
    const model = parseModel('g (float[2] x) => (float[2] y, float[2] z) { y = Abs (x) z = Neg (x) }');
    model.graph.setOutput(0, [...model.graph.nodes()][1]!.outputs[0]!);
    expect(written(model).nodes).toEqual(['y_1=Abs(x)', 'z=Neg(x)', 'y=Identity(z)']);
  });

  it('are made up where there are none or they are taken, the same each time', () => {
    const model = parseModel('g (float[2] x) => (float[2] y) { relu_1 = Neg (x) y = Exp (relu_1) }');
    const { graph } = model;
    const anchor = first(model);
    graph.insertBefore(anchor, { op: 'Relu', name: 'n', inputs: [graph.inputs[0]] });
    graph.insertBefore(anchor, { op: 'Relu', name: 'n', inputs: [graph.inputs[0]], outputs: [{ name: 'x' }] });
    graph.addConstant(int64Tensor([1]));
    graph.addConstant(int64Tensor([2]), 'y');
    expect(written(model)).toEqual({
      nodes: ['relu_2=Relu(x)', 'x_1=Relu(x)', 'relu_1=Neg(x)', 'y=Exp(relu_1)'],
      outputs: ['y'],
      initializers: ['constant_1', 'y_1'],
    });
    expect(onnx.ModelProto.decode(writeModel(model)).graph!.node!.map(({ name }) => name)).toEqual([
      'n',
      'n_1',
      '',
      '',
    ]);
    expect(Buffer.compare(writeModel(model), writeModel(model))).toBe(0);
  });

  it('hide no outer name in a subgraph, so that ONNX Runtime takes what the file that was read did not allow', async () => {
    const model = parseModel(`g (float[1] x, bool c) => (float[1] y) {
      h = Neg (x)
      y = If (c) <then_branch = t () => (float[1] a) { b = Abs (h) a = Exp (b) }, else_branch = e () => (float[1] a) { a = Identity (h) }>
    }`);
    const then = [...model.graph.nodes()][1]!.attributes.get('then_branch')!.value as Graph;
    then.rename([...then.nodes()][0]!.outputs[0]!, 'h');
    model.graph.rename(first(model).outputs[0]!, 'h');
    const session = await openOrtSession(writeModel(model));
    await session.close();
    const branch = [...readModel(writeModel(model)).graph.nodes()][1]!.attributes.get('then_branch')!.value as Graph;
    expect([...branch.nodes()].map(({ outputs }) => outputs[0]!.name)).toEqual(['h_1', 'a']);
  });

  it('give a branch that answers an outer value an Identity, which ONNX Runtime asks for', async () => {
    const model = parseModel(`g (float[1] x, bool c) => (float[1] y) {
      h = Neg (x)
      y = If (c) <then_branch = t () => (float[1] a) { a = Abs (h) }, else_branch = e () => (float[1] b) { b = Identity (h) }>
    }`);
    const otherwise = [...model.graph.nodes()][1]!.attributes.get('else_branch')!.value as Graph;
    const identity = [...otherwise.nodes()][0]!;
    otherwise.setOutput(0, first(model).outputs[0]!);
    otherwise.erase(identity);
    const session = await openOrtSession(writeModel(model));
    await session.close();
  });
});
