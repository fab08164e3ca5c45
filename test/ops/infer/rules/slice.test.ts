import { describeInference } from '../describe-inference.ts';

const x = 'float32[N,3,H,W]';

describeInference('cutting', [
  ['Slice to the end', { op: 'Slice', inputs: [x, [1], [2n ** 63n - 1n], [2]] }, ['float32[N,3,max(0,H-1),W]']],
  ['Slice from the back', { op: 'Slice', inputs: ['float32[N]', [-2], [2n ** 63n - 1n]] }, ['float32[min(2,N)]']],
  ['Slice of sizes', { op: 'Slice', inputs: ['float32[10,10]', [1, 8], [-1, 2], [0, 1], [3, -2]] }, ['float32[3,3]']],
  ['Slice without knowing where', { op: 'Slice', inputs: ['float32[10,N]', 'int64[1]', [5], [0]] }, ['float32[?,N]']],
  [
    'Slice without knowing the axes',
    { op: 'Slice', inputs: ['float32[10,N]', [0], [5], 'int64[1]'] },
    ['float32[?,?]'],
  ],
  ['Slice reversed', { op: 'Slice', inputs: ['float32[N]', [-1], [-(2n ** 63n)], [0], [-1]] }, ['float32[N]']],
  ['Slice of nothing', { op: 'Slice', inputs: ['float32[4]', [9], [20]] }, ['float32[0]']],
  [
    'Slice-1 by attributes',
    { op: 'Slice', opset: 9, inputs: ['float32[N,8]'], attributes: { starts: [2], ends: [5], axes: [1] } },
    ['float32[N,3]'],
  ],
  [
    'CenterCropPad',
    { op: 'CenterCropPad', inputs: ['float32[N,8,8]', [4, 10]], attributes: { axes: [1, 2] } },
    ['float32[N,4,10]'],
  ],
  [
    'Crop',
    { op: 'Crop', opset: 7, inputs: ['float32[1,3,10,W]'], attributes: { border: [1, 2, 3, 4] } },
    ['float32[1,3,4,W-4]'],
  ],
]);
