/** One quantized model in ONNX's textual syntax, and what becomes of it. */
export interface QuantizedCase {
  readonly name: string;
  readonly text: string;
  /** The operators that must compute with int8, in order; those that only move elements are left out. */
  readonly integers: string;
  /** Most steps of quantization that the result may be away; kernels round sums of two scales in their own ways. */
  readonly steps: number;
}

/** Integers that repeat nothing, within limits. */
function integers(count: number, low: number, high: number, seed = 1): string {
  return Array.from({ length: count }, (_, i) => {
    const unit = (Math.sin((i + 1) * 12.9898 * seed) + 1) / 2;
    return Math.round(low + unit * (high - low));
  }).join(', ');
}

function scales(count: number): string {
  return Array.from({ length: count }, (_, i) => (0.004 + 0.001 * (i % 5)).toFixed(4)).join(', ');
}

interface Types {
  readonly activation: 'int8' | 'uint8';
  readonly zero: number;
}

const SIGNED: Types = { activation: 'int8', zero: -3 };
const UNSIGNED: Types = { activation: 'uint8', zero: 131 };

/** Conv, Relu, depthwise Conv, pool, residual sum and a fully connected layer, each between Q and DQ. */
function net({ activation, zero }: Types): string {
  const stage = (name: string, from: string, scale: string): string =>
    `${name}_q = QuantizeLinear(${from}, ${scale}, z)  ${name} = DequantizeLinear(${name}_q, ${scale}, z)`;
  return `<ir_version: 8, opset_import: ["" : 17]> net (float[1,3,8,8] x) => (float[1,5] y)
    <float sx = {0.02}, float sa = {0.03}, float sb = {0.05}, ${activation} z = {${zero}},
     int8[6,3,3,3] w = {${integers(162, -127, 127)}}, float[6] ws = {${scales(6)}}, int8[6] wz = {0,0,0,0,0,0},
     int32[6] b = {${integers(6, -900, 900)}}, float[6] bs = {0.00008, 0.0001, 0.00012, 0.00014, 0.00016, 0.00008},
     int8[6,1,3,3] d = {${integers(54, -127, 127, 3)}}, int8[96,5] m = {${integers(480, -127, 127, 7)}},
     float[5] ms = {${scales(5)}}, float ds = {0.006}, int64[2] s = {1, 96}> {
      ${stage('x0', 'x', 'sx')}
      wf = DequantizeLinear <axis = 0>(w, ws, wz)  bf = DequantizeLinear <axis = 0>(b, bs)
      c = Conv <pads = [1,1,1,1]>(x0, wf, bf)  r = Relu(c)
      ${stage('a', 'r', 'sa')}
      df = DequantizeLinear(d, ds)  e = Conv <group = 6, pads = [1,1,1,1]>(a, df)
      ${stage('e0', 'e', 'sa')}
      sum = Add(a, e0)
      ${stage('g', 'sum', 'sb')}
      p = MaxPool <kernel_shape = [2,2], strides = [2,2]>(g)
      ${stage('p0', 'p', 'sb')}
      f = Reshape(p0, s)
      ${stage('f0', 'f', 'sb')}
      mf = DequantizeLinear <axis = 1>(m, ms)  h = MatMul(f0, mf)
      ${stage('y', 'h', 'sb')}
    }`;
}

/** Operators on quantized tensors, as ONNX Runtime's own tool writes them. */
function operators(body: string, constants = ''): string {
  return `<ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]> net (float[1,4,6,6] x) => (float[N] y)
    <float s = {0.02}, uint8 z = {130}, float t = {0.03}, uint8 v = {120}${constants === '' ? '' : `, ${constants}`}> {
      q = QuantizeLinear(x, s, z)  ${body}  y = DequantizeLinear(r, t, v)
    }`;
}

const WEIGHTS = `int8[5,4,3,3] w = {${integers(180, -127, 127)}}, float[5] ws = {${scales(5)}}, int8[5] wz = {0,0,0,0,0},
  int32[5] b = {${integers(5, -900, 900)}}`;

