/** Operators of ai.onnx up to opset 28: loss. The grammar of a row is told in parse-schema.ts. */
export const LOSS_OPERATORS: readonly string[] = [
  'NegativeLogLikelihoodLoss 12 function (input:T, target:Tind, weight?:T) -> (loss:T) {ignore_index:i, reduction:s=mean} [T=float Tind=int32|int64]',
  'NegativeLogLikelihoodLoss 13 function (input:T, target:Tind, weight?:T) -> (loss:T) {ignore_index:i, reduction:s=mean} [T=float Tind=int32|int64]',
  'NegativeLogLikelihoodLoss 22 function (input:T, target:Tind, weight?:T) -> (loss:T) {ignore_index:i, reduction:s=mean} [T=float|bfloat16 Tind=int32|int64]',
  'SoftmaxCrossEntropyLoss 12 function (scores:T, labels:Tind, weights?:T) -> (output:T, log_prob?:T) {ignore_index:i, reduction:s=mean} [T=float Tind=int32|int64]',
  'SoftmaxCrossEntropyLoss 13 function (scores:T, labels:Tind, weights?:T) -> (output:T, log_prob?:T) {ignore_index:i, reduction:s=mean} [T=float|bfloat16 Tind=int32|int64]',
];
