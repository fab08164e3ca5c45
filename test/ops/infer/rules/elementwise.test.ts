import { describeInference } from '../describe-inference.ts';

const x = 'float32[N,3,H,W]';

describeInference('element by element', [
  ['Relu keeps symbols', { op: 'Relu', inputs: [x] }, [x]],
  ['Add broadcasts 1 to a symbol', { op: 'Add', inputs: ['float32[N,1,4]', 'float32[5,1]'] }, ['float32[N,5,4]']],
  ['Add of two symbols proves nothing', { op: 'Add', inputs: ['float32[N]', 'float32[M]'] }, ['float32[?]']],
  ['Add of a symbol and a size: the size', { op: 'Add', inputs: ['float32[N,4]', 'float32[3,4]'] }, ['float32[3,4]']],
  ['Add of contradicting sizes proves nothing', { op: 'Add', inputs: ['float32[3]', 'float32[4]'] }, ['float32[?]']],
  ['Add of unknown rank', { op: 'Add', inputs: ['float32[...]', 'float32[4]'] }, ['float32[...]']],
  [
    'Add-6 stretches the second operand',
    { op: 'Add', opset: 6, inputs: ['float32[2,3,4]', 'float32[3]'], attributes: { broadcast: 1, axis: 1 } },
    ['float32[2,3,4]'],
  ],
  ['Add with 0', { op: 'Add', inputs: ['float32[0,N]', 'float32[1,N]'] }, ['float32[0,N]']],
  ['Equal gives booleans', { op: 'Equal', inputs: ['int64[N]', 'int64[1]'] }, ['bool[N]']],
  [
    'Where takes the type of its values',
    { op: 'Where', inputs: ['bool[N,1]', 'float16[1,4]', 'float16[]'] },
    ['float16[N,4]'],
  ],
  ['Max of three', { op: 'Max', inputs: ['float32[N,1]', 'float32[1,4]', 'float32[]'] }, ['float32[N,4]']],
  [
    'Max-6 has operands of one shape',
    { op: 'Max', opset: 6, inputs: ['float32[...]', 'float32[N,4]'] },
    ['float32[N,4]'],
  ],
  ['Cast', { op: 'Cast', inputs: [x], attributes: { to: 10 } }, ['float16[N,3,H,W]']],
  [
    'Cast-1 names the type',
    { op: 'Cast', opset: 5, inputs: ['float32[2]'], attributes: { to: 'DOUBLE' } },
    ['float64[2]'],
  ],
  ['CastLike', { op: 'CastLike', inputs: [x, 'int8[]'] }, ['int8[N,3,H,W]']],
  ['Dropout with a mask', { op: 'Dropout', inputs: ['float32[N,4]'], outputs: 2 }, ['float32[N,4]', 'bool[N,4]']],
  [
    'Dropout-7 has a mask of floats',
    { op: 'Dropout', opset: 7, inputs: ['float32[N,4]'], outputs: 2 },
    ['float32[N,4]', 'float32[N,4]'],
  ],
  ['PRelu has the shape of its data', { op: 'PRelu', inputs: [x, 'float32[3,1,1]'] }, [x]],
  ['an operator of a later opset is not known', { op: 'Gelu', opset: 19, inputs: [x] }, ['?']],
]);
