import type { ValueRange } from '../../../pass/define-pass.ts';
import type { TfOperator, TfTensor } from '../tflite/tf-graph.ts';
import { type ActivationBits, dataOperands, type QuantizedRule, quantizedRule } from './int8-rules.ts';
import { activationParams, floatsOf, rangeOf } from './quantized-constant.ts';

/** What decides whether an operator computes with integers. */
export interface RuleSetting {
  readonly type: ActivationBits;
  /** The range of every float activation that has one. */
  readonly ranges: ReadonlyMap<TfTensor, ValueRange>;
  /** Operators that stay float although they have an integer kernel. */
  readonly keepFloat: ((operator: TfOperator) => boolean) | undefined;
}

/** The rule by which an operator computes with integers; none where it stays float or has nothing to do with floats. */
export function applicableRule(operator: TfOperator, setting: RuleSetting): QuantizedRule | undefined {
  const { type, ranges, keepFloat } = setting;
  const rule = quantizedRule(operator.name, type);
  if (rule === undefined || keepFloat?.(operator) === true) return undefined;
  const data = dataOperands(rule, operator.inputs.length).map((index) => operator.inputs[index]);
  if (data.some((tensor) => tensor?.type !== 'float32')) return undefined;
  if (data.some((tensor) => tensor?.data === undefined && !ranges.has(tensor!))) return undefined;
  if (operator.outputs.some((tensor) => tensor.type === 'float32' && !ranges.has(tensor))) return undefined;
  if (rule.kind === 'fixed' && !holds(rule[type], type, ranges.get(operator.outputs[0]!)!)) return undefined;
  if (operator.name === 'ADD' || operator.name === 'SUB') return isSummable(operator, setting) ? rule : undefined;
  if (rule.kind !== 'linear') return rule;
  const bias = rule.bias === undefined ? undefined : operator.inputs[rule.bias];
  const constants = [operator.inputs[rule.weights], bias];
  return constants.every((tensor) => tensor === undefined || tensor.data !== undefined) ? rule : undefined;
}

/**
 * How much coarser the operands of a sum may be than its result: the kernels work in units of twice the coarser operand's
 * scale, over this, and abort where the result's scale is below that. Half of what they take, as scales are rounded.
 */
const COARSEST_OPERAND = { int8: 2 ** 18, int16: 2 ** 13 };

/** Whether the scales of a sum are such that its kernel does not abort. */
function isSummable({ inputs, outputs }: TfOperator, { type, ranges }: RuleSetting): boolean {
  const scales = [...inputs, ...outputs].map((tensor) => {
    const range = tensor?.data === undefined ? ranges.get(tensor!)! : rangeOf(floatsOf(tensor));
    return activationParams(range, type).scales[0]!;
  });
  const result = scales.pop()!;
  return Math.max(...scales) <= COARSEST_OPERAND[type] * result;
}

/** Whether fixed parameters reach over a range, but for one step at either end. */
function holds(
  { scale, zeroPoint }: { readonly scale: number; readonly zeroPoint: number },
  type: ActivationBits,
  { min, max }: ValueRange,
): boolean {
  const half = type === 'int8' ? 128 : 32768;
  return min >= scale * (-half - 1 - zeroPoint) && max <= scale * (half - zeroPoint);
}
