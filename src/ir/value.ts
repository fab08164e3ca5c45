import type { Extra } from './extra.ts';
import type { Graph } from './graph.ts';
import type { Node } from './node.ts';
import type { SparseTensor, Tensor } from './tensor.ts';
import type { ValueType } from './value-type.ts';

/** One operand slot that reads a value. */
export interface Use {
  readonly node: Node;
  readonly index: number;
}

/**
 * An edge of the graph: a graph input, a constant, or what a node computes. Its identity is the object; `name` is a
 * label, made unique when the graph is written. Only the mutators of `Graph` write to it.
 */
export interface Value {
  /** The graph that defines it; nodes of subgraphs inside that graph may use it too. */
  readonly graph: Graph;
  readonly name: string;
  /** What is proven of its type: given for graph inputs and constants, inferred for the rest. */
  readonly type: ValueType | undefined;
  /** What the file claims of its type (`value_info`). Files lie; no pass may rely on it. */
  readonly declared: ValueType | undefined;
  /** Its elements, if nothing can change them at run time. */
  readonly constant: Tensor | undefined;
  /**
   * The elements that it starts from although they may be replaced: a graph input's default (ONNX IR 4 and later), or a
   * weight that the model's own training graph updates. Not a constant.
   */
  readonly initial: Tensor | undefined;
  /** A constant in sparse form; opaque to all passes. */
  readonly sparse: SparseTensor | undefined;
  readonly producer: Node | undefined;
  readonly uses: ReadonlySet<Use>;
  readonly isInput: boolean;
  /** How many outputs of its graph, or of subgraphs inside it, this value is. */
  readonly outputCount: number;
  /** How many quantization annotations of its graph name this value as a parameter. */
  readonly heldCount: number;
  readonly extra: Extra | undefined;
}

/** A graph output: a place with a fixed name and declared type, and the value that stands in it. */
export interface GraphOutput {
  readonly name: string;
  readonly declared: ValueType | undefined;
  readonly value: Value;
  readonly extra: Extra | undefined;
}

/** Whether nothing refers to the value: no operand slot, no graph output and no annotation. */
export function isUnused(value: Value): boolean {
  return value.uses.size === 0 && value.outputCount === 0 && value.heldCount === 0;
}

/** The only use of a value, if it has exactly one and is no graph output. */
export function soleUse(value: Value | undefined): Use | undefined {
  if (value === undefined || value.uses.size !== 1 || value.outputCount > 0) return undefined;
  return value.uses.values().next().value;
}
