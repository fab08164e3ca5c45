/** Operators of ai.onnx up to opset 28: random. The grammar of a row is told in parse-schema.ts. */
export const RANDOM_OPERATORS: readonly string[] = [
  'Bernoulli 15 random function (input:T1) -> (output:T2) {dtype:i, seed:f} [T1=float T2=int|uint|float|bfloat16|bool]',
  'Bernoulli 22 random function (input:T1) -> (output:T2) {dtype:i, seed:f} [T1=float|bfloat16 T2=int|uint|float|bfloat16|bool]',
  'Multinomial 7 random (input:T1) -> (output:T2) {dtype:i=6, sample_size:i=1, seed:f} [T1=float T2=int32|int64]',
  'Multinomial 22 random (input:T1) -> (output:T2) {dtype:i=6, sample_size:i=1, seed:f} [T1=float|bfloat16 T2=int32|int64]',
  'RandomNormal 1 random () -> (output:T) {dtype:i=1, mean:f=0, scale:f=1, seed:f, shape!:is} [T=float]',
  'RandomNormal 22 random () -> (output:T) {dtype:i=1, mean:f=0, scale:f=1, seed:f, shape!:is} [T=float|bfloat16]',
  'RandomNormalLike 1 random (input:T1) -> (output:T2) {dtype:i, mean:f=0, scale:f=1, seed:f} [T1=int|uint|float|complex|bool|string T2=float]',
  'RandomNormalLike 22 random (input:T1) -> (output:T2) {dtype:i, mean:f=0, scale:f=1, seed:f} [T1=int|uint|float|complex|bfloat16|bool|string T2=float|bfloat16]',
  'RandomUniform 1 random () -> (output:T) {dtype:i=1, high:f=1, low:f=0, seed:f, shape!:is} [T=float]',
  'RandomUniform 22 random () -> (output:T) {dtype:i=1, high:f=1, low:f=0, seed:f, shape!:is} [T=float|bfloat16]',
  'RandomUniformLike 1 random (input:T1) -> (output:T2) {dtype:i, high:f=1, low:f=0, seed:f} [T1=int|uint|float|complex|bool|string T2=float]',
  'RandomUniformLike 22 random (input:T1) -> (output:T2) {dtype:i, high:f=1, low:f=0, seed:f} [T1=int|uint|float|complex|bfloat16|bool|string T2=float|bfloat16]',
];
