import { type DataType, isFloat, isInteger } from '../../../ir/dtype.ts';
import type { Dim } from '../../../ir/shape.ts';
import { dtypeOf } from '../../../ir/value-type.ts';
import { isAboveZero } from '../../dims/dim-facts.ts';
import type { ValueRule } from '../infer-rule.ts';
import type { NodeCall } from '../node-call.ts';
import { type SymbolicValue, symbolicValue } from '../symbolic-value.ts';
import {
  BINARY_ELEMENTS,
  type BinaryElement,
  rounded,
  UNARY_ELEMENTS,
  type UnaryElement,
} from './element-arithmetic.ts';
import { broadcastOffset, coordinatesOf } from './element-layout.ts';
import { resultDims } from './result-dims.ts';

/** An element of each operand for each element of the result; an unknown operand has unknown elements. */
function broadcastElements(values: readonly (SymbolicValue | undefined)[], dims: readonly number[]): Dim[][] {
  return coordinatesOf(dims).map((at) => values.map((value) => value?.elements[broadcastOffset(at, value.dims)]));
}

/** A fold over the operands, which share a type. */
function folded(operation: BinaryElement): ValueRule {
  return (call, types) => {
    const dims = resultDims(types[0]);
    const dtype = dtypeOf(types[0]);
    const values = call.node.inputs.map((_, i) => call.value(i));
    if (call.since < 7 && values.length > 1) return [];
    if (dims === undefined || dtype === undefined || values.every((value) => value === undefined)) return [];
    if (operation === BINARY_ELEMENTS.Mod && call.int('fmod') === 1) return [];
    const operands = call.dtype(0) ?? dtype;
    const { isSize } = call.context;
    const elements = broadcastElements(values, dims).map((row) =>
      row.reduce((a, b) => operation(a, b, operands, isSize)),
    );
    return [symbolicValue(dtype, dims, elements)];
  };
}

function mapped(operation: UnaryElement): ValueRule {
  return (call) => {
    const value = call.value(0);
    return [
      value &&
        symbolicValue(
          value.dtype,
          value.dims,
          value.elements.map((element) => operation(element, value.dtype)),
        ),
    ];
  };
}

/** An element in another type. Symbols stay integers; a float that is no integer is cut towards 0. */
export function castElement(element: Dim, from: DataType, to: DataType): Dim {
  if (to === 'bool') return typeof element === 'number' ? Number(element !== 0) : isAboveZero(element) ? 1 : undefined;
  if (isFloat(to)) return typeof element === 'number' ? rounded(element, to) : undefined;
  if (!isInteger(to)) return undefined;
  return typeof element === 'number' && isFloat(from) ? Math.trunc(element) + 0 : element;
}

const cast: ValueRule = (call, types) => {
  const value = call.value(0);
  const to = dtypeOf(types[0]);
  if (value === undefined || to === undefined) return [];
  return [
    symbolicValue(
      to,
      value.dims,
      value.elements.map((element) => castElement(element, value.dtype, to)),
    ),
  ];
};

const where: ValueRule = (call: NodeCall, types) => {
  const dims = resultDims(types[0]);
  const dtype = dtypeOf(types[0]);
  if (dims === undefined || dtype === undefined) return [];
  const rows = broadcastElements([call.value(0), call.value(1), call.value(2)], dims);
  return [
    symbolicValue(
      dtype,
      dims,
      rows.map(([condition, a, b]) => (condition === undefined ? (a === b ? a : undefined) : condition === 0 ? b : a)),
    ),
  ];
};

export const ELEMENTWISE_VALUES: Readonly<Record<string, ValueRule>> = {
  ...Object.fromEntries(Object.entries(BINARY_ELEMENTS).map(([op, operation]) => [op, folded(operation)])),
  ...Object.fromEntries(Object.entries(UNARY_ELEMENTS).map(([op, operation]) => [op, mapped(operation)])),
  Identity: (call) => [call.value(0)],
  Cast: cast,
  CastLike: cast,
  Where: where,
};
