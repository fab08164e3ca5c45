/** Operators of ai.onnx up to opset 28: signal. The grammar of a row is told in parse-schema.ts. */
export const SIGNAL_OPERATORS: readonly string[] = [
  'BlackmanWindow 17 function (size:T1) -> (output:T2) {output_datatype:i=1, periodic:i=1} [T1=int32|int64 T2=int|uint|float|bfloat16]',
  'DFT 17 (input:T1, dft_length?:T2) -> (output:T1) {axis:i=1, inverse:i=0, onesided:i=0} [T1=float|bfloat16 T2=int32|int64]',
  'DFT 20 (input:T1, dft_length?:T2, axis?:int64) -> (output:T1) {inverse:i=0, onesided:i=0} [T1=float|bfloat16 T2=int32|int64]',
  'HammingWindow 17 function (size:T1) -> (output:T2) {output_datatype:i=1, periodic:i=1} [T1=int32|int64 T2=int|uint|float|bfloat16]',
  'HannWindow 17 function (size:T1) -> (output:T2) {output_datatype:i=1, periodic:i=1} [T1=int32|int64 T2=int|uint|float|bfloat16]',
  'MelWeightMatrix 17 (num_mel_bins:T1, dft_length:T1, sample_rate:T1, lower_edge_hertz:T2, upper_edge_hertz:T2) -> (output:T3) {output_datatype:i=1} [T1=int32|int64 T2=float|bfloat16 T3=int|uint|float|bfloat16]',
  'STFT 17 (signal:T1, frame_step:T2, window?:T1, frame_length?:T2) -> (output:T1) {onesided:i=1} [T1=float|bfloat16 T2=int32|int64]',
];
