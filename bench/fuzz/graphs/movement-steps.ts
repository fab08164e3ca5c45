import { int, ints } from '../../../src/ir/attribute.ts';
import { elementCount, int64Tensor, type Tensor } from '../../../src/ir/tensor.ts';
import type { Value } from '../../../src/ir/value.ts';
import type { GraphMaker, Made } from './graph-maker.ts';
import { filled, shuffled } from './random-values.ts';
import type { Step } from './step.ts';

const hasAxes = ({ dims }: Tensor): boolean => dims.length > 0;
/** Where axes stand for themselves or count from the end. */
const named = (maker: GraphMaker, axis: number, rank: number): number => (maker.oneIn(3) ? axis - rank : axis);

/** A step on a value with at least one axis. */
function onAxes(weight: number, run: (maker: GraphMaker, x: Made, dims: readonly number[]) => void): Step {
  return {
    weight,
    run(maker) {
      const x = maker.choose(hasAxes);
      if (x !== undefined) run(maker, x, x.tensor.dims);
    },
  };
}

/** Steps that put elements elsewhere: reshapes, cuts, joins, and shape arithmetic that steers them. */
export const MOVEMENT_STEPS: readonly Step[] = [
  onAxes(5, (maker, x, dims) => maker.op('Reshape', [x.value, reshapeTarget(maker, dims)])),
  onAxes(4, (maker, x, dims) =>
    maker.op('Transpose', [x.value], { perm: ints(shuffled(maker.random, [...dims.keys()])) }),
  ),
  onAxes(1, (maker, x, dims) =>
    maker.op('Flatten', [x.value], { axis: int(named(maker, maker.int(dims.length), dims.length)) }),
  ),
  onAxes(2, (maker, x, dims) => {
    const ones = [...dims.keys()].filter((axis) => dims[axis] === 1);
    if (ones.length === 0 || maker.oneIn(4)) maker.op('Squeeze', [x.value]);
    else maker.withAxes('Squeeze', x.value, [named(maker, maker.pick(ones), dims.length)], 13);
  }),
  {
    weight: 2,
    run(maker) {
      const x = maker.choose();
      if (x === undefined || x.tensor.dims.length > 4) return;
      const rank = x.tensor.dims.length + 1;
      maker.withAxes('Unsqueeze', x.value, [named(maker, maker.int(rank), rank)], 13);
    },
  },
  onAxes(4, sliced),
  onAxes(3, (maker, x, dims) => {
    const axis = maker.int(dims.length);
    const others = maker.pool.filter(
      ({ tensor }) =>
        tensor.dtype === x.tensor.dtype &&
        tensor.dims.length === dims.length &&
        tensor.dims.every((dim, at) => at === axis || dim === dims[at]),
    );
    const parts = Array.from({ length: 1 + maker.int(3) }, () => maker.pick(others).value);
    maker.op('Concat', parts, { axis: int(named(maker, axis, dims.length)) });
  }),
  onAxes(2, (maker, x, dims) => {
    const axis = maker.int(dims.length);
    const dim = dims[axis]!;
    if (dim < 2) return;
    const first = 1 + maker.int(dim - 1);
    const sizes = maker.oneIn(2) && dim % 2 === 0 ? [dim / 2, dim / 2] : [first, dim - first];
    const attributes = { axis: int(named(maker, axis, dims.length)) };
    if (maker.opset >= 13) maker.ops('Split', [x.value, maker.int64s(...sizes)], attributes, 2);
    else maker.ops('Split', [x.value], { ...attributes, split: ints(sizes) }, 2);
  }),
  onAxes(3, (maker, x, dims) => {
    const axis = maker.int(dims.length);
    const indices = () => maker.int(dims[axis]!) - (maker.oneIn(4) ? dims[axis]! : 0);
    // ONNX Runtime 1.30 loses strings that Gather takes from more than one row.
    if (dims[axis] === 0 || x.tensor.dtype === 'string') return;
    const index = maker.oneIn(2)
      ? maker.constant({ ...filled('int64', [], indices()) })
      : maker.int64s(...Array.from({ length: 1 + maker.int(3) }, indices));
    maker.op('Gather', [x.value, index], { axis: int(named(maker, axis, dims.length)) });
  }),
  onAxes(2, (maker, x, dims) => {
    const target = dims.map((dim) => (dim === 1 ? maker.pick([1, 2, 3]) : maker.pick([1, dim])));
    maker.op('Expand', [x.value, maker.int64s(...(maker.oneIn(4) ? [2, ...target] : target))]);
  }),
  onAxes(1, (maker, x, dims) => maker.op('Tile', [x.value, maker.int64s(...dims.map(() => maker.pick([1, 1, 2])))])),
  onAxes(2, (maker, x, dims) => {
    if (maker.opset < 11 || x.tensor.dtype !== 'float32') return;
    const pads = dims.map((_, axis) => (axis < dims.length - 2 || maker.oneIn(2) ? 0 : 1));
    const operands = [x.value, maker.int64s(...pads, ...pads)];
    if (maker.oneIn(2)) operands.push(maker.constant(filled('float32', [], maker.pick([0, 1]))));
    maker.op('Pad', operands);
  }),
  onAxes(4, sizeArithmetic),
  onAxes(1, (maker, x) => {
    const count = maker.op('Size', [x.value]);
    if (count === undefined) return;
    const shape = maker.op('Reshape', [count.value, maker.int64s(1)]);
    if (shape !== undefined) maker.op('ConstantOfShape', [shape.value]);
  }),
  {
    weight: 1,
    run(maker) {
      const [from, to] = [maker.int(3), 3 + maker.int(4)];
      maker.op(
        'Range',
        [from, to, 1].map((value) => maker.constant(filled('int64', [], value))),
      );
    },
  },
  {
    weight: 2,
    run(maker) {
      const x = maker.choose();
      if (x !== undefined) maker.op(maker.pick(['Identity', 'Dropout']), [x.value]);
    },
  },
];

