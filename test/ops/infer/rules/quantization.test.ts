import { describeInference } from '../describe-inference.ts';

const x = 'float32[N,3,H,W]';

describeInference('quantization', [
  ['QuantizeLinear', { op: 'QuantizeLinear', inputs: [x, 'float32[]', 'int8[]'] }, ['int8[N,3,H,W]']],
  ['QuantizeLinear without zero point', { op: 'QuantizeLinear', inputs: [x, 'float32[]'] }, ['uint8[N,3,H,W]']],
  [
    'QuantizeLinear with output_dtype',
    { op: 'QuantizeLinear', inputs: [x, 'float32[]'], attributes: { output_dtype: 4 } },
    ['uint16[N,3,H,W]'],
  ],
  ['DequantizeLinear', { op: 'DequantizeLinear', inputs: ['int8[N,3]', 'float16[]'] }, ['float16[N,3]']],
  [
    'DequantizeLinear-10 gives float32',
    { op: 'DequantizeLinear', opset: 10, inputs: ['int8[N,3]', 'float32[]'] },
    ['float32[N,3]'],
  ],
  [
    'DynamicQuantizeLinear',
    { op: 'DynamicQuantizeLinear', inputs: ['float32[N,3]'], outputs: 3 },
    ['uint8[N,3]', 'float32[]', 'uint8[]'],
  ],
  [
    'QLinearAdd',
    {
      op: 'QLinearAdd',
      domain: 'com.microsoft',
      inputs: ['uint8[N,4]', 'float32[]', 'uint8[]', 'uint8[4]', 'float32[]', 'uint8[]', 'float32[]', 'uint8[]'],
    },
    ['uint8[N,4]'],
  ],
  [
    'QLinearConcat',
    {
      op: 'QLinearConcat',
      domain: 'com.microsoft',
      inputs: ['float32[]', 'uint8[]', 'uint8[N,4]', 'float32[]', 'uint8[]', 'uint8[N,2]', 'float32[]', 'uint8[]'],
      attributes: { axis: 1 },
    },
    ['uint8[N,6]'],
  ],
]);