export const QUANTIZED_CASES: readonly QuantizedCase[] = [
  { name: 'QDQ in int8', text: net(SIGNED), integers: 'CONV_2D DEPTHWISE_CONV_2D ADD MAX_POOL_2D CONV_2D', steps: 1 },
  {
    name: 'QDQ in uint8',
    text: net(UNSIGNED),
    integers: 'CONV_2D DEPTHWISE_CONV_2D ADD MAX_POOL_2D CONV_2D',
    steps: 1,
  },
  ...(
    [
      ['MatMul(x, x2)', '3,4,4', '3,4,4', 'BATCH_MATMUL', 1],
      ['Sub(x, x2)', '2,3,4', '2,3,4', 'SUB', 1],
      ['HardSwish(x)', '2,3,4', '2,3,4', 'HARD_SWISH', 1],
      ['LeakyRelu <alpha = 0.2>(x)', '2,3,4', '2,3,4', 'LEAKY_RELU', 1],
      ['Elu(x)', '2,3,4', '2,3,4', 'ELU', 1],
      ['ReduceMean <axes = [1]>(x)', '2,3,4', '2,1,4', 'MEAN', 1],
      ['ReduceSum(x, axes)', '2,3,4', '2,1,4', 'SUM', 1],
      ['PRelu(x, slope)', '2,3,4', '2,3,4', '', 0],
      ['Sigmoid(x)', '2,3,4', '2,3,4', '', 0],
      ['Softmax(x)', '2,3,4', '2,3,4', '', 0],
      ['ReduceMax <axes = [1]>(x)', '2,3,4', '2,1,4', 'REDUCE_MAX', 0],
      ['Clip(x, zero, six)', '2,3,4', '2,3,4', 'RELU6', 0],
      ['Slice(x, one, two)', '2,3,4', '1,3,4', 'SLICE', 0],
      ['Pad(x, pads)', '2,3,4', '3,3,5', 'PAD', 0],
    ] as const
  ).map(([body, from, to, kernels, steps]) => ({
    name: `${body} between Q and DQ`,
    text: `<ir_version: 8, opset_import: ["" : 17]> net (float[${from}] i) => (float[${to}] y)
      <float s = {0.02}, uint8 z = {120}, float t = {0.03}, uint8 v = {110}, int64[1] axes = {1}, float slope = {0.3},
       float zero = {0}, float six = {6}, int64[1] one = {1}, int64[1] two = {2}, int64[6] pads = {0,0,1,1,0,0}> {
        q = QuantizeLinear(i, s, z)  x = DequantizeLinear(q, s, z)
        n = Neg(i)  q2 = QuantizeLinear(n, s, z)  x2 = DequantizeLinear(q2, s, z)
        o = ${body}  p = QuantizeLinear(o, t, v)  y = DequantizeLinear(p, t, v)
      }`,
    integers: kernels,
    steps,
  })),
  {
    name: 'QLinearConv, per channel with a bias',
    text: operators('r = QLinearConv <pads = [1,1,1,1]>(q, s, z, w, ws, wz, t, v, b)', WEIGHTS),
    integers: 'CONV_2D',
    steps: 0,
  },
  {
    name: 'QLinearConv with asymmetric weights, which stays float',
    text: operators(
      'r = QLinearConv(q, s, z, w, ws, wz, t, v)',
      `uint8[5,4,3,3] w = {${integers(180, 0, 255)}}, float ws = {0.004}, uint8 wz = {117}`,
    ),
    integers: '',
    steps: 0,
  },
  {
    name: 'QLinearConv with weights in uint8 around 128',
    text: operators(
      'r = QLinearConv(q, s, z, w, ws, wz, t, v)',
      `uint8[5,4,3,3] w = {${integers(180, 1, 255)}}, float ws = {0.004}, uint8 wz = {128}`,
    ),
    integers: 'CONV_2D',
    steps: 0,
  },
  {
    name: 'QLinearConv with weights of -128, of which pairs overflow',
    text: operators(
      'r = QLinearConv(q, s, z, w, ws, wz, t, v)',
      `int8[1,4,3,3] w = {-128, -128, ${integers(34, -127, 127)}}, float ws = {0.004}, int8 wz = {0}`,
    ),
    integers: '',
    steps: 0,
  },
  {
    name: 'QLinearMatMul',
    text: operators(
      'r = QLinearMatMul(q, s, z, w, ws, wz, t, v)',
      `int8[6,5] w = {${integers(30, -127, 127)}}, float[5] ws = {${scales(5)}}, int8[5] wz = {0,0,0,0,0}`,
    ),
    integers: 'CONV_2D',
    steps: 0,
  },
  {
    name: 'QGemm',
    text: operators(
      'f = Flatten(q)  r = com.microsoft.QGemm <transB = 1>(f, s, z, w, ws, wz, b, t, v)',
      `int8[5,144] w = {${integers(720, -127, 127)}}, float ws = {0.004}, int8 wz = {0}, int32[5] b = {${integers(5, -900, 900)}}`,
    ),
    integers: 'FULLY_CONNECTED',
    steps: 0,
  },
  {
    name: 'QLinearAdd and QLinearMul',
    text: operators(
      'a = com.microsoft.QLinearAdd(q, s, z, q, s, z, t, v)  r = com.microsoft.QLinearMul(a, t, v, q, s, z, t, v)',
    ),
    integers: 'ADD MUL',
    steps: 2,
  },
  {
    name: 'QLinearAdd with a constant',
    text: operators('r = com.microsoft.QLinearAdd(q, s, z, k, s, z, t, v)', `uint8[4,1,1] k = {3, 99, 200, 255}`),
    integers: 'ADD',
    steps: 1,
  },
  {
    name: 'QLinearSigmoid and QLinearLeakyRelu',
    text: operators(
      'a = com.microsoft.QLinearSigmoid(q, s, z, t, v)  r = com.microsoft.QLinearLeakyRelu <alpha = 0.1>(a, t, v, t, v)',
    ),
    integers: 'LEAKY_RELU',
    steps: 1,
  },
  {
    name: 'QLinearGlobalAveragePool',
    text: operators('r = com.microsoft.QLinearGlobalAveragePool(q, s, z, t, v)'),
    integers: 'MEAN',
    steps: 1,
  },
  {
    name: 'QLinearConcat of tensors with other scales',
    text: operators('r = com.microsoft.QLinearConcat <axis = 1>(t, v, q, s, z, q, s, z)'),
    integers: 'CONCATENATION',
    steps: 0,
  },
  {
    name: 'MaxPool, Transpose and Reshape of integers',
    text: operators(
      `c = QLinearConv(q, s, z, w, ws, wz, t, v, b)  m = MaxPool <kernel_shape = [2,2], strides = [2,2]>(c)
       u = Transpose <perm = [0,2,3,1]>(m)  r = Flatten(u)`,
      WEIGHTS,
    ),
    integers: 'CONV_2D MAX_POOL_2D',
    steps: 0,
  },
];

