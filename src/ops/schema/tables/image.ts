/** Operators of ai.onnx up to opset 28: image. The grammar of a row is told in parse-schema.ts. */
export const IMAGE_OPERATORS: readonly string[] = [
  'AffineGrid 20 function (theta:T1, size:T2) -> (grid:T1) {align_corners:i=0} [T1=float|bfloat16 T2=int64]',
  'GridSample 16 (X:T1, grid:T2) -> (Y:T1) {align_corners:i=0, mode:s=bilinear, padding_mode:s=zeros} [T1=int|uint|float|complex|bool|string T2=float]',
  'GridSample 20 (X:T1, grid:T2) -> (Y:T1) {align_corners:i=0, mode:s=linear, padding_mode:s=zeros} [T1=int|uint|float|complex|bool|string T2=float]',
  'GridSample 22 (X:T1, grid:T2) -> (Y:T1) {align_corners:i=0, mode:s=linear, padding_mode:s=zeros} [T1=int|uint|float|complex|bfloat16|bool|string T2=float|bfloat16]',
  'ImageDecoder 20 (encoded_stream:T1) -> (image:T2) {pixel_format:s=RGB} [T1=uint8 T2=uint8]',
  'Resize 10 (X:T, scales:float32) -> (Y:T) {mode:s=nearest} [T=int|uint|float|complex|bool|string]',
  'Resize 11 (X:T1, roi:T2, scales:float32, sizes?:int64) -> (Y:T1) {coordinate_transformation_mode:s=half_pixel, cubic_coeff_a:f=-0.75, exclude_outside:i=0, extrapolation_value:f=0, mode:s=nearest, nearest_mode:s=round_prefer_floor} [T1=int|uint|float|complex|bool|string T2=float]',
  'Resize 13 (X:T1, roi?:T2, scales?:float32, sizes?:int64) -> (Y:T1) {coordinate_transformation_mode:s=half_pixel, cubic_coeff_a:f=-0.75, exclude_outside:i=0, extrapolation_value:f=0, mode:s=nearest, nearest_mode:s=round_prefer_floor} [T1=int|uint|float|complex|bfloat16|bool|string T2=float]',
  'Resize 18 (X:T1, roi?:T2, scales?:float32, sizes?:int64) -> (Y:T1) {antialias:i=0, axes:is, coordinate_transformation_mode:s=half_pixel, cubic_coeff_a:f=-0.75, exclude_outside:i=0, extrapolation_value:f=0, keep_aspect_ratio_policy:s=stretch, mode:s=nearest, nearest_mode:s=round_prefer_floor} [T1=int|uint|float|complex|bfloat16|bool|string T2=float]',
  'Resize 19 (X:T1, roi?:T2, scales?:float32, sizes?:int64) -> (Y:T1) {antialias:i=0, axes:is, coordinate_transformation_mode:s=half_pixel, cubic_coeff_a:f=-0.75, exclude_outside:i=0, extrapolation_value:f=0, keep_aspect_ratio_policy:s=stretch, mode:s=nearest, nearest_mode:s=round_prefer_floor} [T1=int|uint|float|complex|bfloat16|bool|string T2=float]',
  'Upsample 1 (X:T) -> (Y:T) {height_scale!:f, mode:s=nearest, width_scale!:f} [T=float|bool|int32|int64]',
  'Upsample 7 (X:T) -> (Y:T) {mode:s=nearest, scales!:fs} [T=int|uint|float|complex|bool|string]',
  'Upsample 9 (X:T, scales:float32) -> (Y:T) {mode:s=nearest} [T=int|uint|float|complex|bool|string]',
  'Upsample 10 deprecated (X:T, scales:float32) -> (Y:T) {mode:s=nearest} [T=int|uint|float|complex|bool|string]',
];
