import type { Attribute } from '../../src/ir/attribute.ts';
import { bitsOf, DATA_TYPES, type DataType, packedByteLength } from '../../src/ir/dtype.ts';
import { Graph } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import { elementCount, type SparseTensor, stringTensor, type Tensor, tensorFromBytes } from '../../src/ir/tensor.ts';
import type { Value } from '../../src/ir/value.ts';
import type { ValueType } from '../../src/ir/value-type.ts';
import { type Random, seededRandom } from '../../src/random/seeded-random.ts';

/** Names that a text must quote or escape among ones that it need not. */
const ODD_NAMES = [
  '',
  'float',
  'inf',
  'updatable',
  'a b',
  'q"uo\\te',
  'über',
  'x/y:0',
  'line\nbreak',
  '1st',
  '#no',
  'hex',
];

const OPS = ['Add', 'Relu', 'Conv', 'If', 'Identity', 'CustomOp'];
const DOMAINS = ['', '', '', 'com.microsoft', 'my-domain.ops'];

/**
 * A model of the seed: graphs with inputs, defaults, dense and sparse constants of every element type, nodes with holes
 * and attributes of every kind, nested graphs that use outer values, and functions. Its operators mean nothing.
 */
export function randomModel(seed: number): Model {
  const random = seededRandom(seed);
  const make = new Maker(random);
  const graph = make.graph(undefined, 2);
  const functions = times(random.integer(2), (index) => ({
    domain: 'local',
    name: `f${index}`,
    overload: random.integer(2) === 0 ? '' : 'second',
    graph: make.functionBody(),
    attributeNames: ['alpha'],
    attributeDefaults: new Map([['beta', make.attribute([], 0)]]),
    opsetImports: new Map([
      ['', 17],
      ['com.microsoft', 1],
      ['my-domain.ops', 1],
    ]),
  }));
  return {
    graph,
    functions,
    irVersion: 8,
    opsetImports: new Map([
      ['', 17],
      ['com.microsoft', 1],
      ['my-domain.ops', 3],
    ]),
    producerName: make.word(),
    producerVersion: '',
    domain: '',
    modelVersion: BigInt(random.integer(3)),
    trainingInfo: [],
    extra: random.integer(2) === 0 ? undefined : { doc: 'what it "does"', metadata: new Map([['key', 'value \\']]) },
  };
}

