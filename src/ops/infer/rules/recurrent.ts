import type { InferRule, InferRules } from '../infer-rule.ts';

/**
 * The whole output and the last states. `layout` 0 has `[sequence, batch, input]` data and
 * `[sequence, directions, batch, hidden]` output; 1 puts the batch first.
 */
const recurrent: InferRule = (call) => {
  const data = call.shape(0);
  const weights = call.shape(1);
  const directions = call.text('direction') === 'bidirectional' ? 2 : 1;
  const hidden = call.shape(2)?.[2] ?? call.int('hidden_size');
  const batchFirst = call.int('layout') === 1;
  const [length, batch] = batchFirst ? [data?.[1], data?.[0]] : [data?.[0], data?.[1]];
  if (data !== undefined && data.length !== 3 && weights !== undefined) return [];
  const output = batchFirst ? [batch, length, directions, hidden] : [length, directions, batch, hidden];
  const state = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  return [output, state, state];
};

export const RECURRENT_RULES: InferRules = {
  RNN: recurrent,
  GRU: recurrent,
  LSTM: recurrent,
  // The quantized weights are [directions, input, 4 * hidden], the recurrent ones [directions, hidden, 4 * hidden].
  'com.microsoft.DynamicQuantizeLSTM': (call) => {
    const data = call.shape(0);
    const directions = call.text('direction') === 'bidirectional' ? 2 : 1;
    const hidden = call.int('hidden_size') ?? call.shape(2)?.[1];
    const state = [directions, data?.[1], hidden];
    return [[data?.[0], ...state.slice(0, 1), data?.[1], hidden], state, state];
  },
};
