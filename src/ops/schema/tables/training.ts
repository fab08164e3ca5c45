/** Operators of ai.onnx.preview.training. The grammar of a row is told in parse-schema.ts. */
export const TRAINING_OPERATORS: readonly string[] = [
  'Adagrad 1 (R:T1, T:T2, inputs~1:T3) -> (outputs~1:T3) {decay_factor:f=0, epsilon:f=1e-06, norm_coefficient:f=0} [T1=float32|float64 T2=int64 T3=float32|float64]',
  'Adam 1 (R:T1, T:T2, inputs~1:T3) -> (outputs~1:T3) {alpha:f=0.9, beta:f=0.999, epsilon:f=1e-06, norm_coefficient:f=0, norm_coefficient_post:f=0} [T1=float32|float64 T2=int64 T3=float32|float64]',
  'Gradient 1 (Inputs~1:T1) -> (Outputs~1:T2) {xs!:ss, y!:s, zs:ss} [T1=int|uint|float|complex|bool|string T2=float]',
  'Momentum 1 (R:T1, T:T2, inputs~1:T3) -> (outputs~1:T3) {alpha!:f, beta!:f, mode!:s, norm_coefficient!:f} [T1=float32|float64 T2=int64 T3=float32|float64]',
];
