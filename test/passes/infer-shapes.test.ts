import { describe, expect, it } from 'vitest';
import { inferShapes } from '../../passes/infer-shapes.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import type { Model } from '../../src/ir/model.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { formatType } from '../../src/ir/value-type.ts';
import { graphsWithin, nodesWithin } from '../../src/ir/walk.ts';
import { step } from '../../src/pass/pipeline.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';

function inferred(text: string): {
  readonly model: Model;
  readonly diagnostics: readonly Diagnostic[];
  readonly changed: boolean;
} {
  const model = parseModel(text);
  return { model, ...runAgain(model) };
}

function runAgain(model: Model): { readonly diagnostics: readonly Diagnostic[]; readonly changed: boolean } {
  const { records, diagnostics } = runPipeline(model, [step('infer-shapes')], { passes: [inferShapes] });
  return { diagnostics, changed: records[0]!.changed };
}

function typesOf(model: Model): string[] {
  return [...nodesWithin(model.graph)].flatMap((node) =>
    node.outputs.map((value) => `${node.op} ${formatType(value!.type)}`),
  );
}

describe('infer-shapes', () => {
  it('writes what is proven, into branches too, and nothing the second time', () => {
    const { model, changed, diagnostics } =
      inferred(`g (float[N,3,H,W] x, float[8,3,3,3] w, bool c) => (float[N,8,a,b] y) {
      a = Conv(x, w)
      y = If (c) <then_branch = t () => (p) { p = Relu(a) }, else_branch = e () => (q) { q = Neg(a) }>
    }`);
    expect(changed).toBe(true);
    expect(diagnostics).toEqual([]);
    const type = 'float32[N,8,H-2,W-2]';
    expect(typesOf(model)).toEqual([`Conv ${type}`, `If ${type}`, `Relu ${type}`, `Neg ${type}`]);
    expect(runAgain(model).changed).toBe(false);
  });

  it('does not touch the types of graph inputs, open as they may be', () => {
    const { model } = inferred('g (float[?,4] x) => (float[?,4] y) { y = Relu(x) }');
    expect(formatType(model.graph.inputs[0]!.type)).toBe('float32[?,4]');
    expect(typesOf(model)).toEqual(['Relu float32[x.0,4]']);
  });

  it('reports declared types that contradict what is proven, and withdraws them', () => {
    const { model, diagnostics } = inferred(
      `g (float[N,4] x) => (float[N,5] z) <float[1,7] y> { y = Relu(x) z = Neg(y) }`,
    );
    expect(diagnostics.map(({ code, severity }) => [severity, code])).toEqual([
      ['warning', 'shape-contradicts-declared'],
    ]);
    expect(diagnostics[0]!.notes).toEqual([
      `'y' is declared float32[1,7] and proven float32[N,4]`,
      `'z' is declared float32[N,5] and proven float32[N,4]`,
    ]);
    const [y] = [...model.graph.nodes()][0]!.outputs;
    expect(y!.declared).toBeUndefined();
    expect(formatType(model.graph.outputs[0]!.declared)).toBe('float32[N,5]');
  });

  it('does not call a symbol beside a size a contradiction', () => {
    const { diagnostics } = inferred('g (float[2,4] x) => (float[M,4] z) { z = Relu(x) }');
    expect(diagnostics).toEqual([]);
  });

  it('leaves what the file declares of values that nothing is proven of', () => {
    const { model } = inferred(
      'g (float[N] x) => (float[N] z) <float[N] y> { y = local.Unknown(x) z = local.Unknown(y) }',
    );
    const [first] = [...model.graph.nodes()];
    expect(first!.outputs[0]!.type).toBeUndefined();
    expect(formatType(first!.outputs[0]!.declared)).toBe('float32[N]');
  });

  it('does not believe what the file says of the inputs of a loop body', () => {
    const { model, changed } = inferred(`g (int64 n, bool c, float[?] x, float[N,4] z) => (y, w) {
      u = local.Unknown(x)
      y, w = Loop (n, c, u, z) <body = b (int64 i, bool k, float[1,7] s, float[1,4] t) => (k, r, q) {
        r = Relu(s) q = Concat<axis = 0>(t, z)
      }>
    }`);
    expect(changed).toBe(true);
    const body = [...graphsWithin(model.graph)][1]!;
    expect(body.inputs.map((input) => formatType(input.type))).toEqual([
      'int64[]',
      'bool[]',
      'float32[...]',
      'float32[?,4]',
    ]);
    expect(runAgain(model).changed).toBe(false);
  });
});
