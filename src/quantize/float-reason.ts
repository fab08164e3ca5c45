/** Why a node stays float, by code; the texts complete "it stays float because ...". */
export const FLOAT_REASONS = {
  'no-int8-kernel': 'the runtime has no 8-bit kernel for its operator',
  excluded: 'it was excluded',
  'weight-not-constant': 'its weights are computed at run time',
  'weight-not-float32': 'its weights are not float32',
  'weight-not-finite': 'a number of its weights or its bias is infinite or none',
  'weight-sparse': 'its weights are stored as a sparse tensor',
  'weight-shape': 'weights of its rank have no 8-bit kernel',
  'bias-not-constant': 'its bias is computed at run time',
  'bias-shape': 'its bias is not one number per output channel',
  'operand-not-float32': 'an operand is not float32',
  'operand-not-finite': 'a constant that it reads, such as a mask, has infinite numbers or none',
  'no-int8-operand': 'none of its operands comes from an 8-bit node',
  'no-int8-consumer': 'no 8-bit node reads its result',
  'not-foldable': 'the quantization of its result does not make it redundant',
  'bias-addition': 'the runtime adds it inside the matrix product before it',
  'fused-in-float': 'the runtime fuses it with the addition behind it before it looks for 8-bit kernels',
  recurrent: 'recurrent operators are quantized dynamically only',
  nested: 'it stands in a branch or a loop, whose values calibration does not see',
  sensitivity: 'in int8 it takes more of the accuracy than the budget allows',
  'never-run': 'it did not run on the calibration data',
} as const satisfies Record<string, string>;

export type FloatReason = keyof typeof FLOAT_REASONS;
