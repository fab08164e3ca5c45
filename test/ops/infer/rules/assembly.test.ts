import { scalarTensor, tensorFromNumbers } from '../../../../src/ir/tensor.ts';
import { describeInference } from '../describe-inference.ts';

const x = 'float32[N,3,H,W]';
/** What a damaged file may hold in the place of sizes. */
const fractions = tensorFromNumbers('float32', [3], [0.25, 2, -1]);

describeInference('putting together and making', [
  [
    'Concat adds symbols',
    { op: 'Concat', inputs: ['float32[2,N]', 'float32[2,M]', 'float32[?,1]'], attributes: { axis: 1 } },
    ['float32[2,M+N+1]'],
  ],
  [
    'Concat learns from the other operand',
    { op: 'Concat', inputs: ['float32[N,?]', 'float32[4,3]'], attributes: { axis: -1 } },
    ['float32[4,x0.1+3]'],
  ],
  [
    'Split equally',
    { op: 'Split', opset: 13, inputs: ['float32[6,N]'], attributes: { axis: 0 }, outputs: 3 },
    ['float32[2,N]', 'float32[2,N]', 'float32[2,N]'],
  ],
  [
    'Split by sizes',
    { op: 'Split', inputs: ['float32[N,5]', [2, 3]], attributes: { axis: 1 }, outputs: 2 },
    ['float32[N,2]', 'float32[N,3]'],
  ],
  [
    'Split with num_outputs and a rest',
    { op: 'Split', inputs: ['float32[7]'], attributes: { num_outputs: 3 }, outputs: 3 },
    ['float32[3]', 'float32[3]', 'float32[1]'],
  ],
  [
    'Split-2 by attribute',
    { op: 'Split', opset: 11, inputs: ['float32[5]'], attributes: { split: [1, 4] }, outputs: 2 },
    ['float32[1]', 'float32[4]'],
  ],
  ['Pad', { op: 'Pad', inputs: ['float32[N,4]', [1, 0, 2, -1]] }, ['float32[N+3,3]']],
  ['Pad of some axes', { op: 'Pad', inputs: ['float32[N,4]', [1, 1], undefined, [-1]] }, ['float32[N,6]']],
  [
    'Pad-2 by attribute',
    { op: 'Pad', opset: 10, inputs: ['float32[2,2]'], attributes: { pads: [0, 1, 0, 1] } },
    ['float32[2,4]'],
  ],
  ['Expand', { op: 'Expand', inputs: ['float32[N,1]', [1, 4]] }, ['float32[N,4]']],
  ['Expand adds axes', { op: 'Expand', inputs: ['float32[3]', [2, 1]] }, ['float32[2,3]']],
  ['Tile', { op: 'Tile', inputs: ['float32[N,2]', [2, 3]] }, ['float32[2*N,6]']],
  [
    "ConstantOfShape has its value's type",
    {
      op: 'ConstantOfShape',
      inputs: [[2, 0]],
      attributes: { value: { kind: 'tensor', value: tensorFromNumbers('int32', [1], [7]) } },
    },
    ['int32[2,0]'],
  ],
  [
    'Range',
    { op: 'Range', inputs: [scalarTensor('int64', 2), scalarTensor('int64', 9), scalarTensor('int64', 3)] },
    ['int64[3]'],
  ],
  [
    'Range backwards',
    { op: 'Range', inputs: [scalarTensor('int64', 5), scalarTensor('int64', 0), scalarTensor('int64', -2)] },
    ['int64[3]'],
  ],
  ['Shape of a part', { op: 'Shape', inputs: [x], attributes: { start: 1, end: -1 } }, ['int64[2]']],
  ['sizes that are none stay unknown', { op: 'ConstantOfShape', inputs: [fractions] }, ['float32[?,2,?]']],
]);
