import { floatOf } from '../ir/attribute.ts';
import { isOp, type Node } from '../ir/node.ts';
import type { Use, Value } from '../ir/value.ts';
import type { ValueRange } from '../pass/define-pass.ts';
import { activationBounds } from './redundant-activation.ts';

const EVERYTHING: ValueRange = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };

/** Where a sigmoid has reached its ends to within a sixth of an 8-bit step: 1 / (1 + e^8) = 0.0003. */
const SIGMOID_END = 8;

/** Where a hyperbolic tangent has: 1 - tanh(4) = 0.0007. */
const TANH_END = 4;

/** Below it x * sigmoid(x) is -0.015 at most and growing to 0: less than the step of any range that reaches 4. */
const SWISH_END = 6;

/**
 * The numbers that what reads a value can tell apart: whatever lies outside may as well be the nearer end. A range that
 * is kept for an activation function need not hold what the function cuts off.
 */
export function usefulInterval(value: Value): ValueRange {
  if (value.outputCount > 0 || value.uses.size === 0) return EVERYTHING;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const use of value.uses) {
    const interval = operandInterval(value, use);
    min = Math.min(min, interval.min);
    max = Math.max(max, interval.max);
  }
  return { min, max };
}

/** The part of a range that lies in an interval; the nearer end of the interval where none does. */
export function clampRange({ min, max }: ValueRange, interval: ValueRange): ValueRange {
  const clamp = (end: number) => Math.min(interval.max, Math.max(interval.min, end));
  return { min: clamp(min), max: clamp(max) };
}

function operandInterval(value: Value, { node, index }: Use): ValueRange {
  if (index === 0) {
    const bounds = activationBounds(node);
    if (bounds !== undefined) return bounds.low <= bounds.high ? { min: bounds.low, max: bounds.high } : EVERYTHING;
    if (isOp(node, 'Sigmoid')) return { min: -SIGMOID_END, max: SIGMOID_END };
    if (isOp(node, 'Tanh')) return { min: -TANH_END, max: TANH_END };
    if (isOp(node, 'HardSigmoid')) return hardSigmoidRamp(node);
    if (isOp(node, 'HardSwish')) return { min: -3, max: Number.POSITIVE_INFINITY };
  }
  if (isOp(node, 'Mul')) {
    const gate = node.inputs[1 - index]?.producer;
    if (gate?.inputs[0] !== value) return EVERYTHING;
    if (isOp(gate, 'Sigmoid')) return { min: -SWISH_END, max: Number.POSITIVE_INFINITY };
    if (isOp(gate, 'HardSigmoid')) return { min: hardSigmoidRamp(gate).min, max: Number.POSITIVE_INFINITY };
  }
  return EVERYTHING;
}

/** Where alpha * x + beta goes from 0 to 1. */
function hardSigmoidRamp(node: Node): ValueRange {
  const alpha = floatOf(node, 'alpha') ?? 0.2;
  const beta = floatOf(node, 'beta') ?? 0.5;
  return alpha > 0 ? { min: -beta / alpha, max: (1 - beta) / alpha } : EVERYTHING;
}
