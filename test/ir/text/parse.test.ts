import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelpressError } from '../../../src/diagnostics/modelpress-error.ts';
import type { Graph } from '../../../src/ir/graph.ts';
import { elements, tensorBytes, toNumbers, toStrings } from '../../../src/ir/tensor.ts';
import { parseGraph, parseModel } from '../../../src/ir/text/parse.ts';
import { printGraph, printModel } from '../../../src/ir/text/print.ts';
import { formatType } from '../../../src/ir/value-type.ts';

/** A text in the form that is printed, using each construction once. */
const GOLDEN = `<
  ir_version: 8,
  opset_import: ["" : 17, "com.microsoft" : 1, "local" : 2],
  producer_name: "a \\"quoted\\" name",
  model_version: 3,
  doc_string: "two
lines",
  metadata_props: ["key": "value", "": "empty"]
>
agraph (float[N,3] X, untyped, int64[1] k = {-9223372036854775808}, seq(optional(float[])) "s s") => (float[N,?] Y, float Z = X) <
  float[2,2] W = {1.0, -0.0, nan, -inf},
  updatable float16[1] half = {15360},
  string[2] words = {"a\\\\b", hex"ff00"},
  sparse_tensor(float[9]) S = {float[1] {2.0}, int64[1] {4}},
  float[N,3] h
> {
  [first] h, "" = com.microsoft.FusedConv <pads = [0, 0], axes: ints = [], alpha = 0.1, mode = "same"> (X, "", W)
  c = Cast:other <to = 1> (h)
  Y = If (c) <then_branch = then_g () => (float t) <
    int4[3] q = {-8, 7, 0}
  > {
    t = Neg (h)
  }, else_branch = "else g" () => (e) {
    e = Constant <value = float[1] named {3.5}, kind = float[2], refs: float = @alpha> ()
  }>
  = local.Print (Y)
}

<
  domain: "local",
  opset_import: ["" : 17]
>
Print <limit, prefix = "p"> (float[2] v) => (r) {
  r = Identity (v)
}
`;

function syntaxError(text: string): { readonly at: string | undefined; readonly message: string } {
  try {
    parseModel(text, 'm');
  } catch (error) {
    if (error instanceof ModelpressError && error.code === 'text-syntax')
      return { at: error.at, message: error.message };
    throw error;
  }
  throw new Error('it was parsed');
}

