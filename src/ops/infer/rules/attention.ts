import type { Dim, Shape } from '../../../ir/shape.ts';
import { tensorType } from '../../../ir/value-type.ts';
import { addDims, floorDivDims, mulDims } from '../../dims/dim-arithmetic.ts';
import type { InferRule, InferRules } from '../infer-rule.ts';
import type { NodeCall } from '../node-call.ts';
import { firstLikeFirst } from './elementwise.ts';

interface Heads {
  readonly batch: Dim;
  readonly heads: Dim;
  readonly length: Dim;
  readonly size: Dim;
}

/** `[batch, heads, length, size]`, or `[batch, length, heads * size]` with the number of heads from an attribute. */
function headsOf(shape: Shape | undefined, count: number | undefined): Heads | undefined {
  if (shape?.length === 4) return { batch: shape[0], heads: shape[1], length: shape[2], size: shape[3] };
  if (shape?.length !== 3) return undefined;
  return { batch: shape[0], heads: count, length: shape[1], size: floorDivDims(shape[2], count) };
}

/** Scaled dot-product attention: Y, present key, present value, scores. */
const attention: InferRule = (call) => {
  const query = headsOf(call.shape(0), call.int('q_num_heads'));
  const key = headsOf(call.shape(1), call.int('kv_num_heads'));
  const value = headsOf(call.shape(2), call.int('kv_num_heads'));
  if (query === undefined || key === undefined || value === undefined) return [];
  const past = call.has(4) ? call.shape(4)?.[2] : 0;
  const total = addDims(past, key.length);
  const { batch, heads, length } = query;
  const output =
    call.shape(0)?.length === 3 ? [batch, length, mulDims(heads, value.size)] : [batch, heads, length, value.size];
  return [
    output,
    [key.batch, key.heads, total, key.size],
    [value.batch, value.heads, total, value.size],
    [batch, heads, length, total],
  ];
};

/** `com.microsoft.Attention`: weights make query, key and value at once, so that the value size is what they leave. */
const packedAttention: InferRule = (call) => {
  const data = call.shape(0);
  if (data?.length !== 3) return [];
  const sizes = call.ints('qkv_hidden_sizes');
  const hidden = sizes?.[2] ?? floorDivDims(call.shape(1)?.at(-1), 3);
  return [[data[0], data[1], hidden]];
};

/** `com.microsoft.MultiHeadAttention`: query, key and value come apart, or packed with 5 axes. */
const multiHeadAttention: InferRule = (call) => {
  const query = call.shape(0);
  if (query?.length === 5) return [[query[0], query[1], mulDims(query[2], query[4])]];
  if (query?.length !== 3) return [];
  const value = call.shape(2);
  const heads = call.int('num_heads');
  const hidden = value?.length === 3 ? value[2] : value?.length === 4 ? mulDims(heads, value[3]) : undefined;
  return [[query[0], query[1], call.has(2) ? hidden : undefined]];
};

/** Linear attention over `[batch, length, heads * size]`: the output, and the state `[batch, heads, keys, values]`. */
const linearAttention: InferRule = (call) => {
  const query = call.shape(0);
  const keySize = floorDivDims(query?.[2], call.int('q_num_heads'));
  const valueSize = floorDivDims(call.shape(2)?.[2], call.int('kv_num_heads'));
  const state = call.shape(3) ?? (query && [query[0], call.int('kv_num_heads'), keySize, valueSize]);
  const dtype = call.has(3) ? call.dtype(3) : undefined;
  return [
    query && [query[0], query[1], mulDims(valueSize, call.int('q_num_heads'))],
    dtype && tensorType(dtype, state),
  ];
};

export const ATTENTION_RULES: InferRules = {
  Attention: attention,
  RotaryEmbedding: firstLikeFirst,
  LinearAttention: linearAttention,
  'ai.onnx.preview.FlexAttention': (call: NodeCall) => {
    const query = call.shape(0);
    return [query?.length === 4 ? [query[0], query[1], query[2], call.shape(2)?.[3]] : undefined];
  },
  'com.microsoft.Attention': packedAttention,
  'com.microsoft.QAttention': packedAttention,
  'com.microsoft.MultiHeadAttention': multiHeadAttention,
  'com.microsoft.GroupQueryAttention': (call) => [call.has(2) ? call.shape(0) : undefined],
  'com.microsoft.RotaryEmbedding': firstLikeFirst,
};
