import type { Tensor } from '../../../ir/tensor.ts';
import { int64Tensor, scalarTensor, tensorFromNumbers } from '../../../ir/tensor.ts';
import { tensorType } from '../../../ir/value-type.ts';
import type { InferRule, InferRules } from '../infer-rule.ts';
import type { NodeCall } from '../node-call.ts';

/** The tensor that a `Constant` node stands for, if it is one of numbers in dense form. */
export function constantTensor(call: NodeCall): Tensor | undefined {
  const value = call.tensor('value');
  if (value !== undefined) return value;
  const float = call.float('value_float');
  if (float !== undefined) return scalarTensor('float32', float);
  const integer = call.attribute('value_int');
  if (integer?.kind === 'int') return scalarTensor('int64', integer.value);
  const floats = call.floats('value_floats');
  if (floats !== undefined) return tensorFromNumbers('float32', [floats.length], floats);
  const integers = call.attribute('value_ints');
  return integers?.kind === 'ints' ? int64Tensor(integers.value) : undefined;
}

const constant: InferRule = (call) => {
  const tensor = constantTensor(call);
  if (tensor !== undefined) return [tensorType(tensor.dtype, tensor.dims)];
  const sparse = call.attribute('sparse_value');
  // The runtime makes a sparse constant dense.
  if (sparse?.kind === 'sparse-tensor') return [tensorType(sparse.value.values.dtype, sparse.value.dims)];
  if (call.text('value_string') !== undefined) return [tensorType('string', [])];
  const strings = call.stringCount('value_strings');
  return [strings === undefined ? undefined : tensorType('string', [strings])];
};

/** A tensor filled from attributes, its size given by an attribute or by operand 0. */
const givenTensorFill: InferRule = (call) => [
  call.int('input_as_shape')
    ? call.elements(0)?.concat(call.ints('extra_shape') ?? [])
    : (call.ints('shape') ?? call.shape(0)),
];

export const CONSTANT_RULES: InferRules = { Constant: constant, GivenTensorFill: givenTensorFill };
