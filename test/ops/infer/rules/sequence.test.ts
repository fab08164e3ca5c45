import { scalarTensor } from '../../../../src/ir/tensor.ts';
import { describeInference } from '../describe-inference.ts';

describeInference('sequences and optionals', [
  ['SequenceConstruct', { op: 'SequenceConstruct', inputs: ['float32[N,2]', 'float32[N,3]'] }, ['seq(float32[N,?])']],
  ['SequenceEmpty', { op: 'SequenceEmpty', inputs: [], attributes: { dtype: 7 } }, ['seq(int64[...])']],
  [
    'SequenceAt',
    {
      op: 'SequenceAt',
      inputs: [
        { kind: 'sequence', element: { kind: 'tensor', dtype: 'float32', shape: ['N', 2] } },
        scalarTensor('int64', 0),
      ],
    },
    ['float32[N,2]'],
  ],
  [
    'SequenceLength',
    { op: 'SequenceLength', inputs: [{ kind: 'sequence', element: { kind: 'tensor', dtype: 'float32' } }] },
    ['int64[]'],
  ],
  [
    'SplitToSequence',
    { op: 'SplitToSequence', inputs: ['float32[N,4]'], attributes: { axis: 1, keepdims: 0 } },
    ['seq(float32[N])'],
  ],
  [
    'ConcatFromSequence',
    {
      op: 'ConcatFromSequence',
      inputs: [{ kind: 'sequence', element: { kind: 'tensor', dtype: 'float32', shape: ['N', 2] } }],
      attributes: { axis: 0, new_axis: 1 },
    },
    ['float32[?,N,2]'],
  ],
  ['Optional', { op: 'Optional', inputs: ['float32[N]'] }, ['optional(float32[N])']],
  [
    'OptionalGetElement',
    {
      op: 'OptionalGetElement',
      inputs: [{ kind: 'optional', element: { kind: 'tensor', dtype: 'float32', shape: ['N'] } }],
    },
    ['float32[N]'],
  ],
]);
