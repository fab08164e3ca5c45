import { describe, expect, test } from 'vitest';
import { inferShapes } from '../../passes/infer-shapes.ts';
import { liftConstants } from '../../passes/lift-constants.ts';
import { joinChunks } from '../../src/bytes/byte-source.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { formatType } from '../../src/ir/value-type.ts';
import { graphsWithin } from '../../src/ir/walk.ts';
import { encodeModel } from '../../src/onnx/encode-model.ts';
import { readModel } from '../../src/onnx/read-model.ts';
import { step } from '../../src/pass/pipeline.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';

/** The types of inner values that a model is written with, by name. */
function statedTypes(graph: string, debugInfo: boolean): Record<string, string> {
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 18]>\n${graph}`);
  runPipeline(model, [step('lift-constants'), step('infer-shapes')], { passes: [liftConstants, inferShapes] });
  const { graph: written } = readModel(joinChunks(encodeModel(model, { debugInfo }).chunks));
  const results = [...written.nodes()].flatMap((node) => node.outputs);
  return Object.fromEntries(
    results.flatMap((value) => (value?.declared === undefined ? [] : [[value.name, formatType(value.declared)]])),
  );
}

describe('types of inner values', () => {
  const cut = `g (float[N,S,4] x, float[9,4] table) => (float[N,S,4] y) <int64[1] zero = {0}, int64[1] one = {1}> {
    n = Shape <start = 1, end = 2> (x) t = Slice (table, zero, n, zero, one) a = Add (x, t) b = Relu (a) y = Neg (b) }`;

  test('are all written with debug information', () => {
    expect(Object.keys(statedTypes(cut, true))).toEqual(['n', 't', 'a', 'b']);
  });

  test('are otherwise written only where a proof takes more than types and constants', () => {
    expect(statedTypes(cut, false)).toEqual({ a: 'float32[N,S,4]' });
  });

  test('are not written where only types are needed, or where symbols of no input would be', () => {
    const plain = 'g (float[N,4] x) => (float[N,4] y) { a = Relu (x) y = Neg (a) }';
    expect(statedTypes(plain, false)).toEqual({});
    const unnamed = 'g (float[?,4] x) => (float[?,4] y) { a = Relu (x) y = Neg (a) }';
    expect(statedTypes(unnamed, false)).toEqual({});
  });
});

describe('types of outputs', () => {
  test('are those that the file declares, but for a body whose nodes contradict them', () => {
    const body = (name: string) => `${name} () => (float[1,2] ${name}_out) { ${name}_out = Unsqueeze (x, axes) }`;
    const model = parseModel(`<ir_version: 8, opset_import: ["" : 18]>
g (float[1,2] x, bool c) => (float[1,2] y) <int64[1] axes = {0}> {
  y = If (c) <then_branch = ${body('a')}, else_branch = ${body('b')}>
}`);
    runPipeline(model, [step('infer-shapes')], { passes: [inferShapes] });
    const { graph } = readModel(joinChunks(encodeModel(model).chunks));
    const outputs = [...graphsWithin(graph)].flatMap((one) => one.outputs);
    expect(outputs.map(({ name, declared }) => `${name} ${declared && formatType(declared)}`)).toEqual([
      'y float32[1,2]',
      'a_out float32[1,1,2]',
      'b_out float32[1,1,2]',
    ]);
  });
});
