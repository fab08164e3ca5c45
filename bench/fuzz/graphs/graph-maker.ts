import type { Attribute } from '../../../src/ir/attribute.ts';
import { type DataType, isFloat } from '../../../src/ir/dtype.ts';
import type { Graph } from '../../../src/ir/graph.ts';
import { elementCount, int64Tensor, type Tensor, toNumbers } from '../../../src/ir/tensor.ts';
import type { Value } from '../../../src/ir/value.ts';
import type { Random } from '../../../src/random/seeded-random.ts';
import { type Environment, evaluateInto, type Meaning, NotEvaluated } from '../evaluate/evaluate-model.ts';
import { isSequence } from '../evaluate/sequence-rules.ts';
import { oneIn, pick, randomTensor } from './random-values.ts';

/** A value with what it holds for the feed that the graph is made along. */
export interface Made {
  readonly value: Value;
  readonly tensor: Tensor;
}

/** In the place of the first element of an empty sequence. */
const NO_TENSOR = int64Tensor([]);

/** Most elements of a value, and the largest magnitude of a float; what goes beyond is not taken. */
const MAX_ELEMENTS = 200;
const MAX_MAGNITUDE = 1e4;

export interface MakerOptions {
  readonly random: Random;
  readonly graph: Graph;
  readonly opset: number;
  readonly meaning: Meaning;
  readonly environment: Environment;
  /** How many graphs are around this one. */
  readonly depth: number;
}

/**
 * Grows a graph node by node. Each node is computed as soon as it stands, and taken away again where that is not
 * possible: steps may propose anything, what stays is valid for at least one feed.
 */
export class GraphMaker {
  readonly random: Random;
  readonly graph: Graph;
  readonly opset: number;
  readonly meaning: Meaning;
  readonly depth: number;
  readonly environment: Environment;
  /** Values in sight, oldest first. */
  readonly pool: Made[] = [];

  constructor({ random, graph, opset, meaning, environment, depth }: MakerOptions) {
    this.random = random;
    this.graph = graph;
    this.opset = opset;
    this.meaning = meaning;
    this.environment = environment;
    this.depth = depth;
  }

  /** A maker of a graph inside this one, which sees everything that this one does. */
  nested(graph: Graph): GraphMaker {
    const { random, opset, meaning, environment, depth } = this;
    const inner = new GraphMaker({
      random,
      graph,
      opset,
      meaning,
      environment: new Map(environment),
      depth: depth + 1,
    });
    inner.pool.push(...this.pool);
    return inner;
  }

  /** Takes up a value whose content is known: an input. */
  adopt(value: Value, tensor: Tensor): Made {
    const made = { value, tensor };
    this.environment.set(value, tensor);
    this.pool.push(made);
    return made;
  }

  int(limit: number): number {
    return this.random.integer(limit);
  }

  oneIn(count: number): boolean {
    return oneIn(this.random, count);
  }

  pick<T>(items: readonly T[]): T {
    return pick(this.random, items);
  }

  /** A value in sight that `test` takes, mostly the newest, so that chains come about. */
  choose(test: (tensor: Tensor) => boolean = () => true): Made | undefined {
    const fitting = this.pool.filter(({ tensor }) => test(tensor));
    if (fitting.length === 0) return undefined;
    return this.oneIn(3) ? this.pick(fitting) : fitting.at(-1);
  }

  /** A constant, as an initializer or as a node. */
  constant(tensor: Tensor): Value {
    if (!this.oneIn(4)) return this.graph.addConstant(tensor);
    const node = this.graph.append({
      op: 'Constant',
      inputs: [],
      attributes: { value: { kind: 'tensor', value: tensor } },
    });
    const value = node.outputs[0]!;
    this.environment.set(value, tensor);
    return value;
  }

  int64s(...values: readonly number[]): Value {
    return this.constant(int64Tensor(values));
  }

  randomConstant(dtype: DataType, dims: readonly number[]): Value {
    return this.constant(randomTensor(this.random, dtype, dims));
  }

  /** Appends a node with one result; undefined where it cannot be computed or gets out of hand. A sequence is told by its first element. */
  op(op: string, inputs: readonly (Value | undefined)[], attributes: Record<string, Attribute> = {}): Made | undefined {
    return this.ops(op, inputs, attributes, 1)?.[0];
  }

  ops(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes: Record<string, Attribute>,
    results: number,
    domain = '',
  ): readonly Made[] | undefined {
    const outputs = Array.from({ length: results }, () => ({}));
    const node = this.graph.append({ op, domain, inputs, attributes, outputs });
    try {
      evaluateInto(this.environment, node, this.meaning, this.depth);
    } catch (error) {
      if (!(error instanceof NotEvaluated)) throw error;
      this.graph.erase(node);
      return undefined;
    }
    const held = node.outputs.map((value) => this.environment.get(value!)!);
    const made = node.outputs.map((value, index) => ({ value: value!, tensor: [held[index]!].flat()[0] ?? NO_TENSOR }));
    if (held.flat().every(isTame)) {
      // What goes from step to step are tensors.
      this.pool.push(...made.filter((_, index) => !isSequence(held[index])));
      return made;
    }
    this.graph.erase(node);
    for (const { value } of made) this.environment.delete(value);
    return undefined;
  }

  /** An operator that takes its axes as an attribute before an opset, and as an operand from then on. */
  withAxes(
    op: string,
    value: Value,
    axes: readonly number[],
    operandSince: number,
    more: Record<string, Attribute> = {},
  ): Made | undefined {
    if (this.opset >= operandSince) return this.op(op, [value, this.int64s(...axes)], more);
    return this.op(op, [value], { ...more, axes: { kind: 'ints', value: axes.map(BigInt) } });
  }
}

/** Small and finite: overflow makes any two orders of a sum differ. */
function isTame(tensor: Tensor): boolean {
  if (elementCount(tensor.dims) > MAX_ELEMENTS || tensor.dims.length > 6) return false;
  if (!isFloat(tensor.dtype)) return true;
  return toNumbers(tensor).every((value) => Math.abs(value) <= MAX_MAGNITUDE);
}
