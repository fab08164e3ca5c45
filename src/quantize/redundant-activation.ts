import { floatOf } from '../ir/attribute.ts';
import { roundHalfToEven } from '../ir/float-formats.ts';
import { isOp, type Node } from '../ir/node.ts';
import { toNumbers } from '../ir/tensor.ts';
import { soleUse, type Value } from '../ir/value.ts';
import type { ValueRange } from '../pass/define-pass.ts';
import { affineParams, INT8_LIMITS, type QuantParams } from './affine-params.ts';
import type { ActivationType } from './quant-scheme.ts';

/** The interval that a Relu or Clip cuts its operand to; `undefined` where a bound is not constant. */
export function activationBounds(node: Node): { readonly low: number; readonly high: number } | undefined {
  if (isOp(node, 'Relu')) return { low: 0, high: Number.POSITIVE_INFINITY };
  if (!isOp(node, 'Clip')) return undefined;
  const low = boundOf(node, 1, 'min', Number.NEGATIVE_INFINITY);
  const high = boundOf(node, 2, 'max', Number.POSITIVE_INFINITY);
  return low === undefined || high === undefined ? undefined : { low, high };
}

/**
 * The Relu or Clip that alone reads a value and that the quantization of its own result can make redundant: its
 * interval holds 0, so that the range of its result ends where the 8 bits do.
 */
export function foldableActivation(value: Value): Node | undefined {
  const use = soleUse(value);
  if (use === undefined || use.index !== 0 || use.node.graph !== value.graph) return undefined;
  const bounds = activationBounds(use.node);
  return bounds !== undefined && bounds.low <= 0 && bounds.high >= 0 ? use.node : undefined;
}

/** Whether quantizing with `params` saturates wherever the activation would cut: the test that ONNX Runtime makes. */
export function isMadeRedundant(activation: Node, { dtype, scale, zeroPoint }: QuantParams): boolean {
  const bounds = activationBounds(activation);
  if (bounds === undefined) return false;
  const { qmin, qmax } = INT8_LIMITS[dtype];
  if (isOp(activation, 'Relu')) return zeroPoint === qmin;
  return (
    roundHalfToEven(bounds.low / scale) + zeroPoint <= qmin && roundHalfToEven(bounds.high / scale) + zeroPoint >= qmax
  );
}

/**
 * How much a scale is reduced where its rounding to float32 leaves an end of the activation's interval half a step inside
 * the 8 bits: far less than what a range is known to, and enough for the end to round outwards.
 */
const SCALE_REDUCTION = 2 ** -20;

/**
 * Scale and zero point for the result of an activation, which they make redundant.
 *
 * @returns nothing where no parameters for this range do.
 */
export function foldingParams(activation: Node, range: ValueRange, dtype: ActivationType): QuantParams | undefined {
  const params = affineParams(range, dtype);
  if (isMadeRedundant(activation, params)) return params;
  const reduced = { ...params, scale: Math.fround(params.scale * (1 - SCALE_REDUCTION)) };
  return isMadeRedundant(activation, reduced) ? reduced : undefined;
}

/** A bound of Clip: an operand from opset 11 on, an attribute before. */
function boundOf(node: Node, index: number, attribute: string, absent: number): number | undefined {
  const operand = node.inputs[index];
  if (operand !== undefined) return operand.constant === undefined ? undefined : toNumbers(operand.constant)[0];
  return floatOf(node, attribute) ?? absent;
}
