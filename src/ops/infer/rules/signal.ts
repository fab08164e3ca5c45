import type { Dim } from '../../../ir/shape.ts';
import { tensorType } from '../../../ir/value-type.ts';
import { addDims, floorDivDims, subDims } from '../../dims/dim-arithmetic.ts';
import { normalizeAxis, unknownShape } from '../axis.ts';
import type { InferRule, InferRules } from '../infer-rule.ts';
import { dtypeOfNumber } from './elementwise.ts';

/** A vector of the length in operand 0. */
const window: InferRule = (call) => {
  const dtype = dtypeOfNumber(call.int('output_datatype') ?? 1);
  return [dtype && tensorType(dtype, [call.scalar(0)])];
};

/** Bins of a transform of `length` samples: half of them and one more where only the first half is wanted. */
function bins(length: Dim, onesided: boolean): Dim {
  return onesided ? addDims(floorDivDims(length, 2), 1) : length;
}

/** Real or complex data with the parts in the last axis; the axis is an attribute in opset 17, operand 2 from 20 on. */
const dft: InferRule = (call) => {
  const data = call.shape(0);
  if (data === undefined || data.length < 2) return [undefined];
  const given = call.since < 20 ? (call.int('axis') ?? 1) : call.has(2) ? call.scalar(2) : -2;
  const axis = typeof given === 'number' ? normalizeAxis(given, data.length) : undefined;
  if (axis === undefined) return [unknownShape(data.length)];
  const length = call.has(1) ? call.scalar(1) : data[axis];
  const onesided = call.int('onesided') === 1;
  const inverse = call.int('inverse') === 1;
  // A one-sided inverse (opset 20) goes back from bins to real samples, whose number the bins alone do not tell.
  if (onesided && inverse)
    return [[...data.slice(0, -1).map((dim, i) => (i === axis ? call.scalar(1) : dim)), undefined]];
  return [[...data.slice(0, -1).map((dim, i) => (i === axis ? bins(length, onesided) : dim)), 2]];
};

/** `[batch, frames, bins, 2]`. */
const stft: InferRule = (call) => {
  const signal = call.shape(0);
  const frameLength = call.has(3) ? call.scalar(3) : call.shape(2)?.[0];
  const frames = addDims(floorDivDims(subDims(signal?.[1], frameLength), call.scalar(1)), 1);
  return [[signal?.[0], frames, bins(frameLength, call.int('onesided') !== 0), 2]];
};

const melWeightMatrix: InferRule = (call) => {
  const dtype = dtypeOfNumber(call.int('output_datatype') ?? 1);
  return [dtype && tensorType(dtype, [bins(call.scalar(1), true), call.scalar(0)])];
};

export const SIGNAL_RULES: InferRules = {
  BlackmanWindow: window,
  HammingWindow: window,
  HannWindow: window,
  DFT: dft,
  STFT: stft,
  MelWeightMatrix: melWeightMatrix,
};
