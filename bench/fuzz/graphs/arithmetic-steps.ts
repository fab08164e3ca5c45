import { int } from '../../../src/ir/attribute.ts';
import { DATA_TYPES, type DataType, isFloat, isInteger, kindOf } from '../../../src/ir/dtype.ts';
import type { Tensor } from '../../../src/ir/tensor.ts';
import type { GraphMaker, Made } from './graph-maker.ts';
import { awayFromZero, filled, randomTensor } from './random-values.ts';
import type { Step } from './step.ts';

const FLOAT_UNARY = [
  'Relu',
  'Neg',
  'Abs',
  'Sigmoid',
  'Tanh',
  'Identity',
  'Erf',
  'HardSwish',
  'LeakyRelu',
  'Softplus',
  'Softsign',
  'HardSigmoid',
];
const INT_UNARY = ['Neg', 'Abs', 'Identity', 'Sign'];
const CASTS: readonly DataType[] = [
  'float32',
  'float64',
  'float16',
  'int64',
  'int32',
  'bool',
  'uint8',
  'int8',
  'bfloat16',
];

const isNumber = ({ dtype }: Tensor): boolean => isFloat(dtype) || isInteger(dtype);
const isBool = ({ dtype }: Tensor): boolean => dtype === 'bool';

/** Steps of arithmetic, comparison and choice, element by element. */
export const ARITHMETIC_STEPS: readonly Step[] = [
  {
    weight: 4,
    run(maker) {
      const x = maker.choose(isNumber);
      if (x === undefined) return;
      const op = maker.pick(isFloat(x.tensor.dtype) ? FLOAT_UNARY : INT_UNARY);
      const added = maker.op(op, [x.value]);
      if (added !== undefined && maker.oneIn(4)) maker.op(op, [x.value]);
    },
  },
  { weight: 6, run: (maker) => withConstant(maker, maker.choose(isNumber)) },
  {
    weight: 4,
    run(maker) {
      const a = maker.choose(isNumber);
      const b = a && maker.choose(({ dtype }) => dtype === a.tensor.dtype);
      if (a !== undefined && b !== undefined)
        maker.op(maker.pick(['Add', 'Sub', 'Mul', 'Min', 'Max', 'Sum']), [a.value, b.value]);
    },
  },
  {
    weight: 2,
    run(maker) {
      const x = maker.choose(isNumber);
      if (x === undefined) return;
      // Between whole numbers, so that roundings do not decide.
      const limit = maker.constant(filled(x.tensor.dtype, [], isFloat(x.tensor.dtype) ? 0.28125 : 1));
      maker.op(maker.pick(['Less', 'Greater', 'Equal', 'LessOrEqual', 'GreaterOrEqual']), [x.value, limit]);
    },
  },
  {
    weight: 2,
    run(maker) {
      const a = maker.choose(isBool);
      const b = maker.choose(isBool);
      if (a === undefined || b === undefined) return;
      if (maker.oneIn(2)) maker.op('Not', [a.value]);
      else maker.op(maker.pick(['And', 'Or', 'Xor']), [a.value, b.value]);
    },
  },
  {
    weight: 2,
    run(maker) {
      const condition = maker.choose(isBool);
      const a = maker.choose();
      if (condition === undefined || a === undefined) return;
      const b = maker.oneIn(2) ? maker.choose(({ dtype }) => dtype === a.tensor.dtype) : undefined;
      const other = b?.value ?? maker.constant(randomTensor(maker.random, a.tensor.dtype, []));
      maker.op('Where', [condition.value, a.value, other]);
    },
  },
  {
    weight: 3,
    run(maker) {
      const x = maker.choose(({ dtype }) => isFloat(dtype) || isInteger(dtype) || dtype === 'bool');
      if (x === undefined) return;
      let to = maker.pick(CASTS);
      // Truncation makes jumps of roundings; negative numbers in unsigned types differ between processors.
      if (isFloat(x.tensor.dtype) && !isFloat(to)) to = maker.pick(['float64', 'float32', 'float16']);
      if (kindOf(to) === 'uint' && kindOf(x.tensor.dtype) === 'int') to = 'int64';
      const made = maker.op('Cast', [x.value], { to: int(DATA_TYPES.indexOf(to) + 1) });
      if (made === undefined || maker.oneIn(2)) return;
      maker.op('Cast', [made.value], { to: int(DATA_TYPES.indexOf(x.tensor.dtype) + 1) });
    },
  },
  {
    weight: 2,
    run: (maker) =>
      bounded(
        maker,
        maker.choose(({ dtype }) => dtype === 'float32'),
      ),
  },
  {
    weight: 1,
    run(maker) {
      const x = maker.choose(({ dtype }) => isInteger(dtype));
      if (x === undefined) return;
      maker.op(maker.pick(['Mod', 'Div']), [x.value, maker.constant(filled(x.tensor.dtype, [], 1 + maker.int(3)))]);
    },
  },
  {
    weight: 1,
    run(maker) {
      const x = maker.choose(({ dtype }) => isFloat(dtype));
      if (x === undefined) return;
      const absolute = maker.op('Abs', [x.value]);
      const one = absolute && maker.op('Add', [absolute.value, maker.constant(filled(x.tensor.dtype, [], 1))]);
      if (one !== undefined) maker.op(maker.pick(['Sqrt', 'Reciprocal', 'Log']), [one.value]);
    },
  },
];

/** Arithmetic with a constant: neutral or not, one number, one per position of an axis, or one that widens. */
function withConstant(maker: GraphMaker, x: Made | undefined): void {
  if (x === undefined) return;
  const { dtype, dims } = x.tensor;
  const op = maker.pick(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Min', 'Max', 'Add', 'Mul']);
  if (op === 'Pow' && !isFloat(dtype)) return;
  const shape = constantShape(maker, dims);
  const tensor =
    op === 'Div'
      ? awayFromZero(maker.random, dtype, shape)
      : op === 'Pow'
        ? filled(dtype, shape, maker.pick([1, 2, 2, 3]))
        : maker.oneIn(2)
          ? filled(dtype, shape, maker.pick([0, 1, 2, 0, 6]))
          : randomTensor(maker.random, dtype, shape);
  const constant = maker.constant(tensor);
  const swapped = op !== 'Div' && op !== 'Pow' && maker.oneIn(3);
  maker.op(op, swapped ? [constant, x.value] : [x.value, constant]);
}

function constantShape(maker: GraphMaker, dims: readonly number[]): number[] {
  const rank = maker.oneIn(8) ? dims.length + 1 : maker.pick([0, 1, dims.length]);
  const varying = maker.int(Math.max(1, rank));
  return Array.from({ length: rank }, (_, axis) => {
    const dim = dims[dims.length - rank + axis] ?? 1;
    if (axis !== varying && !maker.oneIn(6)) return 1;
    return dim === 1 && maker.oneIn(4) ? 2 : dim;
  });
}

function bounded(maker: GraphMaker, x: Made | undefined): void {
  if (x === undefined) return;
  const bound = () => maker.constant(filled('float32', [], maker.pick([0, 0, 6, -1, 1])));
  if (maker.opset < 11) return;
  if (maker.oneIn(2))
    maker.op(
      'Clip',
      maker.pick([[x.value, bound()], [x.value, bound(), bound()], [x.value, undefined, bound()], [x.value]]),
    );
  else maker.op(maker.pick(['Max', 'Min']), [x.value, bound()]);
}
