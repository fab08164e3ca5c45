import { type Attribute, type AttributeKind, graphsIn } from '../../ir/attribute.ts';
import type { DataType } from '../../ir/dtype.ts';
import type { Graph } from '../../ir/graph.ts';
import type { Node } from '../../ir/node.ts';
import type { Dim, Shape } from '../../ir/shape.ts';
import type { Tensor } from '../../ir/tensor.ts';
import type { Value } from '../../ir/value.ts';
import { dtypeOf, shapeOf, type ValueType } from '../../ir/value-type.ts';
import { defaultOf } from '../schema/attribute-or-default.ts';
import type { OperatorSchema } from '../schema/operator-schema.ts';
import type { SymbolicValue } from './symbolic-value.ts';

const UTF8 = new TextDecoder();

/** Where a rule learns what is known around a node. */
export interface InferContext {
  /** The opset that the node's graph or function follows in a domain. */
  opsetOf(domain: string): number;
  typeOf(value: Value): ValueType | undefined;
  valueOf(value: Value): SymbolicValue | undefined;
  /** Says what one window of a convolution leaves of an axis: see `WindowRooms`. */
  learnRoom(room: Dim): void;
  /** Whether an integer is never negative where the model runs. */
  readonly isSize: (value: Dim) => boolean;
  /** The attribute that a `reference` inside a function body stands for. */
  resolve(attribute: Attribute): Attribute | undefined;
  /**
   * What is known of a nested graph's outputs when its inputs have these types; records what is learnt of the values
   * inside.
   */
  inferBody(graph: Graph, inputs: readonly (ValueType | undefined)[]): readonly (ValueType | undefined)[];
}

/** One node as a rule sees it: its operands' types and small values, its attributes with their defaults. */
export class NodeCall {
  readonly node: Node;
  readonly schema: OperatorSchema;
  readonly context: InferContext;

  constructor(node: Node, schema: OperatorSchema, context: InferContext) {
    this.node = node;
    this.schema = schema;
    this.context = context;
  }

  /** The opset from which the node's version of the operator holds. */
  get since(): number {
    return this.schema.since;
  }

  /** Whether operand `index` is there. */
  has(index: number): boolean {
    return this.node.inputs[index] !== undefined;
  }

  type(index: number): ValueType | undefined {
    const value = this.node.inputs[index];
    return value === undefined ? undefined : this.context.typeOf(value);
  }

  dtype(index: number): DataType | undefined {
    return dtypeOf(this.type(index));
  }

  shape(index: number): Shape | undefined {
    return shapeOf(this.type(index));
  }

  /** The shapes of all operands; holes are left out. */
  shapes(): (Shape | undefined)[] {
    return this.node.inputs.flatMap((value) => (value === undefined ? [] : [shapeOf(this.context.typeOf(value))]));
  }

  value(index: number): SymbolicValue | undefined {
    const value = this.node.inputs[index];
    return value === undefined ? undefined : this.context.valueOf(value);
  }

  /**
   * The elements of a vector of integers: `undefined` where not even their number is known, all unknown where only
   * that is.
   */
  elements(index: number): readonly Dim[] | undefined {
    const value = this.value(index);
    if (value !== undefined) return value.elements;
    const shape = this.shape(index);
    const count = shape?.length === 0 ? 1 : shape?.length === 1 ? shape[0] : undefined;
    return typeof count === 'number' && count <= MAX_RANK ? new Array<Dim>(count).fill(undefined) : undefined;
  }

  /** The elements of a vector of integers if all of them are numbers. */
  numbers(index: number): readonly number[] | undefined {
    const elements = this.value(index)?.elements;
    return elements?.every((element) => typeof element === 'number') ? (elements as readonly number[]) : undefined;
  }

  /** The only element of operand `index`. */
  scalar(index: number): Dim {
    const elements = this.value(index)?.elements;
    return elements?.length === 1 ? elements[0] : undefined;
  }

  /** An attribute, or its default; references of function bodies are resolved. */
  attribute(name: string): Attribute | undefined {
    const given = this.node.attributes.get(name);
    const resolved = given === undefined ? undefined : this.context.resolve(given);
    if (resolved !== undefined) return resolved;
    const spec = this.schema.attributes.get(name);
    return spec === undefined ? undefined : defaultOf(spec);
  }

  int(name: string): number | undefined {
    const attribute = this.#of(name, 'int');
    return attribute === undefined ? undefined : Number(attribute.value);
  }

  ints(name: string): readonly number[] | undefined {
    return this.#of(name, 'ints')?.value.map(Number);
  }

  float(name: string): number | undefined {
    return this.#of(name, 'float')?.value;
  }

  floats(name: string): readonly number[] | undefined {
    return this.#of(name, 'floats')?.value;
  }

  text(name: string): string | undefined {
    const attribute = this.#of(name, 'string');
    return attribute === undefined ? undefined : UTF8.decode(attribute.value);
  }

  /** How many strings an attribute holds. */
  stringCount(name: string): number | undefined {
    return this.#of(name, 'strings')?.value.length;
  }

  tensor(name: string): Tensor | undefined {
    return this.#of(name, 'tensor')?.value;
  }

  graph(name: string): Graph | undefined {
    const attribute = this.attribute(name);
    return attribute === undefined ? undefined : graphsIn(attribute)[0];
  }

  #of<K extends AttributeKind>(name: string, kind: K): Extract<Attribute, { kind: K }> | undefined {
    const attribute = this.attribute(name);
    return attribute?.kind === kind ? (attribute as Extract<Attribute, { kind: K }>) : undefined;
  }
}

/** More dimensions than any operator takes; a longer shape vector is not worth a list. */
const MAX_RANK = 64;
