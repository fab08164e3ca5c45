import type { ValueRange } from '../../../pass/define-pass.ts';
import type { TfGraph, TfOperator, TfQuantization, TfTensor } from '../tflite/tf-graph.ts';
import { type ActivationBits, dataOperands, type QuantizedRule } from './int8-rules.ts';
import { activationParams } from './quantized-constant.ts';

/** What parameters are chosen by. */
export interface JoinSetting {
  readonly type: ActivationBits;
  readonly ranges: ReadonlyMap<TfTensor, ValueRange>;
  /** The rule by which an operator computes with integers, if it does. */
  readonly ruleOf: (operator: TfOperator) => QuantizedRule | undefined;
}

/**
 * Parameters that the readers of a tensor ask for, where its maker is free to give them: those of a QUANTIZE that the
 * model itself has, and, where an operator joins tensors that must have the same parameters, those of the joined tensor.
 * A tensor that something else reads too keeps its own.
 */
export function joinedParams(graph: TfGraph, setting: JoinSetting): ReadonlyMap<TfTensor, TfQuantization> {
  const { type, ranges, ruleOf } = setting;
  const readers = readerCounts(graph);
  const wanted = new Map<TfTensor, TfQuantization>();
  for (const { name, inputs, outputs } of graph.operators) {
    const [source] = inputs;
    const params = outputs[0]?.quantization;
    if (name !== 'QUANTIZE' || source === undefined || params === undefined) continue;
    if (outputs[0]?.type === type && readers.get(source) === 1) wanted.set(source, params);
  }
  const makers = new Map(graph.operators.flatMap((operator) => operator.outputs.map((made) => [made, operator])));
  for (const operator of [...graph.operators].reverse()) {
    const rule = ruleOf(operator);
    const [output] = operator.outputs;
    const range = output && ranges.get(output);
    if (rule?.kind !== 'shared' || output === undefined || range === undefined) continue;
    const joined = wanted.get(output) ?? (rule.leader === undefined ? activationParams(range, type) : undefined);
    if (joined === undefined) continue;
    for (const index of dataOperands(rule, operator.inputs.length)) {
      const tensor = operator.inputs[index];
      const maker = tensor && makers.get(tensor);
      if (tensor === undefined || maker === undefined || readers.get(tensor) !== 1) continue;
      const kind = ruleOf(maker)?.kind;
      const single = kind === 'shared' && operator.outputs.length === 1 && maker.inputs.length >= 1;
      if (kind === 'linear' || kind === 'free' || (single && widerThan(range, ranges.get(tensor)))) {
        wanted.set(tensor, joined);
      }
    }
  }
  return wanted;
}

/** How often each tensor is read; being an output of the model is one reading. */
export function readerCounts(graph: TfGraph): ReadonlyMap<TfTensor, number> {
  const readers = new Map<TfTensor, number>();
  const read = (tensor: TfTensor | undefined): void => {
    if (tensor !== undefined) readers.set(tensor, (readers.get(tensor) ?? 0) + 1);
  };
  for (const { inputs } of graph.operators) inputs.forEach(read);
  for (const { tensor } of graph.outputs) read(tensor);
  return readers;
}

function widerThan(range: ValueRange, other: ValueRange | undefined): boolean {
  return other !== undefined && range.min <= other.min && range.max >= other.max;
}
