import { type Attribute, float, int, ints, text } from '../../../src/ir/attribute.ts';
import type { Tensor } from '../../../src/ir/tensor.ts';
import type { GraphMaker, Made } from './graph-maker.ts';
import { awayFromZero } from './random-values.ts';
import type { Step } from './step.ts';

function onFloats(
  weight: number,
  rank: (rank: number) => boolean,
  run: (maker: GraphMaker, x: Made, dims: readonly number[]) => void,
): Step {
  const fits = ({ dtype, dims }: Tensor): boolean => dtype === 'float32' && rank(dims.length) && !dims.includes(0);
  return {
    weight,
    run(maker) {
      const x = maker.choose(fits);
      if (x !== undefined) run(maker, x, x.tensor.dims);
    },
  };
}

const REDUCTIONS = [
  'ReduceSum',
  'ReduceMean',
  'ReduceMax',
  'ReduceMin',
  'ReduceProd',
  'ReduceSumSquare',
  'ReduceL1',
  'ReduceL2',
];

/** Steps that mix elements: layers with weights, normalizations, reductions. */
export const LAYER_STEPS: readonly Step[] = [
  onFloats(4, (rank) => rank >= 2, matMul),
  onFloats(2, (rank) => rank === 2, gemm),
  onFloats(4, (rank) => rank === 4, convolution),
  onFloats(
    3,
    (rank) => rank >= 2,
    (maker, x, [, channels]) => {
      const operands = [0, 1, 2].map(() => maker.randomConstant('float32', [channels!]));
      const variance = maker.constant(awayFromZero(maker.random, 'float32', [channels!]));
      maker.op('BatchNormalization', [x.value, ...operands, variance], maker.oneIn(2) ? {} : { epsilon: float(0.01) });
    },
  ),
  onFloats(
    1,
    (rank) => rank >= 3,
    (maker, x) => maker.op(maker.pick(['GlobalAveragePool', 'GlobalMaxPool']), [x.value]),
  ),
  onFloats(
    1,
    (rank) => rank >= 1,
    (maker, x, dims) => maker.op('Softmax', [x.value], { axis: int(maker.int(dims.length)) }),
  ),
  onFloats(
    3,
    (rank) => rank >= 1,
    (maker, x, dims) => {
      const op = maker.pick(REDUCTIONS);
      const axis = maker.int(dims.length);
      const axes = maker.oneIn(3) && dims.length > 1 ? [axis, (axis + 1) % dims.length] : [axis];
      const keep: Record<string, Attribute> = maker.oneIn(3) ? {} : { keepdims: int(maker.int(2)) };
      maker.withAxes(
        op,
        x.value,
        axes.map((one) => (maker.oneIn(3) ? one - dims.length : one)),
        op === 'ReduceSum' ? 13 : 18,
        keep,
      );
    },
  ),
];

function matMul(maker: GraphMaker, x: Made, dims: readonly number[]): void {
  const [rows, inner] = dims.slice(-2) as [number, number];
  const other = 1 + maker.int(3);
  const leftIsConstant = maker.oneIn(4);
  const weights = maker.randomConstant('float32', leftIsConstant ? [other, rows] : [inner, other]);
  const product = maker.op('MatMul', leftIsConstant ? [weights, x.value] : [x.value, weights]);
  if (product === undefined || maker.oneIn(3)) return;
  const bias = maker.randomConstant('float32', maker.pick([[other], [1], [], [leftIsConstant ? inner : other]]));
  maker.op('Add', maker.oneIn(2) ? [product.value, bias] : [bias, product.value]);
}

function gemm(maker: GraphMaker, x: Made, dims: readonly number[]): void {
  const [transA, transB] = [maker.oneIn(4) ? 1 : 0, maker.int(2)];
  const inner = dims[1 - transA]!;
  const rows = dims[transA]!;
  const columns = 1 + maker.int(3);
  const weights = maker.randomConstant('float32', transB ? [columns, inner] : [inner, columns]);
  const bias = maker.pick([[columns], [1, columns], [1], [], [rows, 1]]);
  const inputs = maker.oneIn(3) ? [x.value, weights] : [x.value, weights, maker.randomConstant('float32', bias)];
  const scaling: Record<string, Attribute> = maker.oneIn(2) ? {} : { alpha: float(0.5), beta: float(2) };
  maker.op('Gemm', inputs, { transA: int(transA), transB: int(transB), ...scaling });
}

function convolution(maker: GraphMaker, x: Made, dims: readonly number[]): void {
  const channels = dims[1]!;
  const kernel = maker.pick([1, 1, 2, 3]);
  const group = maker.pick([1, channels]);
  const count = group * (1 + maker.int(2));
  const mode = maker.pick(['', '', 'VALID', 'SAME_UPPER', 'SAME_LOWER']);
  const padding: Record<string, Attribute> =
    mode === '' ? { pads: ints([0, 1, 2, 3].map(() => maker.int(2))) } : { auto_pad: text(mode) };
  const weights = maker.randomConstant('float32', [count, channels / group, kernel, kernel]);
  const inputs = maker.oneIn(2) ? [x.value, weights] : [x.value, weights, maker.randomConstant('float32', [count])];
  const stride = 1 + maker.int(2);
  maker.op('Conv', inputs, {
    ...padding,
    group: int(group),
    kernel_shape: ints([kernel, kernel]),
    ...(maker.oneIn(2) ? { strides: ints([stride, stride]) } : {}),
    ...(mode === '' && maker.oneIn(4) ? { dilations: ints([2, 2]) } : {}),
  });
}
