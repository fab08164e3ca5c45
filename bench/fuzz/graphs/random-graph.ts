import type { DataType } from '../../../src/ir/dtype.ts';
import { Graph } from '../../../src/ir/graph.ts';
import type { FunctionDef, Model } from '../../../src/ir/model.ts';
import type { Dim } from '../../../src/ir/shape.ts';
import type { Tensor } from '../../../src/ir/tensor.ts';
import { tensorType } from '../../../src/ir/value-type.ts';
import { type Random, seededRandom } from '../../../src/random/seeded-random.ts';
import { GraphMaker } from './graph-maker.ts';
import { growGraph } from './grow-graph.ts';
import { oneIn, pick, randomTensor } from './random-values.ts';

/** An input of a random graph; a text among the dimensions is the name of an open size, which the model may not give. */
interface RandomInput {
  readonly name: string;
  readonly dtype: DataType;
  readonly dims: readonly (number | string)[];
  /** There is a default, and feeds leave it out. */
  readonly optional: boolean;
}

/** A valid model with the inputs that it takes and the sizes that it was made along. */
export interface RandomGraph {
  readonly model: Model;
  readonly inputs: readonly RandomInput[];
  readonly sizes: ReadonlyMap<string, number>;
}

const OPSETS = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23];
const INPUT_TYPES: readonly DataType[] = [
  'float32',
  'float32',
  'float32',
  'float32',
  'float32',
  'int64',
  'int64',
  'int32',
  'float64',
  'float16',
  'bool',
  'uint8',
  'int8',
  'string',
  'bfloat16',
];
const SHAPES: readonly (readonly number[])[] = [
  [2, 3],
  [3, 4],
  [2, 2, 4, 4],
  [1, 2, 5, 5],
  [2, 3, 4],
  [4],
  [1],
  [],
  [1, 4],
  [2, 1, 3],
  [2, 4],
  [1, 3, 4, 4],
  [0, 3],
];
const MAX_STEPS = 14;

/** A random valid model of the seed: typed nodes of every kind that the evaluator knows, open sizes, branches, loops. */
export function randomGraph(seed: number): RandomGraph {
  const random = seededRandom(seed);
  const opset = pick(random, OPSETS);
  const opsetImports = new Map([['', opset]]);
  const functions = oneIn(random, 8) ? [randomFunction(random, opset)] : [];
  if (functions.length > 0) opsetImports.set('local', 1);
  const graph = new Graph('g');
  const maker = new GraphMaker({
    random,
    graph,
    opset,
    meaning: { functions, opsetImports },
    environment: new Map(),
    depth: 0,
  });
  const sizes = new Map<string, number>();
  const inputs: RandomInput[] = [];
  for (let count = 1 + random.integer(3); count > 0; count--) inputs.push(addInput(maker, `x${inputs.length}`, sizes));
  const condition = graph.addInput('cond', tensorType('bool', []));
  inputs.push({ name: 'cond', dtype: 'bool', dims: [], optional: false });
  maker.adopt(condition, randomTensor(random, 'bool', []));
  growGraph(maker, 2 + random.integer(MAX_STEPS));
  for (const { domain, name } of functions) {
    const x = maker.choose(({ dtype }) => dtype === 'float32');
    if (x !== undefined) maker.ops(name, [x.value], {}, 1, domain);
  }
  addOutputs(maker);
  return { model: { ...EMPTY, graph, functions, opsetImports }, inputs, sizes };
}

/** Data for the inputs at certain sizes of the open dimensions. */
export function feedOf(
  random: Random,
  inputs: readonly RandomInput[],
  sizes: ReadonlyMap<string, number>,
): Map<string, Tensor> {
  const feed = new Map<string, Tensor>();
  for (const { name, dtype, dims, optional } of inputs) {
    const bound = dims.map((dim) => (typeof dim === 'number' ? dim : (sizes.get(dim) ?? 1)));
    if (!optional) feed.set(name, randomTensor(random, dtype, bound));
  }
  return feed;
}

const EMPTY = {
  irVersion: 8,
  producerName: '',
  producerVersion: '',
  domain: '',
  modelVersion: 0n,
  trainingInfo: [],
  extra: undefined,
};

function addInput(maker: GraphMaker, name: string, sizes: Map<string, number>): RandomInput {
  const { random, graph } = maker;
  const dtype = pick(random, INPUT_TYPES);
  const shape = pick(random, SHAPES);
  const tensor = randomTensor(random, dtype, shape);
  const optional = oneIn(random, 6);
  const dims = shape.map((dim, axis) => (optional ? dim : openSize(random, dim, `${name}_${axis}`, sizes)));
  const stated = dims.map((dim): Dim => (typeof dim === 'string' && dim.startsWith(name) ? undefined : dim));
  const type = !optional && oneIn(random, 24) ? tensorType(dtype) : tensorType(dtype, stated);
  const input = graph.addInput(name, type, optional ? { initial: tensor } : {});
  maker.adopt(input, tensor);
  return { name, dtype, dims, optional };
}

/** The size itself, or a name for it: one that several inputs share where it is as long, or one of its own. */
function openSize(random: Random, dim: number, own: string, sizes: Map<string, number>): number | string {
  const name = pick(random, [undefined, undefined, 'N', 'S', own]);
  // An open size of zero turns the zeros of computed targets of Reshape into copies.
  if (name === undefined || dim === 0 || (sizes.get(name) ?? dim) !== dim) return dim;
  sizes.set(name, dim);
  return name;
}

function addOutputs(maker: GraphMaker): void {
  const { random, graph, pool } = maker;
  const own = pool.filter(({ value }) => value.producer !== undefined && value.outputCount === 0);
  const last = own.at(-1) ?? pool.at(-1)!;
  graph.addOutput(last.value, last.value.isInput ? last.value.name : 'y0', { declared: tensorType(last.tensor.dtype) });
  for (let index = 1; index <= random.integer(3); index++) {
    const { value, tensor } = pick(random, pool);
    if (value.outputCount > 0) continue;
    graph.addOutput(value, value.isInput ? value.name : `y${index}`, { declared: tensorType(tensor.dtype) });
  }
}

function randomFunction(random: Random, opset: number): FunctionDef {
  const graph = new Graph('f');
  const x = graph.addInput('fx', undefined);
  let value = x;
  for (let count = 1 + random.integer(3); count > 0; count--) {
    const op = pick(random, ['Relu', 'Neg', 'Identity', 'Abs', 'Tanh', 'Add']);
    value = graph.append({ op, inputs: op === 'Add' ? [value, x] : [value] }).outputs[0]!;
  }
  graph.addOutput(value, 'fy');
  const opsetImports = new Map([['', opset]]);
  return {
    domain: 'local',
    name: 'f',
    overload: '',
    graph,
    attributeNames: [],
    attributeDefaults: new Map(),
    opsetImports,
  };
}
