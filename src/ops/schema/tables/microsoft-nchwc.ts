/** Operators of com.microsoft.nchwc, which ONNX Runtime 1.30.0 writes when it blocks channels. The grammar of a row is told in parse-schema.ts. */
export const MICROSOFT_NCHWC_OPERATORS: readonly string[] = [
  'AveragePool 1 (X:T) -> (Y:T) {auto_pad:s=NOTSET, ceil_mode:i=0, count_include_pad:i=0, dilations:is, kernel_shape!:is, pads:is, strides:is} [T=float32]',
  'Conv 1 (X:T, W:T, B?:T, Sum?:T) -> (Y:T) {activation:s, activation_params:fs, auto_pad:s=NOTSET, dilations:is, group:i=1, kernel_shape:is, pads:is, strides:is} [T=float32]',
  'GlobalAveragePool 1 (X:T) -> (Y:T) [T=float32]',
  'GlobalMaxPool 1 (X:T) -> (Y:T) [T=float32]',
  'MaxPool 1 (X:T) -> (Y:T) {auto_pad:s=NOTSET, ceil_mode:i=0, dilations:is, kernel_shape!:is, pads:is, storage_order:i=0, strides:is} [T=float32]',
  'ReorderInput 1 (X:T) -> (Y:T) {channels_last:i=0} [T=float32]',
  'ReorderOutput 1 (X:T) -> (Y:T) {channels:i=0, channels_last:i=0} [T=float32]',
  'Upsample 1 (X:T) -> (Y:T) {coordinate_transformation_mode:s=asymmetric, mode:s=nearest, scales:is} [T=float32]',
];
