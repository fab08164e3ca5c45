import { type Attribute, float, int, ints, text } from '../../src/ir/attribute.ts';
import { Graph } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import { elementCount, int64Tensor, scalarTensor, type Tensor, tensorFromNumbers } from '../../src/ir/tensor.ts';
import type { Value } from '../../src/ir/value.ts';
import { tensorType } from '../../src/ir/value-type.ts';
import { type Random, seededRandom } from '../../src/random/seeded-random.ts';

/** A value with the dimensions that it has at run time. */
interface Made {
  readonly value: Value;
  readonly dims: readonly number[];
}

/** A model that ONNX Runtime runs, with an input for it. */
export interface RunnableModel {
  readonly model: Model;
  readonly feed: ReadonlyMap<string, Tensor>;
}

const OPSETS = [11, 12, 13, 15, 17, 18, 20];

/** Most elements of a value; keeps a run within milliseconds. */
const MAX_ELEMENTS = 4096;

/**
 * A random float model of the seed, made of what the passes look for and of what looks like it: layers with arithmetic,
 * padding and normalization around them, shape changes in a row, cuts, casts, neutral constants that may widen, unused
 * and shared values, branches. Half of the models have a symbolic batch size.
 */
export function runnableModel(seed: number): RunnableModel {
  const random = seededRandom(seed);
  const opset = pick(random, OPSETS);
  const graph = new Graph('g');
  const dims = pick(random, [
    [2, 4, 5, 5],
    [1, 2, 6, 4],
    [2, 3, 4],
    [3, 4],
    [2, 1, 1, 4],
  ]);
  const symbolic = random.integer(2) === 0;
  const x = graph.addInput('x', tensorType('float32', [symbolic ? 'N' : dims[0], ...dims.slice(1)]));
  const condition = graph.addInput('c', tensorType('bool', []));
  const maker = new Maker(random, graph, opset, condition);
  maker.pool.push({ value: x, dims });
  const count = 6 + random.integer(12);
  for (let i = 0; i < count; i++) maker.step();
  const last = maker.pool.at(-1)!;
  graph.addOutput(last.value, 'y');
  if (random.integer(3) === 0) graph.addOutput(pick(random, maker.pool).value, 'z');
  const feed = new Map([
    ['x', tensorFromNumbers('float32', dims, maker.numbers(elementCount(dims)))],
    ['c', tensorFromNumbers('bool', [], [random.integer(2)])],
  ]);
  return { model: { ...EMPTY, graph, opsetImports: new Map([['', opset]]) }, feed };
}

const EMPTY = {
  functions: [],
  irVersion: 8,
  producerName: '',
  producerVersion: '',
  domain: '',
  modelVersion: 0n,
  trainingInfo: [],
  extra: undefined,
};

class Maker {
  readonly pool: Made[] = [];
  readonly #random: Random;
  readonly #graph: Graph;
  readonly #opset: number;
  readonly #condition: Value;

  constructor(random: Random, graph: Graph, opset: number, condition: Value) {
    this.#random = random;
    this.#graph = graph;
    this.#opset = opset;
    this.#condition = condition;
  }

