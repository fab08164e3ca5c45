import { describeInference } from '../describe-inference.ts';

const x = 'float32[N,3,H,W]';

describeInference('normalization, recurrence, attention', [
  [
    'BatchNormalization',
    { op: 'BatchNormalization', inputs: [x, 'float32[3]', 'float32[3]', 'float32[3]', 'float32[3]'] },
    [x],
  ],
  [
    'BatchNormalization in training',
    {
      op: 'BatchNormalization',
      inputs: [x, 'float32[3]', 'float32[3]', 'float32[3]', 'float32[3]'],
      attributes: { training_mode: 1 },
      outputs: 3,
    },
    [x, 'float32[3]', 'float32[3]'],
  ],
  [
    'LayerNormalization',
    { op: 'LayerNormalization', inputs: ['float16[N,L,8]', 'float16[8]'], outputs: 3 },
    ['float16[N,L,8]', 'float32[N,L,1]', 'float32[N,L,1]'],
  ],
  [
    'LSTM',
    {
      op: 'LSTM',
      inputs: ['float32[T,N,4]', 'float32[2,32,4]', 'float32[2,32,8]'],
      attributes: { direction: 'bidirectional', hidden_size: 8 },
      outputs: 3,
    },
    ['float32[T,2,N,8]', 'float32[2,N,8]', 'float32[2,N,8]'],
  ],
  [
    'GRU with the batch first',
    {
      op: 'GRU',
      inputs: ['float32[N,T,4]', 'float32[1,24,4]', 'float32[1,24,8]'],
      attributes: { layout: 1 },
      outputs: 2,
    },
    ['float32[N,T,1,8]', 'float32[N,1,8]'],
  ],
  [
    'Attention',
    { op: 'Attention', opset: 23, inputs: ['float32[N,8,Q,64]', 'float32[N,2,K,64]', 'float32[N,2,K,32]'] },
    ['float32[N,8,Q,32]'],
  ],
  [
    'Attention packed',
    {
      op: 'Attention',
      opset: 23,
      inputs: ['float32[N,Q,512]', 'float32[N,K,128]', 'float32[N,K,64]'],
      attributes: { q_num_heads: 8, kv_num_heads: 2 },
    },
    ['float32[N,Q,256]'],
  ],
  [
    'SkipLayerNormalization',
    {
      op: 'SkipLayerNormalization',
      domain: 'com.microsoft',
      inputs: ['float32[N,L,8]', 'float32[N,L,8]', 'float32[8]'],
      outputs: 4,
    },
    ['float32[N,L,8]', 'float32[N,L,1]', 'float32[N,L,1]', 'float32[N,L,8]'],
  ],
]);
