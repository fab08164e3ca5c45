import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;

/** ONNX's numbers of the element types that the server takes. */
export const TYPE_NUMBERS = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
} as const;

type TypeName = keyof typeof TYPE_NUMBERS;
type Dims = readonly (number | string)[];

function port(name: string, type: TypeName, dims: Dims): onnxProto.onnx.IValueInfoProto {
  const dim = dims.map((size) =>
    typeof size === 'number' ? { dimValue: size } : size === '' ? {} : { dimParam: size },
  );
  return { name, type: { tensorType: { elemType: TYPE_NUMBERS[type], shape: { dim } } } };
}

function floats(name: string, dims: readonly number[], values: readonly number[]): onnxProto.onnx.ITensorProto {
  return { name, dataType: TYPE_NUMBERS.float32, dims: [...dims], floatData: [...values] };
}

function model(graph: onnxProto.onnx.IGraphProto): Uint8Array {
  const proto = { irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph: { name: 'tiny', ...graph } };
  return onnx.ModelProto.encode(onnx.ModelProto.create(proto)).finish();
}

/** y = Relu(x * [[1, -1], [2, 0], [3, 1]] + [0.5, 0]) * scale: `x` float32 [rows, 3], `y` float32 [rows, 2]. */
export function denseModel(rows: number | string, scale = 1): Uint8Array {
  const weights = [1, -1, 2, 0, 3, 1].map((value) => value * scale);
  return model({
    input: [port('x', 'float32', [rows, 3])],
    output: [port('y', 'float32', [rows, 2])],
    initializer: [floats('w', [3, 2], weights), floats('b', [2], [0.5 * scale, 0])],
    node: [
      { opType: 'Gemm', input: ['x', 'w', 'b'], output: ['g'] },
      { opType: 'Relu', input: ['g'], output: ['y'] },
    ],
  });
}

/** What `denseModel` gives for one row. */
export function denseRow([a = 0, b = 0, c = 0]: readonly number[], scale = 1): number[] {
  return [Math.max(0, (a + 2 * b + 3 * c + 0.5) * scale), Math.max(0, (-a + c) * scale)];
}

/** One Identity per element type: `in_<type>` [batch, 2] to `out_<type>`. */
export function identityModel(types: readonly TypeName[]): Uint8Array {
  return model({
    input: types.map((type) => port(`in_${type}`, type, ['batch', 2])),
    output: types.map((type) => port(`out_${type}`, type, ['batch', 2])),
    node: types.map((type) => ({ opType: 'Identity', input: [`in_${type}`], output: [`out_${type}`] })),
  });
}

/** One Identity from `input` to `output`, of any type and shape. */
export function passModel(input: string, output: string, type: TypeName, dims: Dims): Uint8Array {
  return model({
    input: [port(input, type, dims)],
    output: [port(output, type, dims)],
    node: [{ opType: 'Identity', input: [input], output: [output] }],
  });
}

/** y = 1 / x and z = x + x: `x` float32 [n], with infinities where x is 0. */
export function reciprocalModel(): Uint8Array {
  return model({
    input: [port('x', 'float32', ['n'])],
    output: [port('y', 'float32', ['n']), port('z', 'float32', ['n'])],
    node: [
      { opType: 'Reciprocal', input: ['x'], output: ['y'] },
      { opType: 'Add', input: ['x', 'x'], output: ['z'] },
    ],
  });
}

/** Softmax over the first axis, so that every row's answer depends on all rows. */
export function crossRowModel(): Uint8Array {
  return model({
    input: [port('x', 'float32', ['rows', 2])],
    output: [port('y', 'float32', ['rows', 2])],
    node: [{ opType: 'Softmax', input: ['x'], output: ['y'], attribute: [{ name: 'axis', type: 2, i: 0 }] }],
  });
}

/** Gather from [10, 11, 12, 13]: `index` int64 [batch]; the runtime refuses an index above 3. */
export function lookupModel(): Uint8Array {
  return model({
    input: [port('index', 'int64', ['batch'])],
    output: [port('value', 'float32', ['batch'])],
    initializer: [floats('table', [4], [10, 11, 12, 13])],
    node: [{ opType: 'Gather', input: ['table', 'index'], output: ['value'] }],
  });
}

/** Multiplies 192x192 matrices `turns` times (int64 [1]) and returns `turns`: a run as long as one asks for. */
export function busyModel(): Uint8Array {
  const size = 192;
  const body = {
    name: 'body',
    input: [port('i', 'int64', []), port('c', 'bool', []), port('s', 'float32', [size, size])],
    output: [port('c_out', 'bool', []), port('s_out', 'float32', [size, size])],
    node: [
      { opType: 'Identity', input: ['c'], output: ['c_out'] },
      { opType: 'MatMul', input: ['s', 'w'], output: ['s_out'] },
    ],
  };
  const identity = Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  return model({
    input: [port('turns', 'int64', [1])],
    output: [port('done', 'int64', [1])],
    initializer: [
      floats('w', [size, size], identity),
      { name: 'go', dataType: TYPE_NUMBERS.bool, dims: [], int32Data: [1] },
    ],
    node: [
      {
        opType: 'Loop',
        input: ['turns', 'go', 'w'],
        output: ['last'],
        attribute: [{ name: 'body', type: 5, g: body }],
      },
      { opType: 'ReduceMax', input: ['last'], output: ['top'], attribute: [{ name: 'keepdims', type: 2, i: 0 }] },
      { opType: 'Cast', input: ['top'], output: ['one'], attribute: [{ name: 'to', type: 2, i: TYPE_NUMBERS.int64 }] },
      { opType: 'Mul', input: ['turns', 'one'], output: ['done'] },
    ],
  });
}
