import { describeInference } from '../describe-inference.ts';

const x = 'float32[N,3,H,W]';

describeInference('reshaping', [
  ['Reshape with 0 and -1', { op: 'Reshape', inputs: ['float32[N,8,4]', [0, -1]] }, ['float32[N,32]']],
  ['Reshape takes the batch apart', { op: 'Reshape', inputs: ['float32[N,8,4]', [-1, 16]] }, ['float32[2*N,16]']],
  [
    'Reshape of an unknown batch copied',
    { op: 'Reshape', inputs: ['float32[?,8,4]', [0, 2, -1]] },
    ['float32[x0.0,2,16]'],
  ],
  ['Reshape to unknown values', { op: 'Reshape', inputs: ['float32[N,8]', 'int64[3]'] }, ['float32[?,?,?]']],
  ['Reshape to an unknown length', { op: 'Reshape', inputs: ['float32[N,8]', 'int64[K]'] }, ['float32[...]']],
  [
    'Reshape with allowzero',
    { op: 'Reshape', inputs: ['float32[0,3]', [3, 0]], attributes: { allowzero: 1 } },
    ['float32[3,0]'],
  ],
  ['Reshape without allowzero copies', { op: 'Reshape', inputs: ['float32[0,3]', [0, 3]] }, ['float32[0,3]']],
  ['Reshape of a scalar', { op: 'Reshape', inputs: ['float32[]', [1, 1]] }, ['float32[1,1]']],
  ['Reshape to a scalar', { op: 'Reshape', inputs: ['float32[1]', []] }, ['float32[]']],
  [
    'Reshape-1 has an attribute',
    { op: 'Reshape', opset: 4, inputs: ['float32[2,6]'], attributes: { shape: [3, -1] } },
    ['float32[3,4]'],
  ],
  ['Flatten', { op: 'Flatten', inputs: [x] }, ['float32[N,3*H*W]']],
  ['Flatten at 0', { op: 'Flatten', inputs: ['float32[2,3]'], attributes: { axis: 0 } }, ['float32[1,6]']],
  ['Flatten from the back', { op: 'Flatten', inputs: ['float32[2,3,4]'], attributes: { axis: -1 } }, ['float32[6,4]']],
  ['Transpose reverses', { op: 'Transpose', inputs: [x] }, ['float32[W,H,3,N]']],
  ['Transpose by perm', { op: 'Transpose', inputs: [x], attributes: { perm: [0, 2, 3, 1] } }, ['float32[N,H,W,3]']],
  ['Squeeze by axes', { op: 'Squeeze', inputs: ['float32[1,N,1]', [0, -1]] }, ['float32[N]']],
  ['Squeeze of all ones', { op: 'Squeeze', inputs: ['float32[1,3,1]'] }, ['float32[3]']],
  ['Squeeze without axes beside a symbol', { op: 'Squeeze', inputs: ['float32[N,1]'] }, ['float32[...]']],
  [
    'Squeeze-11 by attribute',
    { op: 'Squeeze', opset: 11, inputs: ['float32[1,N]'], attributes: { axes: [0] } },
    ['float32[N]'],
  ],
  [
    'Unsqueeze counts from the back of the result',
    { op: 'Unsqueeze', inputs: ['float32[N,3]', [0, -1]] },
    ['float32[1,N,3,1]'],
  ],
  ['Unsqueeze-11', { op: 'Unsqueeze', opset: 11, inputs: ['float32[N]'], attributes: { axes: [1] } }, ['float32[N,1]']],
  [
    'DepthToSpace',
    { op: 'DepthToSpace', inputs: ['float32[N,12,H,4]'], attributes: { blocksize: 2 } },
    ['float32[N,3,2*H,8]'],
  ],
  [
    'SpaceToDepth',
    { op: 'SpaceToDepth', inputs: ['float32[N,3,H,8]'], attributes: { blocksize: 2 } },
    ['float32[N,12,floor(H/2),4]'],
  ],
]);
