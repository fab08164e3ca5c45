import { describe, expect, it } from 'vitest';
import { PASSES } from '../../passes/index.ts';
import type { Model } from '../../src/ir/model.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { graphsOf } from '../../src/ir/walk.ts';
import { readModel } from '../../src/onnx/read-model.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { step } from '../../src/pass/pipeline.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';

const TEXT = `<ir_version: 8, opset_import: ["" : 17]>
  g (bool c, float[1] input_of_the_model) => (float[1] output_of_the_model, float[1] other) <float[1] a_weight_with_a_name = {2}> {
    [a_node_with_a_name] a_value_with_a_name = Add(input_of_the_model, a_weight_with_a_name)
    output_of_the_model = If (c) <
      then_branch = t () => (float[1] u) { inner_value = Neg(a_value_with_a_name) u = Neg(inner_value) },
      else_branch = e () => (float[1] u) { u = Neg(a_value_with_a_name) }
    >
    other = Neg(a_value_with_a_name)
  }`;

function shortened(text: string): { model: Model; again: boolean } {
  const model = parseModel(text);
  runPipeline(model, [step('shorten-names')], { passes: PASSES });
  const again = runPipeline(model, [step('shorten-names')], { passes: PASSES }).records[0]!.changed;
  return { model, again };
}

describe('shorten-names', () => {
  it('keeps the interface and shortens the rest, once', () => {
    const { model, again } = shortened(TEXT);
    expect(again).toBe(false);
    const { graph } = readModel(writeModel(model));
    expect(graph.inputs.map((value) => value.name)).toEqual(['c', 'input_of_the_model']);
    expect(graph.outputs.map((output) => output.name)).toEqual(['output_of_the_model', 'other']);
    for (const inner of graphsOf(model)) {
      for (const node of inner.nodes()) expect(node.name.length, node.name).toBeLessThan(4);
      for (const value of inner.constants()) expect(value.name.length, value.name).toBeLessThan(4);
    }
  });

  it('gives way where a short name is part of the interface', () => {
    const { model } = shortened(`<ir_version: 8, opset_import: ["" : 17]>
      g (float[1] x) => (float[1] y) <float[1] weight = {2}> { middle = Add(x, weight) y = Neg(middle) }`);
    const [, first] = [...model.graph.nodes()];
    expect(first).toBeDefined();
    const written = readModel(writeModel(model)).graph;
    const names = [...written.constants(), ...written.inputs].map((value) => value.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('is smaller when written', () => {
    expect(writeModel(shortened(TEXT).model).byteLength).toBeLessThan(writeModel(parseModel(TEXT)).byteLength);
  });
});