/** Models of 8-bit products without rounding, which must come out exactly. */
export const PRODUCT_CASES: readonly { readonly name: string; readonly text: string }[] = [
  {
    name: 'ConvInteger',
    text: `<ir_version: 8, opset_import: ["" : 17]> net (uint8[1,3,6,6] x) => (int32[1,2,6,6] y)
      <uint8 z = {117}, uint8[2,3,3,3] w = {${integers(54, 0, 255)}}, uint8 wz = {99}> {
        y = ConvInteger <pads = [1,1,1,1]>(x, w, z, wz)
      }`,
  },
  {
    name: 'MatMulInteger that float32 holds only in parts',
    text: `<ir_version: 8, opset_import: ["" : 17]> net (uint8[2,700] x) => (int32[2,3] y)
      <uint8 z = {1}, int8[700,3] w = {${integers(2100, -128, 127)}}> { y = MatMulInteger(x, w, z) }`,
  },
  {
    name: 'MatMulInteger with a zero point per column',
    text: `<ir_version: 8, opset_import: ["" : 17]> net (uint8[4,20] x) => (int32[4,3] y)
      <uint8 z = {9}, uint8[20,3] w = {${integers(60, 0, 255)}}, uint8[3] wz = {1, 130, 255}> {
        y = MatMulInteger(x, w, z, wz)
      }`,
  },
  {
    name: 'DynamicQuantizeLinear and MatMulIntegerToFloat',
    text: `<ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]> net (float[4,20] x) => (float[4,3] y)
      <int8[20,3] w = {${integers(60, -127, 127)}}, float ws = {0.01}, int8 wz = {3}, float[3] b = {1, 2, -3}> {
        q, s, z = DynamicQuantizeLinear(x)  y = com.microsoft.MatMulIntegerToFloat(q, w, s, ws, z, wz, b)
      }`,
  },
  {
    name: 'DynamicQuantizeMatMul',
    text: `<ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]> net (float[4,20] x) => (float[4,3] y)
      <int8[20,3] w = {${integers(60, -127, 127)}}, float[3] ws = {0.01, 0.02, 0.03}, int8[3] wz = {3, 0, -4}> {
        y = com.microsoft.DynamicQuantizeMatMul(x, w, ws, wz)
      }`,
  },
];
