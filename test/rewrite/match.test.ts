import { describe, expect, test } from 'vitest';
import { int } from '../../src/ir/attribute.ts';
import type { Node } from '../../src/ir/node.ts';
import type { Value } from '../../src/ir/value.ts';
import { matches } from '../../src/rewrite/match.ts';
import { anyOf, constant, depthOf, hole, type NodePattern, op, opIn, optional, v } from '../../src/rewrite/pattern.ts';
import { sketch } from './graph-of.ts';

/** The captures of every match of a pattern at the node that makes `value`, by name. */
function found(pattern: NodePattern, value: Value): Record<string, string | undefined>[] {
  return [...matches(pattern.spec, value.producer!)].map((match) =>
    Object.fromEntries(
      [...match.captures].map(([name, captured]) => [name, (captured as Value | Node | undefined)?.name]),
    ),
  );
}

describe('op', () => {
  test('captures operands and nodes through several levels', () => {
    const s = sketch();
    const product = s.op('p', 'MatMul', [s.input('a'), s.input('b')]);
    const sum = s.op('s', 'Add', [product, s.input('c')]);
    const pattern = op('Add', op('MatMul', v('x'), v('y')).as('product'), v('z')).as('sum');
    expect(found(pattern, sum)).toEqual([{ x: 'a', y: 'b', z: 'c', product: 'p_node', sum: 's_node' }]);
  });

  test('a commutative operator matches both ways, another one does not', () => {
    const s = sketch();
    const relu = s.op('r', 'Relu', [s.input('a')]);
    const b = s.input('b');
    expect(found(op('Mul', op('Relu', v('x')), v('y')), s.op('m', 'Mul', [b, relu]))).toEqual([{ x: 'a', y: 'b' }]);
    expect(found(op('Sub', op('Relu', v('x')), v('y')), s.op('d', 'Sub', [b, relu]))).toEqual([]);
  });

  test('gives every way in which a commutative operator fits', () => {
    const s = sketch();
    const left = s.op('l', 'Relu', [s.input('a')]);
    const right = s.op('r', 'Relu', [s.input('b')]);
    const sum = s.op('s', 'Add', [left, right]);
    expect(found(op('Add', op('Relu', v('x')), v('y')), sum)).toEqual([
      { x: 'a', y: 'r' },
      { x: 'b', y: 'l' },
    ]);
  });

  test('a name that is captured twice stands for one value', () => {
    const s = sketch();
    const x = s.input('x');
    const sigmoid = s.op('g', 'Sigmoid', [x]);
    const pattern = op('Mul', v('x'), op('Sigmoid', v('x')));
    expect(found(pattern, s.op('m', 'Mul', [x, sigmoid]))).toEqual([{ x: 'x' }]);
    expect(found(pattern, s.op('n', 'Mul', [s.input('y'), sigmoid]))).toEqual([]);
  });

  test('operands beyond the pattern must be absent unless it is variadic', () => {
    const s = sketch();
    const conv = s.op('c', 'Conv', [s.input('x'), s.input('w'), s.input('b')]);
    expect(found(op('Conv', v('x'), v('w')), conv)).toEqual([]);
    expect(found(op('Conv', v('x')).variadic(), conv)).toEqual([{ x: 'x' }]);
    const holed = s.op('d', 'Clip', [s.input('y'), undefined, undefined]);
    expect(found(op('Clip', v('x')), holed)).toEqual([{ x: 'y' }]);
  });

  test('asks for the domain', () => {
    const s = sketch();
    const custom = s.op('c', 'Relu', [s.input('x')], { domain: 'com.example' });
    expect(found(op('Relu', v('x')), custom)).toEqual([]);
    expect(found(opIn('com.example', 'Relu', v('x')), custom)).toEqual([{ x: 'x' }]);
  });

  test('asks for attributes, and never matches one that stands for a function attribute', () => {
    const s = sketch();
    const pattern = op('Softmax', v('x')).attribute('axis', (axis) => axis?.kind === 'int' && axis.value === 1n);
    expect(found(pattern, s.op('a', 'Softmax', [s.input('x')], { attributes: { axis: int(1) } }))).toEqual([
      { x: 'x' },
    ]);
    expect(found(pattern, s.op('b', 'Softmax', [s.input('x')]))).toEqual([]);
    const referring = s.op('c', 'Softmax', [s.input('x')], {
      attributes: { axis: { kind: 'reference', value: 'axis', of: 'int' } },
    });
    expect(found(op('Softmax', v('x')), referring)).toEqual([]);
  });

  test('means the result that it says', () => {
    const s = sketch();
    const split = s.graph.append({ op: 'Split', inputs: [s.input('x')], outputs: [{ name: 'a' }, { name: 'b' }] });
    const relu = s.op('r', 'Relu', [split.outputs[1]]);
    expect(found(op('Relu', op('Split', v('x'))), relu)).toEqual([]);
    expect(found(op('Relu', op('Split', v('x')).output(1)), relu)).toEqual([{ x: 'x' }]);
  });

  test('does not reach into the graph around a subgraph', () => {
    const s = sketch();
    const outer = s.op('r', 'Relu', [s.input('x')]);
    const inner = sketch();
    const neg = inner.op('n', 'Neg', [outer]);
    expect(found(op('Neg', op('Relu', v('x'))), neg)).toEqual([]);
    expect(found(op('Neg', v('x')), neg)).toEqual([{ x: 'r' }]);
  });
});

describe('operand patterns', () => {
  test('constant asks for known elements and tests them', () => {
    const s = sketch();
    const two = s.constant('two', [2]);
    const product = s.op('m', 'Mul', [s.input('x'), two]);
    expect(found(op('Mul', v('x'), constant('c')), product)).toEqual([{ x: 'x', c: 'two' }]);
    expect(
      found(
        op(
          'Mul',
          v('x'),
          constant('c', (tensor) => tensor.dims.length === 0),
        ),
        product,
      ),
    ).toEqual([]);
    const updatable = s.graph.addConstant(two.constant!, 'weight', { updatable: true });
    expect(found(op('Mul', v('x'), constant('c')), s.op('n', 'Mul', [s.input('y'), updatable]))).toEqual([]);
  });

  test('optional and hole take absent operands', () => {
    const s = sketch();
    const low = s.constant('low', [0], []);
    const clip = s.op('c', 'Clip', [s.input('x'), low]);
    const bounded = op('Clip', v('x'), optional(constant('min')), optional(constant('max')));
    expect(found(bounded, clip)).toEqual([{ x: 'x', min: 'low', max: undefined }]);
    expect(found(op('Clip', v('x'), constant('min'), hole()), clip)).toEqual([{ x: 'x', min: 'low' }]);
    expect(found(op('Clip', v('x'), hole()), clip)).toEqual([]);
  });

  test('anyOf gives each alternative that fits', () => {
    const s = sketch();
    const relu = s.op('r', 'Relu', [s.input('x')]);
    const pattern = op('Neg', anyOf(op('Relu', v('x')), v('y'), op('Abs', v('z'))));
    expect(found(pattern, s.op('n', 'Neg', [relu]))).toEqual([{ x: 'x' }, { y: 'r' }]);
  });

  test('depth counts nodes on the longest way', () => {
    expect(depthOf(op('Add', op('MatMul', v('a'), v('b')), v('c')).spec)).toBe(2);
    expect(depthOf(op('Div', v('a'), op('Add', op('Exp', op('Neg', v('x'))), v('b'))).spec)).toBe(4);
    expect(depthOf(anyOf(v('a'), optional(op('Relu', v('b')))).spec)).toBe(1);
  });
});