/** A constant target: sizes, zeros that keep one, and at most one that is left to the runtime. */
function reshapeTarget(maker: GraphMaker, dims: readonly number[]): Value {
  const cut = maker.int(dims.length);
  const joined =
    cut + 1 < dims.length && maker.oneIn(2)
      ? [...dims.slice(0, cut), dims[cut]! * dims[cut + 1]!, ...dims.slice(cut + 2)]
      : [...dims];
  const split = joined.flatMap((dim) => (dim % 2 === 0 && dim > 0 && maker.oneIn(3) ? [2, dim / 2] : [dim]));
  const after = split.length <= 5 ? split : joined;
  const open = maker.int(after.length + 2);
  const target = after.map((dim, axis) => {
    if (axis === open && elementCount(dims) > 0) return -1;
    return dim === dims[axis] && maker.oneIn(2) ? 0 : dim;
  });
  return maker.int64s(...target);
}

function sliced(maker: GraphMaker, x: Made, dims: readonly number[]): void {
  const axis = maker.int(dims.length);
  const dim = dims[axis]!;
  const backwards = maker.oneIn(6);
  const start = backwards ? maker.pick([-1, dim - 1]) : maker.pick([0, 0, 1, -dim, -1]);
  const end = backwards ? maker.pick([-dim - 1, 0]) : maker.pick([dim, 2 ** 40, -1, Math.max(1, dim - 1)]);
  const step = backwards ? -1 : maker.pick([1, 1, 1, 2]);
  const operands = [[start], [end], [named(maker, axis, dims.length)], [step]].map((list) => maker.int64s(...list));
  maker.op('Slice', [x.value, ...(step === 1 && maker.oneIn(2) ? operands.slice(0, 3) : operands)]);
}

/** Sizes that are read, computed with, and used as a target: what exporters write for `view` and `reshape`. */
function sizeArithmetic(maker: GraphMaker, x: Made, dims: readonly number[]): void {
  const shape = maker.op('Shape', [x.value]);
  if (shape === undefined) return;
  const at = maker.int(dims.length);
  const size = maker.op('Gather', [
    shape.value,
    maker.oneIn(2) ? maker.int64s(at) : maker.constant(filled('int64', [], at)),
  ]);
  if (size === undefined) return;
  const scalar = size.tensor.dims.length === 0;
  const changed = maker.oneIn(2)
    ? maker.op(maker.pick(['Mul', 'Add', 'Div', 'Sub']), [
        size.value,
        maker.constant(filled('int64', [], 1 + maker.int(2))),
      ])
    : size;
  if (changed === undefined) return;
  const listed = scalar ? maker.withAxes('Unsqueeze', changed.value, [0], 13) : changed;
  if (listed === undefined) return;
  switch (maker.int(4)) {
    case 0: {
      const target = maker.op('Concat', [listed.value, maker.constant(int64Tensor([-1]))], { axis: int(0) });
      if (target !== undefined) maker.op('Reshape', [x.value, target.value]);
      return;
    }
    case 1: {
      const target = maker.op('Concat', [maker.constant(int64Tensor([maker.pick([-1, 1, 2])])), listed.value], {
        axis: int(0),
      });
      if (target !== undefined) maker.op(maker.pick(['Reshape', 'Expand']), [x.value, target.value]);
      return;
    }
    case 2:
      maker.op('ConstantOfShape', [listed.value]);
      return;
    default: {
      const end = [maker.int64s(0), listed.value, maker.int64s(at)];
      maker.op('Slice', [x.value, ...end]);
    }
  }
}
