import type { Dim } from '../../../ir/shape.ts';
import { toNumbers } from '../../../ir/tensor.ts';
import { dtypeOf } from '../../../ir/value-type.ts';
import { addDims, mulDims, productOfDims } from '../../dims/dim-arithmetic.ts';
import type { ValueRule } from '../infer-rule.ts';
import type { NodeCall } from '../node-call.ts';
import { shapeRange } from '../rules/assembly.ts';
import { constantTensor } from '../rules/constant.ts';
import { reducedAxes } from '../rules/reduction.ts';
import { isKnown, MAX_SYMBOLIC_ELEMENTS, type SymbolicValue, symbolicValue, valueOfTensor } from '../symbolic-value.ts';
import { BINARY_ELEMENTS } from './element-arithmetic.ts';
import { coordinatesOf, offsetOf } from './element-layout.ts';
import { resultDims } from './result-dims.ts';

const shape: ValueRule = (call) => {
  const dims = shapeRange(call);
  return [dims && symbolicValue('int64', [dims.length], dims)];
};

const size: ValueRule = (call) => {
  const dims = call.shape(0);
  return [dims && symbolicValue('int64', [], [productOfDims(dims)])];
};

const constant: ValueRule = (call) => {
  const tensor = constantTensor(call);
  return [tensor && valueOfTensor(tensor)];
};

const constantOfShape: ValueRule = (call, types) => {
  const dims = resultDims(types[0]);
  const dtype = dtypeOf(types[0]);
  if (dims === undefined || dtype === undefined || dtype === 'string') return [];
  const fill = call.tensor('value');
  const element = fill === undefined ? 0 : toNumbers(fill)[0];
  return [
    symbolicValue(
      dtype,
      dims,
      coordinatesOf(dims).map(() => element),
    ),
  ];
};

const range: ValueRule = (call, types) => {
  const dims = resultDims(types[0]);
  const dtype = dtypeOf(types[0]);
  if (dims === undefined || (dtype !== 'int64' && dtype !== 'int32')) return [];
  const [start, step] = [call.scalar(0), call.node.inputs.length < 3 ? 1 : call.scalar(2)];
  return [
    symbolicValue(
      dtype,
      dims,
      Array.from({ length: dims[0]! }, (_, i) => addDims(start, mulDims(step, i))),
    ),
  ];
};

/** The places of elements other than 0, one column each. */
const nonZero: ValueRule = (call) => {
  const value = call.value(0);
  if (!isKnown(value) || value.dims.length === 0) return [];
  const found = coordinatesOf(value.dims).filter((at) => value.elements[offsetOf(at, value.dims)] !== 0);
  if (found.length * value.dims.length > MAX_SYMBOLIC_ELEMENTS) return [];
  return [
    symbolicValue(
      'int64',
      [value.dims.length, found.length],
      value.dims.flatMap((_, axis) => found.map((at) => at[axis])),
    ),
  ];
};

/** Integers folded along the reduced axes. */
function reduced(operation: 'Add' | 'Mul' | 'Min' | 'Max', initial: number | undefined): ValueRule {
  return (call, types) => {
    const value = call.value(0);
    const dims = resultDims(types[0]);
    const axes = value && reducedAxes(call, value.dims.length);
    if (value === undefined || dims === undefined || axes === undefined) return [];
    const kept = value.dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
    const groups = coordinatesOf(kept).map((): Dim[] => []);
    for (const [i, at] of coordinatesOf(value.dims).entries()) {
      groups[
        offsetOf(
          at.map((coordinate, axis) => (axes.includes(axis) ? 0 : coordinate)),
          kept,
        )
      ]!.push(value.elements[i]);
    }
    const fold = BINARY_ELEMENTS[operation]!;
    const elements = groups.map((group) =>
      group.length === 0 ? initial : group.reduce((a, b) => fold(a, b, value.dtype, call.context.isSize)),
    );
    return [symbolicValue(value.dtype, dims, elements)];
  };
}

/** The results of the branch that a known condition takes, or what both branches agree in. */
const conditional: ValueRule = (call: NodeCall) => {
  const outputs = ['then_branch', 'else_branch'].map((name) => call.graph(name)?.outputs ?? []);
  const condition = call.scalar(0);
  return call.node.outputs.map((_, i) => {
    const [whenTrue, whenFalse] = outputs.map((slots) => slots[i] && call.context.valueOf(slots[i].value));
    if (typeof condition === 'number') return condition !== 0 ? whenTrue : whenFalse;
    return agreed(whenTrue, whenFalse);
  });
};

function agreed(a: SymbolicValue | undefined, b: SymbolicValue | undefined): SymbolicValue | undefined {
  if (a === undefined || b === undefined || a.dtype !== b.dtype || a.dims.length !== b.dims.length) return undefined;
  if (a.dims.some((dim, i) => dim !== b.dims[i])) return undefined;
  return symbolicValue(
    a.dtype,
    a.dims,
    a.elements.map((element, i) => (element === b.elements[i] ? element : undefined)),
  );
}

export const SOURCE_VALUES: Readonly<Record<string, ValueRule>> = {
  Shape: shape,
  Size: size,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Range: range,
  NonZero: nonZero,
  ReduceSum: reduced('Add', 0),
  ReduceProd: reduced('Mul', 1),
  ReduceMin: reduced('Min', undefined),
  ReduceMax: reduced('Max', undefined),
  If: conditional,
};
