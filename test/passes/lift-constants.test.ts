import { describe, expect, it } from 'vitest';
import { PASSES } from '../../passes/index.ts';
import { toNumbers, toStrings } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { step } from '../../src/pass/pipeline.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';

/** The golden harness lifts constants before every pass, so this one is tested by hand. */
function lifted(body: string) {
  const model = parseModel(
    `<ir_version: 8, opset_import: ["" : 17]>\ng (float[1] x) => (float[1] y) { ${body} y = Identity(x) }`,
  );
  const first = runPipeline(model, [step('lift-constants')], { passes: PASSES }).records[0]!;
  const again = runPipeline(model, [step('lift-constants')], { passes: PASSES }).records[0]!;
  expect(again.changed).toBe(false);
  return { model, changed: first.changed, constants: [...model.graph.constants()] };
}

describe('lift-constants', () => {
  it.each([
    ['value = float[2] {1, 2}', 'float32', [2], [1, 2]],
    ['value_float = 0.5', 'float32', [], [0.5]],
    ['value_int = 7', 'int64', [], [7]],
    ['value_floats = [1.5, 2.5]', 'float32', [2], [1.5, 2.5]],
    ['value_ints = [3, 4]', 'int64', [2], [3, 4]],
  ])('lifts <%s>', (attribute, dtype, dims, values) => {
    const { constants, model } = lifted(`c = Constant <${attribute}> ()`);
    expect(constants.map((value) => [value.name, value.constant?.dtype, value.constant?.dims])).toEqual([
      ['c', dtype, dims],
    ]);
    expect(toNumbers(constants[0]!.constant!)).toEqual(values);
    expect(model.graph.nodeCount).toBe(1);
  });

  it('lifts strings', () => {
    const { constants } = lifted('c = Constant <value_strings = ["a", "b"]> ()');
    expect(toStrings(constants[0]!.constant!)).toEqual(['a', 'b']);
  });

  it('lifts into the branch in which the constant stands, and into an output', () => {
    const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
      g (bool c) => (float[1] y) {
        y = If (c) <
          then_branch = t () => (float[1] u) { u = Constant <value = float[1] {1}> () },
          else_branch = e () => (float[1] u) { k = Constant <value = float[1] {2}> () u = Neg(k) }
        >
      }`);
    runPipeline(model, [step('lift-constants')], { passes: PASSES });
    const [branch] = model.graph.nodes();
    const graphs = [...branch!.attributes.values()].flatMap((attribute) =>
      attribute.kind === 'graph' ? [attribute.value] : [],
    );
    expect(graphs.map((graph) => [...graph.constants()].length)).toEqual([1, 1]);
    expect([...model.graph.constants()]).toEqual([]);
    expect(graphs[0]!.outputs[0]!.value.constant).toBeDefined();
  });

  it('leaves a Constant alone that names more results than it has', () => {
    expect(lifted('k, l = Constant <value = float[1] {1}> () n = Neg(l)').changed).toBe(false);
  });

  it('leaves a graph without Constant nodes alone', () => {
    expect(lifted('n = Neg(x)').changed).toBe(false);
  });
});
