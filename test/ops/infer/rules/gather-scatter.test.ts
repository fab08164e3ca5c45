import { scalarTensor } from '../../../../src/ir/tensor.ts';
import { describeInference } from '../describe-inference.ts';

const x = 'float32[N,3,H,W]';

describeInference('gathering and scattering', [
  ['Gather', { op: 'Gather', inputs: ['float32[100,8]', 'int64[N,L]'] }, ['float32[N,L,8]']],
  [
    'Gather a scalar',
    { op: 'Gather', inputs: [x, scalarTensor('int64', 0)], attributes: { axis: -1 } },
    ['float32[N,3,H]'],
  ],
  [
    'GatherElements',
    { op: 'GatherElements', inputs: ['float32[N,8]', 'int64[N,2]'], attributes: { axis: 1 } },
    ['float32[N,2]'],
  ],
  ['GatherND', { op: 'GatherND', inputs: ['float32[2,3,4]', 'int64[N,2]'] }, ['float32[N,4]']],
  [
    'GatherND with batch axes',
    { op: 'GatherND', inputs: ['float32[2,3,4]', 'int64[2,1]'], attributes: { batch_dims: 1 } },
    ['float32[2,4]'],
  ],
  ['ScatterND', { op: 'ScatterND', inputs: [x, 'int64[2,1]', 'float32[2,3,H,W]'] }, [x]],
  ['TopK', { op: 'TopK', inputs: ['float32[N,9]', [3]], outputs: 2 }, ['float32[N,3]', 'int64[N,3]']],
  [
    'TopK-1 by attribute',
    { op: 'TopK', opset: 9, inputs: ['float32[N,9]'], attributes: { k: 2 }, outputs: 2 },
    ['float32[N,2]', 'int64[N,2]'],
  ],
  [
    'OneHot',
    { op: 'OneHot', inputs: ['int64[N]', scalarTensor('int64', 5), 'float32[2]'], attributes: { axis: 0 } },
    ['float32[5,N]'],
  ],
  ['NonZero', { op: 'NonZero', inputs: [x] }, ['int64[4,?]']],
  ['Compress along an axis', { op: 'Compress', inputs: [x, 'bool[3]'], attributes: { axis: 1 } }, ['float32[N,?,H,W]']],
  ['Unique', { op: 'Unique', inputs: ['float32[N]'], outputs: 4 }, ['float32[?]', 'int64[?]', 'int64[?]', 'int64[?]']],
  ['NonMaxSuppression', { op: 'NonMaxSuppression', inputs: ['float32[1,N,4]', 'float32[1,C,N]'] }, ['int64[?,3]']],
  ['EyeLike', { op: 'EyeLike', inputs: ['float32[3,N]'], attributes: { dtype: 6 } }, ['int32[3,N]']],
]);
