import { describeInference } from '../describe-inference.ts';

const x = 'float32[N,3,H,W]';

describeInference('convolutions and pools', [
  [
    'Conv with symbols',
    { op: 'Conv', inputs: [x, 'float32[8,3,3,3]'], attributes: { pads: [1, 1, 1, 1], strides: [2, 2] } },
    ['float32[N,8,floor((H+1)/2),floor((W+1)/2)]'],
  ],
  [
    'Conv dilated',
    { op: 'Conv', inputs: ['float32[1,3,10,10]', 'float32[8,3,3,3]'], attributes: { dilations: [2, 3] } },
    ['float32[1,8,6,4]'],
  ],
  [
    'Conv SAME',
    {
      op: 'Conv',
      inputs: ['float32[1,3,H,7]', 'float32[8,3,3,3]'],
      attributes: { auto_pad: 'SAME_LOWER', strides: [2, 2] },
    },
    ['float32[1,8,floor((H+1)/2),4]'],
  ],
  [
    'Conv VALID ignores pads',
    { op: 'Conv', inputs: ['float32[1,3,7]', 'float32[8,3,3]'], attributes: { auto_pad: 'VALID', pads: [1, 1] } },
    ['float32[1,8,5]'],
  ],
  [
    'Conv with negative pads',
    { op: 'Conv', inputs: ['float32[1,3,7]', 'float32[8,3,3]'], attributes: { pads: [-1, -1] } },
    ['float32[1,8,3]'],
  ],
  ['Conv of data too small', { op: 'Conv', inputs: ['float32[1,3,2]', 'float32[8,3,3]'] }, ['float32[1,8,?]']],
  ['Conv with unknown data', { op: 'Conv', inputs: ['float32[...]', 'float32[8,3,3,3]'] }, ['float32[?,8,?,?]']],
  ['Conv 1d and 3d', { op: 'Conv', inputs: ['float32[1,2,4,4,4]', 'float32[8,2,2,2,2]'] }, ['float32[1,8,3,3,3]']],
  [
    'ConvTranspose',
    {
      op: 'ConvTranspose',
      inputs: ['float32[N,8,H,5]', 'float32[8,4,3,3]'],
      attributes: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1], group: 2 },
    },
    ['float32[N,8,2*H,10]'],
  ],
  [
    'ConvTranspose to a given size',
    {
      op: 'ConvTranspose',
      inputs: ['float32[1,8,5,5]', 'float32[8,4,3,3]'],
      attributes: { strides: [2, 2], output_shape: [12, 13] },
    },
    ['float32[1,4,12,13]'],
  ],
  [
    'ConvTranspose SAME',
    {
      op: 'ConvTranspose',
      inputs: ['float32[1,8,H,5]', 'float32[8,4,3,3]'],
      attributes: { strides: [2, 2], auto_pad: 'SAME_UPPER' },
    },
    ['float32[1,4,2*H,10]'],
  ],
  [
    'ConvTranspose SAME with a stride beyond the kernel',
    {
      op: 'ConvTranspose',
      inputs: ['float32[1,8,5]', 'float32[8,4,2]'],
      attributes: { strides: [3], auto_pad: 'SAME_UPPER' },
    },
    ['float32[1,4,14]'],
  ],
  ['ConvInteger', { op: 'ConvInteger', inputs: ['uint8[1,1,4,4]', 'uint8[1,1,2,2]'] }, ['int32[1,1,3,3]']],
  [
    'QLinearConv has the type of its zero point',
    {
      op: 'QLinearConv',
      inputs: ['uint8[1,1,4,4]', 'float32[]', 'uint8[]', 'int8[2,1,2,2]', 'float32[]', 'int8[]', 'float32[]', 'int8[]'],
    },
    ['int8[1,2,3,3]'],
  ],
  [
    'NhwcConv',
    {
      op: 'NhwcConv',
      domain: 'com.microsoft',
      inputs: ['float32[N,9,9,3]', 'float32[8,3,3,3]'],
      attributes: { strides: [2, 2] },
    },
    ['float32[N,4,4,8]'],
  ],
  [
    'FusedConv',
    {
      op: 'FusedConv',
      domain: 'com.microsoft',
      inputs: ['float32[1,3,9,9]', 'float32[8,3,3,3]'],
      attributes: { activation: 'Relu' },
    },
    ['float32[1,8,7,7]'],
  ],
  [
    'MaxPool with indices',
    { op: 'MaxPool', inputs: ['float32[N,3,8,8]'], attributes: { kernel_shape: [2, 2], strides: [2, 2] }, outputs: 2 },
    ['float32[N,3,4,4]', 'int64[N,3,4,4]'],
  ],
  [
    'MaxPool rounds up',
    { op: 'MaxPool', inputs: ['float32[1,1,7]'], attributes: { kernel_shape: [2], strides: [2], ceil_mode: 1 } },
    ['float32[1,1,4]'],
  ],
  [
    'MaxPool does not start beyond the input',
    { op: 'MaxPool', inputs: ['float32[1,1,2]'], attributes: { kernel_shape: [1], strides: [2], ceil_mode: 1 } },
    ['float32[1,1,1]'],
  ],
  [
    'AveragePool rounds up and is clamped with pads',
    {
      op: 'AveragePool',
      inputs: ['float32[1,1,5]'],
      attributes: { kernel_shape: [2], strides: [3], pads: [1, 1], ceil_mode: 1 },
    },
    ['float32[1,1,2]'],
  ],
  ['GlobalAveragePool', { op: 'GlobalAveragePool', inputs: [x] }, ['float32[N,3,1,1]']],
  [
    'MaxUnpool',
    {
      op: 'MaxUnpool',
      inputs: ['float32[1,1,2,2]', 'int64[1,1,2,2]'],
      attributes: { kernel_shape: [2, 2], strides: [2, 2] },
    },
    ['float32[1,1,4,4]'],
  ],
  [
    'RoiAlign',
    { op: 'RoiAlign', inputs: [x, 'float32[R,4]', 'int64[R]'], attributes: { output_height: 5, output_width: 7 } },
    ['float32[R,3,5,7]'],
  ],
  ['Col2Im', { op: 'Col2Im', inputs: ['float32[1,5,5]', [5, 5], [1, 5]] }, ['float32[1,1,5,5]']],
]);
