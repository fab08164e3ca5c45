import { scalarTensor, tensorFromNumbers } from '../../../../src/ir/tensor.ts';
import { describeInference } from '../describe-inference.ts';

const x = 'float32[N,3,H,W]';

describeInference('images and signals', [
  [
    'Resize by scales',
    { op: 'Resize', inputs: [x, undefined, tensorFromNumbers('float32', [4], [1, 1, 2, 0.5])] },
    ['float32[N,3,2*H,floor(W/2)]'],
  ],
  ['Resize by sizes', { op: 'Resize', inputs: [x, undefined, undefined, [1, 3, 64, 48]] }, ['float32[1,3,64,48]']],
  [
    'Resize of some axes',
    { op: 'Resize', inputs: [x, undefined, undefined, [64, 48]], attributes: { axes: [2, 3] } },
    ['float32[N,3,64,48]'],
  ],
  [
    'Resize keeps the aspect ratio',
    {
      op: 'Resize',
      inputs: ['float32[1,1,2,4]', undefined, undefined, [7, 8]],
      attributes: { axes: [2, 3], keep_aspect_ratio_policy: 'not_larger' },
    },
    ['float32[1,1,4,8]'],
  ],
  [
    'Resize-10',
    { op: 'Resize', opset: 10, inputs: [x, tensorFromNumbers('float32', [4], [1, 1, 2, 2])] },
    ['float32[N,3,2*H,2*W]'],
  ],
  [
    'Resize rounds down',
    { op: 'Resize', inputs: ['float32[1,1,5]', undefined, tensorFromNumbers('float32', [3], [1, 1, 0.7])] },
    ['float32[1,1,3]'],
  ],
  [
    'Resize of a crop is not known',
    {
      op: 'Resize',
      inputs: [x, 'float32[8]', tensorFromNumbers('float32', [4], [1, 1, 2, 2])],
      attributes: { coordinate_transformation_mode: 'tf_crop_and_resize' },
    },
    ['float32[?,?,?,?]'],
  ],
  [
    'Upsample-7',
    { op: 'Upsample', opset: 7, inputs: ['float32[1,3,4,W]'], attributes: { scales: { floats: [1, 1, 2, 3] } } },
    ['float32[1,3,8,3*W]'],
  ],
  ['GridSample', { op: 'GridSample', inputs: [x, 'float32[N,5,6,2]'] }, ['float32[N,3,5,6]']],
  ['AffineGrid', { op: 'AffineGrid', inputs: ['float32[N,2,3]', [4, 3, 5, 6]] }, ['float32[4,5,6,2]']],
  ['HannWindow', { op: 'HannWindow', inputs: [scalarTensor('int64', 400)] }, ['float32[400]']],
  [
    'DFT one-sided',
    { op: 'DFT', inputs: ['float32[N,16,1]', undefined, scalarTensor('int64', 1)], attributes: { onesided: 1 } },
    ['float32[N,9,2]'],
  ],
  [
    'STFT',
    { op: 'STFT', inputs: ['float32[N,128,1]', scalarTensor('int64', 8), 'float32[16]'] },
    ['float32[N,15,9,2]'],
  ],
]);
