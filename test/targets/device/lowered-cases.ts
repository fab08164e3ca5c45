import { OPENED_CASES } from './opened-cases.ts';

/** One small model in ONNX's textual syntax, which LiteRT must compute as ONNX Runtime does. */
export interface LoweredCase {
  readonly name: string;
  readonly text: string;
}

const W34 = weights(3 * 4);

/** Numbers between -1 and 1 that repeat nothing, as text. */
function weights(count: number, seed = 1): string {
  return Array.from({ length: count }, (_, i) => (Math.sin((i + 1) * 12.9898 * seed) * 0.9).toFixed(4)).join(', ');
}

function model(body: string, ports: string, constants = ''): string {
  const initializers = constants === '' ? '' : `<${constants}>`;
  return `<ir_version: 8, opset_import: ["" : 17]> g ${ports} ${initializers} { ${body} }`;
}

function oneOp(op: string, from: string, to: string, constants = '', operands = ''): string {
  return model(`y = ${op.replace('@', `x${operands}`)}`, `(float[${from}] x) => (float[${to}] y)`, constants);
}

const CONV = '1,6,9,8';

/** Forms of every family of operators, each small enough to be read. */
export const LOWERED_CASES: readonly LoweredCase[] = [
  ...[
    ['same padding', 'Conv <pads = [1,1,1,1]>', '4,6,3,3', '1,4,9,8'],
    ['stride 2 with padding at the beginning', 'Conv <strides = [2,2], pads = [1,1,1,1]>', '4,6,3,3', '1,4,5,4'],
    ['no padding, dilated', 'Conv <dilations = [2,2]>', '4,6,3,3', '1,4,5,4'],
    ['uneven padding', 'Conv <pads = [0,2,1,0]>', '4,6,3,3', '1,4,8,8'],
    ['depthwise', 'Conv <group = 6, pads = [1,1,1,1]>', '6,1,3,3', '1,6,9,8'],
    ['depthwise with a multiplier', 'Conv <group = 6>', '12,1,3,3', '1,12,7,6'],
    ['grouped', 'Conv <group = 2, pads = [1,1,1,1]>', '4,3,3,3', '1,4,9,8'],
    ['same upper', 'Conv <auto_pad = "SAME_UPPER", strides = [2,2]>', '4,6,3,3', '1,4,5,4'],
    ['a column, strided, padded at one end', 'Conv <strides = [2,2], pads = [0,0,1,0]>', '4,6,2,1', '1,4,5,4'],
    ['strided and dilated', 'Conv <strides = [2,2], dilations = [2,2], pads = [2,2,2,2]>', '4,6,3,3', '1,4,5,4'],
    ['same lower', 'Conv <auto_pad = "SAME_LOWER", strides = [2,2]>', '4,6,3,3', '1,4,5,4'],
  ].map(([name, op, kernel, to]) => ({
    name: `Conv, ${name}`,
    text: oneOp(`${op}(@)`, CONV, to!, `float[${kernel}] w = {${weights(product(kernel!))}}`, ', w'),
  })),
  {
    name: 'Conv over one axis',
    text: oneOp('Conv <pads = [2,0]>(@)', '2,3,11', '2,4,11', `float[4,3,3] w = {${weights(36)}}`, ', w'),
  },
  {
    name: 'Conv over three axes',
    text: oneOp(
      'Conv <pads = [1,1,1,1,1,1]>(@)',
      '1,2,4,5,3',
      '1,3,4,5,3',
      `float[3,2,3,3,3] w = {${weights(162)}}`,
      ', w',
    ),
  },
  {
    name: 'ConvTranspose with output padding',
    text: oneOp(
      'ConvTranspose <strides = [2,2], pads = [1,1,1,1], output_padding = [1,1]>(@)',
      '1,3,4,5',
      '1,2,8,10',
      `float[3,2,3,3] w = {${weights(54)}}, float[2] b = {0.5, -0.25}`,
      ', w, b',
    ),
  },
  {
    name: 'ConvTranspose, grouped and dilated',
    text: oneOp(
      'ConvTranspose <group = 2, dilations = [2,1]>(@)',
      '1,4,4,5',
      '1,4,8,7',
      `float[4,2,3,3] w = {${weights(72)}}`,
      ', w',
    ),
  },
  ...[
    ['MaxPool', 'MaxPool <kernel_shape = [3,3], strides = [2,2], pads = [1,1,1,1]>', '1,6,5,4'],
    ['MaxPool, sizes rounded up', 'MaxPool <kernel_shape = [2,2], strides = [2,2], ceil_mode = 1>', '1,6,5,4'],
    ['AveragePool', 'AveragePool <kernel_shape = [2,2], strides = [2,2]>', '1,6,4,4'],
    ['AveragePool that leaves padding out', 'AveragePool <kernel_shape = [3,3], pads = [1,1,1,1]>', '1,6,9,8'],
    ['AveragePool that leaves uneven padding out', 'AveragePool <kernel_shape = [3,3], pads = [2,0,0,2]>', '1,6,9,8'],
    [
      'AveragePool that counts padding',
      'AveragePool <kernel_shape = [3,3], pads = [1,1,1,1], count_include_pad = 1>',
      '1,6,9,8',
    ],
    ['AveragePool, sizes rounded up', 'AveragePool <kernel_shape = [3,3], strides = [2,2], ceil_mode = 1>', '1,6,4,4'],
    ['GlobalAveragePool', 'GlobalAveragePool', '1,6,1,1'],
    ['GlobalMaxPool', 'GlobalMaxPool', '1,6,1,1'],
    ['LRN', 'LRN <size = 3, alpha = 0.1>', '1,6,9,8'],
    ['DepthToSpace', 'DepthToSpace <blocksize = 1>', '1,6,9,8'],
    ['Softmax over the channels', 'Softmax <axis = 1>', '1,6,9,8'],
    ['LogSoftmax', 'LogSoftmax <axis = -1>', '1,6,9,8'],
    ['Transpose', 'Transpose <perm = [0,3,1,2]>', '1,8,6,9'],
    ['Flatten', 'Flatten', '1,432'],
    ['ReduceMean', 'ReduceMean <axes = [2,3], keepdims = 0>', '1,6'],
    ['ReduceMax', 'ReduceMax <axes = [1]>', '1,1,9,8'],
    ['ReduceL2', 'ReduceL2 <axes = [-1]>', '1,6,9,1'],
    ['ReduceLogSumExp', 'ReduceLogSumExp <axes = [1]>', '1,1,9,8'],
  ].map(([name, op, to]) => ({ name: name!, text: oneOp(`${op}(@)`, CONV, to!) })),
  ...[
    [
      'MaxPool with gaps',
      'MaxPool <kernel_shape = [2,3], strides = [2,1], dilations = [2,2], pads = [1,1,1,1]>',
      '1,6,5,6',
    ],
    [
      'AveragePool with gaps that leaves padding out',
      'AveragePool <kernel_shape = [2,2], dilations = [2,3], pads = [1,1,1,1]>',
      '1,6,9,7',
    ],
    ['LpPool', 'LpPool <kernel_shape = [3,3], p = 3, pads = [1,1,1,1]>', '1,6,9,8'],
    ['GlobalLpPool', 'GlobalLpPool', '1,6,1,1'],
    ['MeanVarianceNormalization', 'MeanVarianceNormalization', '1,6,9,8'],
    ['Hardmax', 'Hardmax <axis = 1>', '1,6,9,8'],
    ['Trilu', 'Trilu <upper = 0>', '1,6,9,8'],
  ].map(([name, op, to]) => ({
    name: name!,
    text: `<ir_version: 9, opset_import: ["" : 19]> g (float[${CONV}] x) => (float[${to}] y) { y = ${op}(x) }`,
  })),
  ...['MaxPool', 'AveragePool'].map((op) => ({
    name: `${op} over three axes`,
    text: oneOp(`${op} <kernel_shape = [2,3,2], strides = [1,2,1], pads = [1,1,0,0,1,1]>(@)`, '1,2,4,5,3', '1,2,4,3,3'),
  })),
  ...['Asin', 'Acos', 'Asinh', 'Atanh'].map((op) => ({
    name: op,
    text: model(`a = Mul(x, k)  y = ${op}(a)`, '(float[2,3,5] x) => (float[2,3,5] y)', 'float k = {0.45}'),
  })),
  {
    name: 'TopK of the smallest along the first axis',
    text: model(
      'y, i = TopK <axis = 0, largest = 0>(x, k)',
      '(float[6,4] x) => (float[3,4] y, int64[3,4] i)',
      'int64[1] k = {3}',
    ),
  },
  ...(
    [
      ['causal', 'is_causal = 1', '1,4,3,8', '1,4,5,8', ''],
      ['grouped heads, softcap', 'softcap = 2.0, scale = 0.3', '2,4,3,8', '2,2,5,8', ''],
      ['heads side by side, mask', 'q_num_heads = 2, kv_num_heads = 2', '2,3,16', '2,5,16', ', m'],
    ] as const
  ).map(([name, attributes, queries, keys, mask]) => ({
    name: `Attention, ${name}`,
    text: `<ir_version: 10, opset_import: ["" : 23]> g (float[${queries}] x, float[${keys}] k, float[${keys}] v) => (float[${queries}] y)
      <bool[3,5] m = {1,1,0,1,0, 0,1,1,1,1, 1,0,1,0,1}> { y = Attention <${attributes}>(x, k, v${mask}) }`,
  })),
  ...['', 'interleaved = 1, ', 'rotary_embedding_dim = 4, '].map((attributes) => ({
    name: `RotaryEmbedding <${attributes}>`,
    text: `<ir_version: 10, opset_import: ["" : 23]> g (float[2,3,16] x) => (float[2,3,16] y)
      <float[9,4] c = {${weights(36, 1)}}, float[9,4] s = {${weights(36, 2)}}, float[9,2] c2 = {${weights(18, 1)}},
       float[9,2] s2 = {${weights(18, 2)}}, int64[2,3] p = {1,2,3, 0,8,4}> {
        y = RotaryEmbedding <${attributes}num_heads = 2>(x, ${attributes.startsWith('rotary') ? 'c2, s2' : 'c, s'}, p)
      }`,
  })),
  {
    name: 'Loop of known length with a state and stacked results',
    text: `<ir_version: 8, opset_import: ["" : 17]> g (float[2,3] x) => (float[2,3] y, float[4,2,3] z)
      <int64 n = {4}, bool go = {1}> {
        y, z = Loop <body = b (int64 i, bool c, float[2,3] s) => (bool d, float[2,3] t, float[2,3] u) {
          d = Identity(c)  f = Cast <to = 1>(i)  a = Add(s, f)  t = Tanh(a)  u = Mul(t, s)
        }>(n, go, x)
      }`,
  },
  {
    name: 'NegativeLogLikelihoodLoss with weights and a target to ignore',
    text: model(
      'i = ArgMax <axis = 1, keepdims = 0>(x)\n y = NegativeLogLikelihoodLoss <ignore_index = 2>(x, i, w)',
      '(float[6,5] x) => (float y)',
      'float[5] w = {0.5, 1, 2, 0.25, 3}',
    ),
  },
  {
    name: 'GatherElements and ScatterElements in computed places',
    text: model(
      'i = ArgMax <axis = 1>(x)\n g = GatherElements <axis = 1>(x, i)\n y = ScatterElements <axis = 1>(z, i, g)',
      '(float[4,5] x, float[4,5] z) => (float[4,5] y)',
    ),
  },
  {
    name: 'ScatterND in computed places, added',
    text: model(
      `i = ArgMax <axis = 1>(x)\n y = ScatterND <reduction = "add">(z, i, x)`,
      '(float[4,5] x, float[5,5] z) => (float[5,5] y)',
    ),
  },
  {
    name: 'Conv with computed weights',
    text: model('v = Tanh(w)\n y = Conv(x, v)', '(float[1,3,6,5] x, float[2,3,3,3] w) => (float[1,2,4,3] y)'),
  },
  {
    name: 'LayerNormalization with its statistics',
    text: oneOp('LayerNormalization <axis = 1>(@)', '2,3,4', '2,3,4', `float[3,4] s = {${W34}}`, ', s').replace(
      'y = Layer',
      'y, m, d = Layer',
    ),
  },
  {
    name: 'Softmax of opset 11, over several axes',
    text: `<ir_version: 6, opset_import: ["" : 11]> g (float[2,3,5] x) => (float[2,3,5] y) { y = Softmax <axis = 1>(x) }`,
  },
  ...(
    'Relu Sigmoid Tanh Elu Selu Celu Softplus Softsign HardSigmoid HardSwish LeakyRelu Erf Exp Abs Neg Floor Ceil Round ' +
    'Sin Cos Tan Atan Sinh Cosh Reciprocal Sign Mish ThresholdedRelu Shrink Identity'
  )
    .split(' ')
    .map((op) => ({
      name: op,
      text: `<ir_version: 8, opset_import: ["" : 18]> g (float[2,3,5] x) => (float[2,3,5] y) { y = ${op}(x) }`,
    })),
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'PRelu'].map((op) => ({
    name: `${op}, broadcast`,
    text: oneOp(`${op}(@)`, '2,3,4,5', '2,3,4,5', `float[3,1,5] c = {${weights(15)}}`, ', c'),
  })),
  {
    name: 'Add over five axes',
    text: oneOp('Add(@)', '2,3,2,2,3', '2,3,2,2,3', `float[3,1,1,3] c = {${weights(9)}}`, ', c'),
  },
  {
    name: 'Where, Greater',
    text: model(
      'm = Greater(x, c)\n y = Where(m, x, c)',
      '(float[2,3,4] x) => (float[2,3,4] y)',
      `float[4] c = {0.1, -0.2, 0.3, 0}`,
    ),
  },
  {
    name: 'Gemm, transposed with alpha and beta',
    text: oneOp(
      'Gemm <transB = 1, alpha = 0.5, beta = 2.0>(@)',
      '2,4',
      '2,3',
      `float[3,4] w = {${W34}}, float[3] b = {1, 2, 3}`,
      ', w, b',
    ),
  },
  {
    name: 'MatMul with weights, in four dimensions',
    text: oneOp('MatMul(@)', '2,3,2,4', '2,3,2,3', `float[4,3] w = {${W34}}`, ', w'),
  },
  {
    name: 'MatMul of activations, broadcast batch',
    text: model('y = MatMul(x, z)', '(float[2,3,2,4] x, float[3,4,5] z) => (float[2,3,2,5] y)'),
  },
  {
    name: 'MatMul of a vector',
    text: model('y = MatMul(x, z)', '(float[4] x, float[3,4,5] z) => (float[3,5] y)'),
  },
  {
    name: 'Concat, Split, Slice in channels-last order',
    text: model(
      `c = Conv(x, w)
       a, b = Split <axis = 1>(c)
       d = Concat <axis = 1>(b, a)
       y = Slice(d, starts, ends, axes, steps)`,
      '(float[1,3,6,5] x) => (float[1,2,6,3] y)',
      `float[4,3,1,1] w = {${W34}}, int64[2] starts = {3, 0}, int64[2] ends = {-5, 5}, int64[2] axes = {1, 3}, int64[2] steps = {-2, 2}`,
    ),
  },
  ...['constant', 'reflect', 'edge', 'wrap'].map((mode) => ({
    name: `Pad, ${mode}`,
    text: `<ir_version: 8, opset_import: ["" : 19]> g (float[1,2,4,5] x) => (float[1,2,7,6] y)
      <int64[8] pads = {0,0,2,1, 0,0,1,0}> { y = Pad <mode = "${mode}">(x, pads) }`,
  })),
  ...[
    ['nearest', 'asymmetric', 'floor', 2],
    ['nearest', 'half_pixel', 'round_prefer_floor', 1.5],
    ['linear', 'half_pixel', 'floor', 2],
    ['linear', 'align_corners', 'floor', 2],
    ['linear', 'pytorch_half_pixel', 'floor', 0.5],
    ['linear', 'asymmetric', 'floor', 2],
    ['cubic', 'half_pixel', 'floor', 2],
  ].map(([mode, coordinates, rounding, scale]) => ({
    name: `Resize ${mode}, ${coordinates}, by ${scale}`,
    text: oneOp(
      `Resize <mode = "${mode}", coordinate_transformation_mode = "${coordinates}", nearest_mode = "${rounding}">(@)`,
      '1,2,4,6',
      `1,2,${4 * Number(scale)},${6 * Number(scale)}`,
      `float[4] s = {1, 1, ${scale}, ${scale}}`,
      ', , s',
    ),
  })),
  ...['linear", antialias = 1', 'cubic", antialias = 1', 'cubic", exclude_outside = 1'].map((mode) => ({
    name: `Resize to a smaller size, ${mode.replaceAll('"', '')}`,
    text: `<ir_version: 9, opset_import: ["" : 18]> g (float[1,2,8,9] x) => (float[1,2,3,4] y)
      <int64[4] s = {1,2,3,4}> { y = Resize <mode = "${mode}>(x, , , s) }`,
  })),
  {
    name: 'DepthToSpace, column by row by depth',
    text: oneOp('DepthToSpace <blocksize = 2, mode = "CRD">(@)', '1,8,2,3', '1,2,4,6'),
  },
  { name: 'SpaceToDepth', text: oneOp('SpaceToDepth <blocksize = 2>(@)', '1,2,4,6', '1,8,2,3') },
  {
    name: 'LayerNormalization',
    text: oneOp(
      'LayerNormalization <axis = -1>(@)',
      '2,3,4',
      '2,3,4',
      'float[4] s = {1, 2, 0.5, -1}, float[4] b = {0, 1, 0, 2}',
      ', s, b',
    ),
  },
  {
    name: 'RMSNormalization over two axes',
    text: oneOp('RMSNormalization <axis = -2>(@)', '2,3,4', '2,3,4', 'float[4] s = {1, 2, 0.5, -1}', ', s').replace(
      '"" : 17',
      '"" : 23',
    ),
  },
  {
    name: 'InstanceNormalization between convolutions',
    text: model(
      'c = Conv(x, w)\n n = InstanceNormalization(c, s, b)\n y = Conv(n, v)',
      '(float[1,3,6,5] x) => (float[1,3,6,5] y)',
      `float[4,3,1,1] w = {${W34}}, float[3,4,1,1] v = {${W34}}, float[4] s = {1, 2, 0.5, -1}, float[4] b = {0, 1, 0, 2}`,
    ),
  },
  ...['forward', 'reverse', 'bidirectional'].flatMap((direction) => {
    const d = direction === 'bidirectional' ? 2 : 1;
    return [
      recurrent('LSTM', 4, d, direction, ''),
      recurrent('GRU', 3, d, direction, ', linear_before_reset = 0'),
      recurrent('GRU', 3, d, direction, ', linear_before_reset = 1'),
      recurrent('RNN', 1, d, direction, ''),
      // Beyond what is written out: a loop, and some steps after it.
      recurrent('GRU', 3, d, direction, '', 1045),
    ];
  }),
  recurrent('LSTM', 4, 1, 'reverse', '', 1056),
  recurrent(
    'LSTM',
    4,
    2,
    'bidirectional',
    ', clip = 0.3, activations = ["Sigmoid", "Relu", "Tanh", "Sigmoid", "Tanh", "Tanh"]',
  ),
  ...OPENED_CASES,
];

function recurrent(op: string, gates: number, d: number, direction: string, more: string, steps = 5): LoweredCase {
  const [hidden, inputs] = [3, 4];
  const width = gates * hidden;
  return {
    name: `${op}, ${direction}${more}, ${steps} steps`,
    text: oneOp(
      `${op} <hidden_size = ${hidden}, direction = "${direction}"${more}>(@)`,
      `${steps},2,${inputs}`,
      `${steps},${d},2,${hidden}`,
      `float[${d},${width},${inputs}] w = {${weights(d * width * inputs)}}, float[${d},${width},${hidden}] r = {${weights(d * width * hidden, 3)}}, float[${d},${2 * width}] b = {${weights(2 * d * width, 7)}}`,
      ', w, r, b',
    ),
  };
}

function product(dims: string): number {
  return dims.split(',').reduce((size, dim) => size * Number(dim), 1);
}
