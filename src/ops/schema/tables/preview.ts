/** Operators of ai.onnx.preview. The grammar of a row is told in parse-schema.ts. */
export const PREVIEW_OPERATORS: readonly string[] = [
  'FlexAttention 1 function (Q:T1, K:T1, V:T1) -> (Y:T1) {prob_mod:g, scale:f, score_mod:g, softmax_precision:i} [T1=float|bfloat16]',
];