class Maker {
  readonly #random: Random;
  #names = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A graph whose nodes may use `outer`; the graphs inside it nest at most `depth` deep. */
  graph(outer: readonly Value[] | undefined, depth: number): Graph {
    const graph = new Graph(`g${this.#pick(['', ' odd'])}`);
    const visible: Value[] = [...(outer ?? [])];
    for (let i = this.#random.integer(3); i >= 0; i--) {
      const initial = outer === undefined && this.#random.integer(4) === 0 ? this.tensor() : undefined;
      const type: ValueType | undefined = initial
        ? { kind: 'tensor', dtype: initial.dtype, shape: initial.dims }
        : this.type();
      visible.push(graph.addInput(this.#name(), type, initial ? { initial } : {}));
    }
    for (let i = this.#random.integer(3); i > 0; i--) {
      visible.push(graph.addConstant(this.tensor(), this.#name()));
    }
    if (this.#random.integer(4) === 0) visible.push(graph.addSparseConstant(this.sparse(), this.#name()));
    for (let i = this.#random.integer(6); i > 0; i--) this.#node(graph, visible, depth);
    const own = visible.slice(outer?.length ?? 0);
    const slots = own.filter(() => this.#random.integer(3) === 0).concat(own.slice(-1));
    // Of a body, a claim that contradicts what is proven is not written.
    const claimed = (value: Value): ValueType | undefined =>
      outer === undefined ? this.type() : (value.type ?? value.declared ?? this.type());
    for (const value of new Set(slots)) graph.addOutput(value, value.name, { declared: claimed(value) });
    return graph;
  }

  /** Functions have neither initializers nor defaults nor types. */
  functionBody(): Graph {
    const graph = new Graph('f');
    const visible = [graph.addInput('x', undefined), graph.addInput(this.#name(), undefined)];
    for (let i = this.#random.integer(4) + 1; i > 0; i--) this.#node(graph, visible, 1);
    graph.addOutput(visible.at(-1)!);
    return graph;
  }

  attribute(visible: readonly Value[], depth: number): Attribute {
    const random = this.#random;
    const encoder = new TextEncoder();
    const kinds: readonly (() => Attribute)[] = [
      () => ({ kind: 'int', value: this.#pick([0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 7n]) }),
      () => ({ kind: 'float', value: this.#float32() }),
      () => ({ kind: 'string', value: encoder.encode(this.word()) }),
      () => ({ kind: 'string', value: Uint8Array.from([0xff, 0x00, 0x80]) }),
      () => ({ kind: 'ints', value: times(random.integer(4), () => BigInt(random.integer(9)) - 4n) }),
      () => ({ kind: 'floats', value: times(random.integer(4), () => this.#float32()) }),
      () => ({ kind: 'strings', value: times(random.integer(3), () => encoder.encode(this.word())) }),
      () => ({ kind: 'tensor', value: this.tensor() }),
      () => ({ kind: 'tensors', value: times(random.integer(3), () => this.tensor()) }),
      () => ({ kind: 'sparse-tensor', value: this.sparse() }),
      () => ({ kind: 'type', value: this.type() }),
      () => ({ kind: 'types', value: times(random.integer(3), () => this.type()) }),
      () => ({ kind: 'reference', value: 'alpha', of: this.#pick(['int', 'floats', 'tensor'] as const) }),
      () => (depth === 0 ? { kind: 'int', value: 1n } : { kind: 'graph', value: this.graph(visible, depth - 1) }),
      () =>
        depth === 0
          ? { kind: 'int', value: 2n }
          : { kind: 'graphs', value: times(random.integer(3), () => this.graph(visible, depth - 1)) },
    ];
    return this.#pick(kinds)();
  }

  tensor(): Tensor {
    const dtype = this.#pick(DATA_TYPES);
    const dims = times(this.#random.integer(3), () => this.#random.integer(4));
    const count = elementCount(dims);
    if (dtype === 'string')
      return stringTensor(
        dims,
        times(count, () => this.word()),
      );
    const bytes = Uint8Array.from({ length: packedByteLength(dtype, count) }, () =>
      this.#random.integer(dtype === 'bool' ? 2 : 256),
    );
    // Bits behind the last narrow element say nothing.
    const spare = bytes.length * 8 - count * bitsOf(dtype);
    if (bytes.length > 0) bytes[bytes.length - 1] = bytes.at(-1)! & (0xff >> spare);
    return tensorFromBytes(dtype, dims, bytes);
  }

  sparse(): SparseTensor {
    const values = tensorFromBytes('float32', [1], Uint8Array.from([0, 0, 0x80, 0x3f]));
    return { dims: [3, 3], values, indices: tensorFromBytes('int64', [1], new Uint8Array(8)) };
  }

  type(depth = 2): ValueType {
    const dtype: DataType = this.#pick(DATA_TYPES);
    const shape =
      this.#random.integer(3) === 0
        ? undefined
        : times(this.#random.integer(3), () => this.#pick([0, 3, 'N', 'a b', undefined]));
    const tensor: ValueType = shape === undefined ? { kind: 'tensor', dtype } : { kind: 'tensor', dtype, shape };
    if (depth === 0) return tensor;
    const element = this.#random.integer(6) === 0 ? undefined : this.type(depth - 1);
    return this.#pick<ValueType>([
      tensor,
      tensor,
      { kind: 'sparse-tensor', dtype, shape },
      { kind: 'sequence', element },
      { kind: 'optional', element },
      { kind: 'map', key: 'int64', value: element },
      { kind: 'opaque', domain: this.#pick(['', 'a.b']), name: 'thing' },
    ]);
  }

  word(): string {
    return this.#pick(['', 'plain', ...ODD_NAMES]);
  }

  #node(graph: Graph, visible: Value[], depth: number): void {
    const inputs = times(this.#random.integer(4), () =>
      this.#random.integer(5) === 0 ? undefined : this.#pick(visible),
    );
    const attributes = new Map(
      times(
        this.#random.integer(3),
        (index) => [`a${index}${this.#pick(['', ' b'])}`, this.attribute(visible, depth)] as const,
      ),
    );
    const outputs = times(this.#random.integer(3), () =>
      this.#random.integer(5) === 0
        ? undefined
        : { name: this.#name(), declared: this.#random.integer(2) === 0 ? undefined : this.type() },
    );
    const node = graph.append({
      op: this.#pick(OPS),
      domain: this.#pick(DOMAINS),
      name: this.#random.integer(2) === 0 ? '' : this.#name(),
      overload: this.#pick(['', '', 'second']),
      inputs,
      outputs,
      attributes,
    });
    for (const output of node.outputs) if (output !== undefined) visible.push(output);
  }

  /** A name that no other has, sometimes an odd one. */
  #name(): string {
    const number = this.#names++;
    return this.#random.integer(3) === 0 ? `${this.#pick(ODD_NAMES)}${number}` : `v${number}`;
  }

  #float32(): number {
    return Math.fround(
      this.#pick([0, -0, 1, 1 / 3, 1e-40, 3e38, Number.NaN, Number.POSITIVE_INFINITY, this.#random.normal()]),
    );
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.integer(items.length)]!;
  }
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
