import { tensorType, type ValueType } from '../../../ir/value-type.ts';
import { normalizeAxis, unknownShape, withDim } from '../axis.ts';
import type { InferRule, InferRules } from '../infer-rule.ts';
import { joinTypes } from '../join-types.ts';
import type { NodeCall } from '../node-call.ts';
import { dtypeOfNumber } from './elementwise.ts';

function elementOf(type: ValueType | undefined): ValueType | undefined {
  return type?.kind === 'sequence' || type?.kind === 'optional' ? type.element : undefined;
}

function sequenceOf(element: ValueType | undefined): readonly [ValueType | undefined] {
  return [element && { kind: 'sequence', element }];
}

const construct: InferRule = (call) => {
  const types = call.node.inputs.map((_, i) => call.type(i));
  return sequenceOf(types.length === 0 ? undefined : types.reduce(joinTypes));
};

const empty: InferRule = (call) => {
  const dtype = dtypeOfNumber(call.int('dtype') ?? 1);
  return sequenceOf(dtype && tensorType(dtype));
};

/** An empty sequence's element type knows no shape, so that inserting joins to what both have. */
const insert: InferRule = (call) =>
  sequenceOf(joinTypes(elementOf(call.type(0)), call.type(1)) ?? withoutShape(call.type(1)));

function withoutShape(type: ValueType | undefined): ValueType | undefined {
  return type?.kind === 'tensor' ? tensorType(type.dtype) : undefined;
}

const splitToSequence: InferRule = (call) => {
  const dtype = call.dtype(0);
  const data = call.shape(0);
  if (dtype === undefined) return [undefined];
  const axis = data && normalizeAxis(call.int('axis') ?? 0, data.length);
  if (data === undefined || axis === undefined) return sequenceOf(tensorType(dtype));
  if (!call.has(1)) {
    const part = call.int('keepdims') === 0 ? data.toSpliced(axis, 1) : withDim(data, axis, 1);
    return sequenceOf(tensorType(dtype, part));
  }
  const size = call.scalar(1);
  const even = typeof size === 'number' && typeof data[axis] === 'number' && size > 0 && data[axis] % size === 0;
  return sequenceOf(tensorType(dtype, withDim(data, axis, even ? size : undefined)));
};

const concatFromSequence: InferRule = (call) => {
  const element = elementOf(call.type(0));
  if (element?.kind !== 'tensor') return [undefined];
  const { shape, dtype } = element;
  if (shape === undefined) return [tensorType(dtype)];
  const stacked = call.int('new_axis') === 1;
  const rank = shape.length + (stacked ? 1 : 0);
  const axis = normalizeAxis(call.int('axis'), rank);
  if (axis === undefined) return [tensorType(dtype, unknownShape(rank))];
  return [tensorType(dtype, stacked ? shape.toSpliced(axis, 0, undefined) : withDim(shape, axis, undefined))];
};

const optional: InferRule = (call) => {
  const attribute = call.attribute('type');
  const element = call.has(0) ? call.type(0) : attribute?.kind === 'type' ? attribute.value : undefined;
  return [element && { kind: 'optional', element: call.has(0) ? element : (withoutShape(element) ?? element) }];
};

const getElement: InferRule = (call) => {
  const type = call.type(0);
  return [type?.kind === 'optional' ? type.element : type];
};

/** Each result of the body, once per element of the first sequence. */
const sequenceMap: InferRule = (call: NodeCall) => {
  const body = call.graph('body');
  if (body === undefined) return [];
  const inputs = call.node.inputs.map((_, i) => {
    const type = call.type(i);
    return type?.kind === 'sequence' ? type.element : type;
  });
  return call.context.inferBody(body, inputs).map((element) => element && { kind: 'sequence', element });
};

export const SEQUENCE_RULES: InferRules = {
  SequenceConstruct: construct,
  SequenceEmpty: empty,
  SequenceInsert: insert,
  SequenceErase: (call) => [call.type(0)],
  SequenceAt: (call) => [elementOf(call.type(0))],
  SequenceLength: () => [[]],
  SequenceMap: sequenceMap,
  SplitToSequence: splitToSequence,
  ConcatFromSequence: concatFromSequence,
  Optional: optional,
  OptionalGetElement: getElement,
  OptionalHasElement: () => [[]],
};