  /** Adds one node, or a few that belong together, to a value that is mostly the newest. */
  step(): void {
    const growing = this.pool.filter((made) => made.dims.length > 0);
    const made = this.#int(4) === 0 ? pick(this.#random, growing) : growing.at(-1)!;
    const kind = pick(this.#random, STEPS);
    const next = this.#grow(kind, made);
    if (next !== undefined && elementCount(next.dims) <= MAX_ELEMENTS) this.pool.push(next);
  }

  numbers(count: number): number[] {
    return Array.from({ length: count }, () => Math.fround(this.#random.normal()));
  }

  #grow(kind: (typeof STEPS)[number], { value, dims }: Made): Made | undefined {
    const rank = dims.length;
    switch (kind) {
      case 'unary':
        return { value: this.#op(pick(this.#random, UNARY), [value]), dims };
      case 'dropout':
        return { value: this.#op('Dropout', [value]), dims };
      case 'cast': {
        const types = pick(this.#random, [[1], [11, 1]]);
        return { value: types.reduce((from, to) => this.#op('Cast', [from], { to: int(to) }), value), dims };
      }
      case 'clip':
        return { value: this.#clip(value, dims), dims };
      case 'constant':
        return this.#withConstant(value, dims);
      case 'join': {
        const other = this.pool.find((made) => made.dims.join() === dims.join())!;
        return { value: this.#op(pick(this.#random, ['Add', 'Mul', 'Sum']), [value, other.value]), dims };
      }
      case 'concat': {
        const axis = this.#int(rank);
        const twice = this.#int(2) === 0;
        const joined = dims.map((dim, index) => (index === axis && twice ? 2 * dim : dim));
        return { value: this.#op('Concat', twice ? [value, value] : [value], { axis: int(axis) }), dims: joined };
      }
      case 'conv':
        return rank === 4 ? this.#conv(value, dims) : undefined;
      case 'transposed-conv':
        return rank === 4 ? this.#transposedConv(value, dims) : undefined;
      case 'normalization':
        return rank >= 2 ? { value: this.#normalization(value, dims[1]!), dims } : undefined;
      case 'pad':
        return rank === 4 ? this.#pad(value, dims) : undefined;
      case 'pool':
        return rank === 4 ? this.#pooled(value, dims) : undefined;
      case 'matmul':
        return rank >= 2 ? this.#matmul(value, dims) : undefined;
      case 'gemm':
        return rank === 2 ? this.#gemm(value, dims) : undefined;
      case 'reshape':
        return this.#reshape(value, dims);
      case 'transpose': {
        const order = shuffled(this.#random, [...dims.keys()]);
        return { value: this.#op('Transpose', [value], { perm: ints(order) }), dims: order.map((axis) => dims[axis]!) };
      }
      case 'mean': {
        const axes = pick(this.#random, [[-1], [rank - 2, rank - 1], [2, 3], [1]]).filter((axis) => axis < rank);
        if (rank < 2 || axes.length === 0) return undefined;
        const keep = this.#int(2);
        const reduced = axes.map((axis) => (axis < 0 ? axis + rank : axis));
        const after = dims.flatMap((dim, axis) => (reduced.includes(axis) ? (keep ? [1] : []) : [dim]));
        const since = 18;
        return { value: this.#axes('ReduceMean', value, axes, since, { keepdims: int(keep) }), dims: after };
      }
      case 'slice': {
        const axis = this.#int(rank);
        const start = this.#int(2) === 0 ? 0 : Math.min(1, dims[axis]! - 1);
        const end = this.#int(2) === 0 ? dims[axis]! : 2 ** 40;
        const operands = [[start], [end], [axis]].map((list) => this.#graph.addConstant(int64Tensor(list)));
        const after = dims.map((dim, index) => (index === axis ? dim - start : dim));
        return { value: this.#op('Slice', [value, ...operands]), dims: after };
      }
      case 'computed-shape': {
        const first = this.#op('Gather', [this.#op('Shape', [value]), this.#graph.addConstant(int64Tensor([0]))]);
        const target = this.#op('Concat', [first, this.#graph.addConstant(int64Tensor([-1]))], { axis: int(0) });
        return { value: this.#op('Reshape', [value, target]), dims: [dims[0]!, elementCount(dims.slice(1))] };
      }
      case 'branch':
        // ONNX Runtime 1.30 loses a value that casts in a row make when only a branch reads it.
        return { value: this.#branch(this.#op('Abs', [value]), dims), dims };
    }
  }

  #clip(value: Value, dims: readonly number[]): Value {
    const bound = () => this.#graph.addConstant(scalarTensor('float32', pick(this.#random, [0, 0, 6, -1, 1])));
    if (this.#int(2) === 0)
      return this.#op(
        'Clip',
        pick(this.#random, [
          [value, bound()],
          [value, bound(), bound()],
        ]),
      );
    const rank = pick(this.#random, [0, 1, dims.length]);
    const limit = tensorFromNumbers('float32', new Array<number>(rank).fill(1), [pick(this.#random, [0, 6, -1])]);
    return this.#op(pick(this.#random, ['Max', 'Min']), [value, this.#graph.addConstant(limit)]);
  }

  /** Arithmetic with a constant: one number, one per position of an axis, or one that widens axes of size 1. */
  #withConstant(value: Value, dims: readonly number[]): Made {
    const rank = pick(this.#random, [0, 1, dims.length, dims.length]);
    const varying = this.#int(Math.max(1, rank));
    const shape = Array.from({ length: rank }, (_, index) => {
      const dim = dims[dims.length - rank + index]!;
      if (index !== varying || this.#int(3) === 0) return 1;
      return dim === 1 && this.#int(4) === 0 ? 2 : dim;
    });
    const filler = pick(this.#random, [undefined, undefined, 0, -0, 1, 2, 3, 6]);
    const count = elementCount(shape);
    const op = pick(this.#random, ['Add', 'Sub', 'Mul', 'Div', 'Pow']);
    // No division by what is nearly zero, and powers that are defined for every base.
    const draw = () => (op === 'Pow' ? 1 : (filler ?? 0.5 + Math.abs(this.#random.normal())));
    const numbers = Array.from({ length: count }, draw).map((number) => (op === 'Div' && number === 0 ? 1 : number));
    const constant = this.#graph.addConstant(tensorFromNumbers('float32', shape, numbers));
    const swap = op !== 'Div' && op !== 'Pow' && this.#int(3) === 0;
    const after = dims.map((dim, index) => Math.max(dim, shape[index - dims.length + rank] ?? 1));
    return { value: this.#op(op, swap ? [constant, value] : [value, constant]), dims: after };
  }

  #conv(value: Value, [n, c, h, w]: readonly number[]): Made | undefined {
    const kernel = pick(this.#random, [1, 2, 3]);
    const group = pick(this.#random, [1, c!]);
    const channels = group * (1 + this.#int(2));
    const stride = 1 + this.#int(2);
    const mode = pick(this.#random, ['', '', 'VALID', 'SAME_UPPER']);
    const pads = Array.from({ length: 4 }, () => (mode === '' ? this.#int(2) : 0));
    if (kernel > Math.min(h!, w!)) return undefined;
    const size = (length: number, begin: number, end: number) =>
      mode === 'SAME_UPPER' ? Math.ceil(length / stride) : Math.floor((length + begin + end - kernel) / stride) + 1;
    const weights = this.#weights([channels, c! / group, kernel, kernel]);
    const inputs = this.#int(2) === 0 ? [value, weights] : [value, weights, this.#weights([channels])];
    const padding: Record<string, Attribute> = mode === '' ? { pads: ints(pads) } : { auto_pad: text(mode) };
    const conv = this.#op('Conv', inputs, { ...padding, group: int(group), strides: ints([stride, stride]) });
    return { value: conv, dims: [n!, channels, size(h!, pads[0]!, pads[2]!), size(w!, pads[1]!, pads[3]!)] };
  }

  #transposedConv(value: Value, [n, c, h, w]: readonly number[]): Made {
    const group = pick(this.#random, [1, c!]);
    const perGroup = 1 + this.#int(2);
    const kernel = 1 + this.#int(2);
    const inputs = [value, this.#weights([c!, perGroup, kernel, kernel])];
    if (this.#int(2) === 0) inputs.push(this.#weights([perGroup * group]));
    const dims = [n!, perGroup * group, h! + kernel - 1, w! + kernel - 1];
    return { value: this.#op('ConvTranspose', inputs, { group: int(group) }), dims };
  }

  #normalization(value: Value, channels: number): Value {
    const parameters = [0, 1, 2].map(() => this.#weights([channels]));
    const variance = tensorFromNumbers(
      'float32',
      [channels],
      this.numbers(channels).map((number) => 0.5 + number ** 2),
    );
    const operands = [value, ...parameters, this.#graph.addConstant(variance)];
    return this.#op('BatchNormalization', operands, this.#int(2) === 0 ? {} : { epsilon: float(0.01) });
  }

  #pad(value: Value, dims: readonly number[]): Made {
    const least = this.#int(8) === 0 ? -1 : 0;
    const amounts = Array.from({ length: 8 }, (_, index) => (index % 4 < 2 ? 0 : least + this.#int(2)));
    const operands = [value, this.#graph.addConstant(int64Tensor(amounts))];
    if (this.#int(2) === 0)
      operands.push(this.#graph.addConstant(scalarTensor('float32', pick(this.#random, [0, 0, 1]))));
    const after = dims.map((dim, index) => dim + amounts[index]! + amounts[index + 4]!);
    if (after.some((dim) => dim < 1)) return { value, dims };
    return { value: this.#op('Pad', operands), dims: after };
  }

  #pooled(value: Value, [n, c, h, w]: readonly number[]): Made {
    if (this.#int(3) === 0) return { value: this.#op('GlobalAveragePool', [value]), dims: [n!, c!, 1, 1] };
    const size = pick(
      this.#random,
      [1, 2, 3].filter((candidate) => candidate <= Math.min(h!, w!)),
    );
    const op = pick(this.#random, ['AveragePool', 'AveragePool', 'MaxPool']);
    const counted: Record<string, Attribute> = op === 'AveragePool' ? { count_include_pad: int(this.#int(2)) } : {};
    const pooled = this.#op(op, [value], { kernel_shape: ints([size, size]), ...counted });
    return { value: pooled, dims: [n!, c!, h! - size + 1, w! - size + 1] };
  }

  #matmul(value: Value, dims: readonly number[]): Made {
    const [rows, inner] = dims.slice(-2);
    const other = 1 + this.#int(4);
    if (this.#int(4) > 0) {
      return {
        value: this.#op('MatMul', [value, this.#weights([inner!, other])]),
        dims: [...dims.slice(0, -1), other],
      };
    }
    const dimsAfter = [...dims.slice(0, -2), other, inner!];
    return { value: this.#op('MatMul', [this.#weights([other, rows!]), value]), dims: dimsAfter };
  }

  #gemm(value: Value, [rows, inner]: readonly number[]): Made {
    const columns = 1 + this.#int(4);
    const transposed = this.#int(2);
    const weights = this.#weights(transposed ? [columns, inner!] : [inner!, columns]);
    const bias = pick(this.#random, [[columns], [1, columns], [1], [], [rows!, 1]]);
    const inputs = this.#int(3) === 0 ? [value, weights] : [value, weights, this.#weights(bias)];
    const scaling: Record<string, Attribute> = this.#int(2) === 0 ? {} : { alpha: float(0.5), beta: float(2) };
    return { value: this.#op('Gemm', inputs, { transB: int(transposed), ...scaling }), dims: [rows!, columns] };
  }

  #reshape(value: Value, dims: readonly number[]): Made {
    const rank = dims.length;
    switch (this.#int(4)) {
      case 0: {
        const axis = this.#int(rank + 1);
        const product = (list: readonly number[]) => elementCount(list);
        const after = [product(dims.slice(0, axis)), product(dims.slice(axis))];
        return { value: this.#op('Flatten', [value], { axis: int(axis) }), dims: after };
      }
      case 1: {
        const axis = this.#int(rank + 1);
        const after = [...dims.slice(0, axis), 1, ...dims.slice(axis)];
        if (rank >= 5) return { value, dims };
        return {
          value: this.#axes('Unsqueeze', value, [this.#int(2) === 0 ? axis : axis - rank - 1], 13),
          dims: after,
        };
      }
      case 2: {
        const axis = dims.indexOf(1);
        if (axis < 0) return { value, dims };
        return { value: this.#axes('Squeeze', value, [axis], 13), dims: dims.filter((_, index) => index !== axis) };
      }
      default: {
        const cut = this.#int(rank);
        const joined =
          cut + 1 < rank ? [...dims.slice(0, cut), dims[cut]! * dims[cut + 1]!, ...dims.slice(cut + 2)] : [...dims];
        const split = joined.flatMap((dim) => (dim % 2 === 0 && this.#int(3) === 0 ? [dim / 2, 2] : [dim]));
        const after = split.length <= 5 ? split : joined;
        const inferred = this.#int(after.length + 2);
        const target = after.map((dim, index) => {
          if (index === inferred) return -1;
          return dim === dims[index] && this.#int(2) === 0 ? 0 : dim;
        });
        return { value: this.#op('Reshape', [value, this.#graph.addConstant(int64Tensor(target))]), dims: after };
      }
    }
  }

  #branch(value: Value, dims: readonly number[]): Value {
    const side = (name: string): Graph => {
      const graph = new Graph(name);
      const maker = new Maker(this.#random, graph, this.#opset, this.#condition);
      let made: Made = { value, dims };
      for (let i = 0; i < 3; i++) {
        const kind = pick(this.#random, ['unary', 'dropout', 'clip'] as const);
        made = maker.#grow(kind, made)!;
      }
      graph.addOutput(made.value, `${name}_out`);
      return graph;
    };
    const attributes: Record<string, Attribute> = {
      then_branch: { kind: 'graph', value: side('then') },
      else_branch: { kind: 'graph', value: side('else') },
    };
    return this.#op('If', [this.#condition], attributes);
  }

  #axes(
    op: string,
    value: Value,
    axes: readonly number[],
    operandSince: number,
    more: Record<string, Attribute> = {},
  ): Value {
    if (this.#opset < operandSince) return this.#op(op, [value], { ...more, axes: ints(axes) });
    return this.#op(op, [value, this.#graph.addConstant(int64Tensor(axes))], more);
  }

  #weights(dims: readonly number[]): Value {
    return this.#graph.addConstant(tensorFromNumbers('float32', dims, this.numbers(elementCount(dims))));
  }

  #op(op: string, inputs: readonly Value[], attributes: Record<string, Attribute> = {}): Value {
    return this.#graph.append({ op, inputs, attributes }).outputs[0]!;
  }

  #int(limit: number): number {
    return this.#random.integer(limit);
  }
}

const UNARY = ['Relu', 'Neg', 'Abs', 'Sigmoid', 'Tanh', 'Identity', 'Softsign'];

const STEPS = [
  'unary',
  'dropout',
  'cast',
  'clip',
  'constant',
  'constant',
  'constant',
  'join',
  'concat',
  'conv',
  'conv',
  'transposed-conv',
  'normalization',
  'normalization',
  'pad',
  'pool',
  'matmul',
  'gemm',
  'reshape',
  'reshape',
  'reshape',
  'transpose',
  'mean',
  'slice',
  'computed-shape',
  'branch',
] as const;

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.integer(items.length)]!;
}

export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const left = [...items];
  const out: T[] = [];
  while (left.length > 0) out.push(...left.splice(random.integer(left.length), 1));
  return out;
}
