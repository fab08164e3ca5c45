import { describeInference } from '../describe-inference.ts';

describeInference('matrix products', [
  ['MatMul', { op: 'MatMul', inputs: ['float32[N,L,8]', 'float32[8,4]'] }, ['float32[N,L,4]']],
  [
    'MatMul broadcasts the batch',
    { op: 'MatMul', inputs: ['float32[5,1,2,3]', 'float32[N,3,4]'] },
    ['float32[5,N,2,4]'],
  ],
  ['MatMul of vectors', { op: 'MatMul', inputs: ['float32[3]', 'float32[3]'] }, ['float32[]']],
  ['MatMul of a vector and a matrix', { op: 'MatMul', inputs: ['float32[3]', 'float32[2,3,4]'] }, ['float32[2,4]']],
  [
    'Gemm transposed',
    { op: 'Gemm', inputs: ['float32[8,N]', 'float32[4,8]'], attributes: { transA: 1, transB: 1 } },
    ['float32[N,4]'],
  ],
  ['Gemm with one operand unknown', { op: 'Gemm', inputs: ['float32[...]', 'float32[8,4]'] }, ['float32[?,4]']],
  [
    'Einsum',
    { op: 'Einsum', inputs: ['float32[N,H,Q,8]', 'float32[N,H,K,8]'], attributes: { equation: 'bhqd,bhkd->bhqk' } },
    ['float32[N,H,Q,K]'],
  ],
  [
    'Einsum with an ellipsis',
    { op: 'Einsum', inputs: ['float32[N,2,3]'], attributes: { equation: '...ij->...ji' } },
    ['float32[N,3,2]'],
  ],
  [
    'Einsum without an arrow',
    { op: 'Einsum', inputs: ['float32[2,3]', 'float32[3,4]'], attributes: { equation: 'ij,jk' } },
    ['float32[2,4]'],
  ],
  [
    'FusedMatMul',
    {
      op: 'FusedMatMul',
      domain: 'com.microsoft',
      inputs: ['float32[N,4,8]', 'float32[N,5,8]'],
      attributes: { transB: 1 },
    },
    ['float32[N,4,5]'],
  ],
  ['MatMulInteger', { op: 'MatMulInteger', inputs: ['uint8[N,4]', 'int8[4,5]'] }, ['int32[N,5]']],
  [
    'MatMulNBits',
    {
      op: 'MatMulNBits',
      domain: 'com.microsoft',
      inputs: ['float32[N,L,64]', 'uint8[32,2,16]', 'float32[64]'],
      attributes: { K: 64, N: 32, block_size: 32 },
    },
    ['float32[N,L,32]'],
  ],
  [
    'QGemm',
    {
      op: 'QGemm',
      domain: 'com.microsoft',
      inputs: [
        'uint8[N,8]',
        'float32[]',
        'uint8[]',
        'int8[8,4]',
        'float32[]',
        'int8[]',
        undefined,
        'float32[]',
        'uint8[]',
      ],
    },
    ['uint8[N,4]'],
  ],
]);
