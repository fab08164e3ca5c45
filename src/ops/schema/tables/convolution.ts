/** Operators of ai.onnx up to opset 28: convolution. The grammar of a row is told in parse-schema.ts. */
export const CONVOLUTION_OPERATORS: readonly string[] = [
  'CausalConvWithState 27 function (input:T, weight:T, bias?:T, past_state?:T) -> (output:T, present_state:T) {activation:s=none} [T=bfloat16|float16|float32]',
  'Col2Im 18 (input:T, image_shape:int64, block_shape:int64) -> (output:T) {dilations:is, pads:is, strides:is} [T=int|uint|float|complex|bfloat16|bool|string]',
  'Conv 1 (X:T, W:T, B?:T) -> (Y:T) {auto_pad:s=NOTSET, dilations:is, group:i=1, kernel_shape:is, pads:is, strides:is} [T=float]',
  'Conv 11 (X:T, W:T, B?:T) -> (Y:T) {auto_pad:s=NOTSET, dilations:is, group:i=1, kernel_shape:is, pads:is, strides:is} [T=float]',
  'Conv 22 (X:T, W:T, B?:T) -> (Y:T) {auto_pad:s=NOTSET, dilations:is, group:i=1, kernel_shape:is, pads:is, strides:is} [T=float|bfloat16]',
  'ConvInteger 10 (x:T1, w:T2, x_zero_point?:T1, w_zero_point?:T2) -> (y:T3) {auto_pad:s=NOTSET, dilations:is, group:i=1, kernel_shape:is, pads:is, strides:is} [T1=int8|uint8 T2=int8|uint8 T3=int32]',
  'ConvTranspose 1 (X:T, W:T, B?:T) -> (Y:T) {auto_pad:s=NOTSET, dilations:is, group:i=1, kernel_shape:is, output_padding:is, output_shape:is, pads:is, strides:is} [T=float]',
  'ConvTranspose 11 (X:T, W:T, B?:T) -> (Y:T) {auto_pad:s=NOTSET, dilations:is, group:i=1, kernel_shape:is, output_padding:is, output_shape:is, pads:is, strides:is} [T=float]',
  'ConvTranspose 22 (X:T, W:T, B?:T) -> (Y:T) {auto_pad:s=NOTSET, dilations:is, group:i=1, kernel_shape:is, output_padding:is, output_shape:is, pads:is, strides:is} [T=float|bfloat16]',
  'DeformConv 19 (X:T, W:T, offset:T, B?:T, mask?:T) -> (Y:T) {dilations:is, group:i=1, kernel_shape:is, offset_group:i=1, pads:is, strides:is} [T=float]',
  'DeformConv 22 (X:T, W:T, offset:T, B?:T, mask?:T) -> (Y:T) {dilations:is, group:i=1, kernel_shape:is, offset_group:i=1, pads:is, strides:is} [T=float|bfloat16]',
  'QLinearConv 10 (x:T1, x_scale:float32, x_zero_point:T1, w:T2, w_scale:float32, w_zero_point:T2, y_scale:float32, y_zero_point:T3, B?:T4) -> (y:T3) {auto_pad:s=NOTSET, dilations:is, group:i=1, kernel_shape:is, pads:is, strides:is} [T1=int8|uint8 T2=int8|uint8 T3=int8|uint8 T4=int32]',
];
