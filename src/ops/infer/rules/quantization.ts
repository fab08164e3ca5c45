import type { DataType } from '../../../ir/dtype.ts';
import type { Shape } from '../../../ir/shape.ts';
import { tensorType } from '../../../ir/value-type.ts';
import { broadcastShapes } from '../broadcast.ts';
import { type InferRule, type InferRules, resultDtype } from '../infer-rule.ts';
import type { NodeCall } from '../node-call.ts';
import { dtypeOfNumber, firstLikeFirst } from './elementwise.ts';

function typed(dtype: DataType | undefined, shape: Shape | undefined) {
  return [dtype === undefined ? undefined : tensorType(dtype, shape)];
}

/** The zero point's type, else `output_dtype`, else uint8. */
const quantize: InferRule = (call) => {
  const code = call.int('output_dtype') || undefined;
  return typed(call.has(2) ? call.dtype(2) : (dtypeOfNumber(code) ?? 'uint8'), call.shape(0));
};

/** `output_dtype`, else the scale's type where the version lets it vary, else float32. */
const dequantize: InferRule = (call) => {
  const code = call.int('output_dtype') || undefined;
  return typed(dtypeOfNumber(code) ?? resultDtype(call, 0) ?? call.dtype(1), call.shape(0));
};

/** Operators on two quantized tensors, each given as tensor, scale and zero point. */
const quantizedBinary: InferRule = (call) => [broadcastShapes([call.shape(0), call.shape(3)])];

export const QUANTIZATION_RULES: InferRules = {
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: (call) => [call.shape(0), [], []],
  'com.microsoft.QuantizeLinear': quantize,
  'com.microsoft.DequantizeLinear': (call: NodeCall) => typed(call.dtype(1), call.shape(0)),
  'com.microsoft.QLinearAdd': quantizedBinary,
  'com.microsoft.QLinearMul': quantizedBinary,
  'com.microsoft.QLinearWhere': (call) => [broadcastShapes([call.shape(0), call.shape(1), call.shape(4)])],
  'com.microsoft.QLinearSigmoid': firstLikeFirst,
  'com.microsoft.QLinearLeakyRelu': firstLikeFirst,
  'com.microsoft.MulInteger': (call) => [broadcastShapes([call.shape(0), call.shape(2)])],
};
