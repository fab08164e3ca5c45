import type { ValueRange } from '../../../pass/define-pass.ts';
import type { TfOperator, TfTensor } from '../tflite/tf-graph.ts';
import { type ActivationBits, dataOperands, type QuantizedRule, quantizedRule } from './int8-rules.ts';

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
  if (rule.kind !== 'linear') return rule;
  const bias = rule.bias === undefined ? undefined : operator.inputs[rule.bias];
  const constants = [operator.inputs[rule.weights], bias];
  return constants.every((tensor) => tensor === undefined || tensor.data !== undefined) ? rule : undefined;
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