describe('the text form', () => {
  it('prints what it parsed', () => {
    const model = parseModel(GOLDEN);
    expect(printModel(model)).toBe(GOLDEN);
    expect(printModel(parseModel(printModel(model)))).toBe(printModel(model));
  });

  it('reads each part for what it says', () => {
    const { graph, functions, opsetImports, producerName, modelVersion, extra } = parseModel(GOLDEN);
    expect([...opsetImports]).toEqual([
      ['', 17],
      ['com.microsoft', 1],
      ['local', 2],
    ]);
    expect([producerName, modelVersion, extra?.metadata?.get('key')]).toEqual(['a "quoted" name', 3n, 'value']);
    expect(graph.inputs.map(({ name, type }) => `${name}: ${formatType(type)}`)).toEqual([
      'X: float32[N,3]',
      'untyped: ?',
      'k: int64[1]',
      's s: seq(optional(float32[...]))',
    ]);
    expect(elements(graph.inputs[2]!.initial!)).toEqual(BigInt64Array.of(-(2n ** 63n)));
    expect(graph.outputs.map(({ name, value }) => [name, value.name])).toEqual([
      ['Y', 'Y'],
      ['Z', 'X'],
    ]);
    const [W, half, words, S] = [...graph.constants()];
    expect(toNumbers(W!.constant!)).toEqual([1, -0, Number.NaN, Number.NEGATIVE_INFINITY]);
    expect([half!.constant, toNumbers(half!.initial!)]).toEqual([undefined, [1]]);
    expect(toStrings(words!.constant!)[0]).toBe('a\\b');
    expect(S!.sparse!.dims).toEqual([9]);
    const [conv, cast, branch, print] = [...graph.nodes()];
    expect([conv!.name, conv!.domain, conv!.op, conv!.inputs.length, conv!.inputs[1], conv!.outputs[1]]).toEqual([
      'first',
      'com.microsoft',
      'FusedConv',
      3,
      undefined,
      undefined,
    ]);
    expect(formatType(conv!.outputs[0]!.declared)).toBe('float32[N,3]');
    expect(conv!.attributes.get('axes')).toEqual({ kind: 'ints', value: [] });
    expect(conv!.attributes.get('alpha')).toEqual({ kind: 'float', value: Math.fround(0.1) });
    expect([cast!.overload, print!.outputs]).toEqual(['other', []]);
    const inner = branch!.attributes.get('then_branch')!.value as Graph;
    expect([...inner.nodes()][0]!.inputs[0]).toBe(conv!.outputs[0]);
    expect(toNumbers([...inner.constants()][0]!.constant!)).toEqual([-8, 7, 0]);
    const constant = [...(branch!.attributes.get('else_branch')!.value as Graph).nodes()][0]!;
    expect(constant.attributes.get('value')).toMatchObject({ kind: 'tensor', value: { name: 'named' } });
    expect(constant.attributes.get('kind')).toMatchObject({ kind: 'type' });
    expect(constant.attributes.get('refs')).toEqual({ kind: 'reference', value: 'alpha', of: 'float' });
    expect(functions[0]).toMatchObject({ domain: 'local', name: 'Print', attributeNames: ['limit'] });
    expect(functions[0]!.attributeDefaults.get('prefix')).toMatchObject({ kind: 'string' });
  });

  it('takes the other spellings that ONNX allows', () => {
    const model = parseModel(`
      # a comment
      g (float[2] x) => (float[2] y) {
        y = ai.onnx.Clip (x, , x,) <s = "attributes may stand last", f: float = 1, l = [1, 2.5]>  # another
      }`);
    const [node] = [...model.graph.nodes()];
    expect([node!.domain, node!.inputs.map((value) => value?.name)]).toEqual(['', ['x', undefined, 'x']]);
    expect(node!.attributes.get('f')).toEqual({ kind: 'float', value: 1 });
    expect(node!.attributes.get('l')).toEqual({ kind: 'floats', value: [1, 2.5] });
    expect([...model.opsetImports, model.irVersion]).toEqual([['', 17], 8]);
  });

  it('reads narrow floats as bits or as values', () => {
    const graph = parseGraph('g () => () <bfloat16[2] a = {16256, 0.5}, float8e4m3fn[1] b = {1.0}> { }');
    expect([...graph.constants()].map(({ constant }) => toNumbers(constant!))).toEqual([[1, 0.5], [1]]);
  });

  it('keeps the bits of numbers that are none', () => {
    const text = 'g () => () <\n  float[1] a = {hex"0100c0ff"}\n> {\n}\n';
    const graph = parseGraph(text);
    expect([...tensorBytes([...graph.constants()][0]!.constant!)]).toEqual([1, 0, 0xc0, 0xff]);
    expect(printGraph(graph)).toBe(text);
  });

  it('leaves out the elements of large tensors where asked, and does not read that back', () => {
    const graph = parseGraph('g () => () <int64[3] a = {1,2,3}, int64[2] b = {1,2}> { }');
    const text = printGraph(graph, { elideAbove: 2 });
    expect(text).toContain('int64[3] a = { ... 3 elements }');
    expect(text).toContain('int64[2] b = {1, 2}');
    expect(syntaxError(text)).toMatchObject({ at: 'm:2:18' });
    const list = printGraph(parseGraph('g () => () { = Op <a = [1, 2, 3]> () }'), { elideAbove: 2 });
    expect(list).toContain('a = [ ... 3 values ]');
    expect(syntaxError(list).message).toContain('left out');
  });

  it('gives values without a name, and with one that is taken, names of their own', () => {
    const graph = parseGraph('g (float x) => (y) { y = Neg (x) }');
    const first = graph.insertBefore([...graph.nodes()][0]!, { op: 'Relu', inputs: [graph.inputs[0]] });
    const second = graph.append({ op: 'Abs', inputs: [first.outputs[0]], outputs: [{ name: 'x' }] });
    graph.setOutput(0, second.outputs[0]!);
    expect(printGraph(graph)).toBe(
      'g (float x) => (y) {\n  relu_1 = Relu (x)\n  y_1 = Neg (x)\n  y = Abs (relu_1)\n}\n',
    );
  });

  it.each([
    ['', 'm:1:1', 'expected a name, found the end'],
    ['g (float x) =>', 'm:1:15', "expected '('"],
    ['g (float x) => (y) {\n  y = Relu (z)\n}', 'm:2:14', "'z', before this, is not defined"],
    ['g (float x) => (y) { }', 'm:1:23', "output 'y'"],
    ['g (float x) => (x) { x = Relu (x) }', 'm:1:35', "'x', before this, is defined twice"],
    ['g () => () <float[2] a = {1.0}> { }', 'm:1:31', 'expected 2 elements'],
    ['g () => () <int8[1] a = {200}> { }', 'm:1:30', '200, before this, does not fit int8'],
    ['g () => () <int8[1] a = {1.5}> { }', 'm:1:30', 'expected integers'],
    ['g () => () <float[N] a = {1.0}> { }', 'm:1:26', 'known sizes'],
    ['g () => () { = Op <a = []> () }', 'm:1:26', 'an empty list'],
    ['g () => () { = Op <a = [1, "s"]> () }', 'm:1:32', 'different kinds'],
    ['g () => () { = Op <a: ints = 1> () }', 'm:1:31', 'of kind ints'],
    ['g () => () { = Op <a = @b> () }', 'm:1:26', 'needs a kind'],
    ['g () => () { = Op <a = "open> () }', 'm:1:24', 'expected a string in quotes'],
    ['g () => () { = Op <a = 99999999999999999999> () }', 'm:1:44', 'does not fit 64 bits'],
    ['<opset_import: ["" : "17"], ir_version: x> g () => () { }', 'm:1:41', 'expected a number'],
  ])('says where %j is wrong', (text, at, message) => {
    const error = syntaxError(text);
    expect(error.at).toBe(at);
    expect(error.message).toContain(message);
  });

  it('fails with an error of its own on any damage', () => {
    fc.assert(
      fc.property(
        fc.nat(GOLDEN.length - 1),
        fc.constantFrom('', '"', '<', '}', ']', '=', '-', '1', 'x', '@', ':', ' ', '\\'),
        (at, text) => {
          try {
            parseModel(GOLDEN.slice(0, at) + text + GOLDEN.slice(at + 1));
          } catch (error) {
            expect(error).toBeInstanceOf(ModelpressError);
          }
        },
      ),
      { seed: 6, numRuns: 1000 },
    );
  });

  it('bounds the nesting of graphs and types', () => {
    const nested = `${'x = If () <b = g () => () { '.repeat(100)}${'}>'.repeat(100)}`;
    expect(syntaxError(`g () => () { ${nested} }`).message).toContain('deeper than');
    expect(syntaxError(`g (${'seq('.repeat(100)}float${')'.repeat(100)} x) => () { }`).message).toContain(
      'deeper than',
    );
  });
});
