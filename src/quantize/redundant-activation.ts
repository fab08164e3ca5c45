import { floatOf } from '../ir/attribute.ts';
import { isOp, type Node } from '../ir/node.ts';
import { toNumbers } from '../ir/tensor.ts';
import { soleUse, type Value } from '../ir/value.ts';
import type { ValueRange } from '../pass/define-pass.ts';
import { affineParams, INT8_LIMITS, MIN_SCALE, type QuantParams } from './affine-params.ts';
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

/**
 * How far the quantized range may reach past a Clip's bounds for ONNX Runtime to remove the Clip: the spacing of float32
 * at 1. (Its later fusions are more generous, but up to version 1.30 leave a graph that does not load.)
 */
const BOUND_TOLERANCE = 2 ** -23;

/** Whether quantizing with `params` saturates wherever the activation would cut: the test that ONNX Runtime makes. */
export function isMadeRedundant(activation: Node, params: QuantParams): boolean {
  const bounds = activationBounds(activation);
  if (bounds === undefined) return false;
  const { qmin, qmax } = INT8_LIMITS[params.dtype];
  const { scale, zeroPoint } = params;
  if (isOp(activation, 'Relu')) return zeroPoint === qmin;
  const lower = Math.fround(scale * (qmin - zeroPoint));
  const upper = Math.fround(scale * (qmax - zeroPoint));
  return bounds.low - lower <= BOUND_TOLERANCE && upper - bounds.high <= BOUND_TOLERANCE;
}

/**
 * Scale and zero point for the result of an activation, which they make redundant: those of the range, or where rounding
 * moved an end past a bound, with the zero point a step beside it and the scale reduced by less than a step over the
 * whole range.
 *
 * @returns nothing where no parameters for this range do.
 */
export function foldingParams(activation: Node, range: ValueRange, dtype: ActivationType): QuantParams | undefined {
  const params = affineParams(range, dtype);
  const bounds = activationBounds(activation);
  if (bounds === undefined || isMadeRedundant(activation, params)) return bounds && params;
  const { qmin, qmax } = INT8_LIMITS[dtype];
  let best: QuantParams | undefined;
  for (const zeroPoint of [params.zeroPoint, params.zeroPoint - 1, params.zeroPoint + 1]) {
    if (zeroPoint < qmin || zeroPoint > qmax) continue;
    const fitting = Math.min(largestScale(-bounds.low, zeroPoint - qmin), largestScale(bounds.high, qmax - zeroPoint));
    // Rounded to float32 the quotient may be too large by half a unit in its last place.
    const scale = Math.fround(Math.min(params.scale, fitting) * (1 - 2 ** -24));
    const fitted = { dtype, scale, zeroPoint };
    const fits = scale >= MIN_SCALE && isMadeRedundant(activation, fitted);
    if (fits && scale > (best?.scale ?? 0)) best = fitted;
  }
  return best;
}

/** The scale at which so many steps reach just as far as a bound. */
function largestScale(bound: number, steps: number): number {
  return steps > 0 ? bound / steps : Number.POSITIVE_INFINITY;
}

/** A bound of Clip: an operand from opset 11 on, an attribute before. */
function boundOf(node: Node, index: number, attribute: string, absent: number): number | undefined {
  const operand = node.inputs[index];
  if (operand !== undefined) return operand.constant === undefined ? undefined : toNumbers(operand.constant)[0];
  return floatOf(node, attribute) ?? absent;
}
