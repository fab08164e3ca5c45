/** Operators of ai.onnx up to opset 28: matmul. The grammar of a row is told in parse-schema.ts. */
export const MATMUL_OPERATORS: readonly string[] = [
  'Det 11 (X:T) -> (Y:T) [T=float]',
  'Det 22 (X:T) -> (Y:T) [T=float|bfloat16]',
  'Einsum 12 (Inputs*1:T) -> (Output:T) {equation!:s} [T=int|uint|float]',
  'Einsum 28 (Inputs*1:T) -> (Output:T) {equation!:s} [T=int|uint|float|bfloat16]',
  'Gemm 1 (A:T, B:T, C:T) -> (Y:T) {alpha:f=1, beta:f=1, broadcast:i=0, transA:i=0, transB:i=0} [T=float]',
  'Gemm 6 (A:T, B:T, C:T) -> (Y:T) {alpha:f=1, beta:f=1, broadcast:i=0, transA:i=0, transB:i=0} [T=float]',
  'Gemm 7 (A:T, B:T, C:T) -> (Y:T) {alpha:f=1, beta:f=1, transA:i=0, transB:i=0} [T=float]',
  'Gemm 9 (A:T, B:T, C:T) -> (Y:T) {alpha:f=1, beta:f=1, transA:i=0, transB:i=0} [T=float|int32|int64|uint32|uint64]',
  'Gemm 11 (A:T, B:T, C?:T) -> (Y:T) {alpha:f=1, beta:f=1, transA:i=0, transB:i=0} [T=float|int32|int64|uint32|uint64]',
  'Gemm 13 (A:T, B:T, C?:T) -> (Y:T) {alpha:f=1, beta:f=1, transA:i=0, transB:i=0} [T=float|bfloat16|int32|int64|uint32|uint64]',
  'MatMul 1 (A:T, B:T) -> (Y:T) [T=float]',
  'MatMul 9 (A:T, B:T) -> (Y:T) [T=float|int32|int64|uint32|uint64]',
  'MatMul 13 (A:T, B:T) -> (Y:T) [T=float|bfloat16|int32|int64|uint32|uint64]',
  'MatMulInteger 10 (A:T1, B:T2, a_zero_point?:T1, b_zero_point?:T2) -> (Y:T3) [T1=int8|uint8 T2=int8|uint8 T3=int32]',
  'QLinearMatMul 10 (a:T1, a_scale:float32, a_zero_point:T1, b:T2, b_scale:float32, b_zero_point:T2, y_scale:float32, y_zero_point:T3) -> (y:T3) [T1=int8|uint8 T2=int8|uint8 T3=int8|uint8]',
  'QLinearMatMul 21 (a:T1, a_scale:TS, a_zero_point:T1, b:T2, b_scale:TS, b_zero_point:T2, y_scale:TS, y_zero_point:T3) -> (y:T3) [T1=float8|int8|uint8 T2=float8|int8|uint8 T3=float8|int8|uint8 TS=bfloat16|float16|float32]',
];
