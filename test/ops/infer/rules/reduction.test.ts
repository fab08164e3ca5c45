import { describeInference } from '../describe-inference.ts';

const x = 'float32[N,3,H,W]';

describeInference('reductions', [
  [
    'ReduceMean by attribute',
    { op: 'ReduceMean', opset: 13, inputs: [x], attributes: { axes: [2, -1] } },
    ['float32[N,3,1,1]'],
  ],
  ['ReduceMean by operand', { op: 'ReduceMean', inputs: [x, [2, 3]], attributes: { keepdims: 0 } }, ['float32[N,3]']],
  ['ReduceSum of everything', { op: 'ReduceSum', inputs: [x], attributes: { keepdims: 0 } }, ['float32[]']],
  ['ReduceSum of nothing', { op: 'ReduceSum', inputs: [x, []], attributes: { noop_with_empty_axes: 1 } }, [x]],
  ['ReduceSum with empty axes reduces all', { op: 'ReduceSum', inputs: [x, []] }, ['float32[1,1,1,1]']],
  ['ReduceSum over unknown axes', { op: 'ReduceSum', inputs: [x, 'int64[1]'] }, ['float32[?,?,?,?]']],
  [
    'ReduceSum over unknown axes without keeping them',
    { op: 'ReduceSum', inputs: [x, 'int64[1]'], attributes: { keepdims: 0 } },
    ['float32[...]'],
  ],
  [
    'ReduceSum of unknown rank to a scalar',
    { op: 'ReduceSum', inputs: ['float32[...]'], attributes: { keepdims: 0 } },
    ['float32[]'],
  ],
  ['ArgMax', { op: 'ArgMax', inputs: [x], attributes: { axis: 1, keepdims: 0 } }, ['int64[N,H,W]']],
]);
