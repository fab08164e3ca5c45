import type { AttributeKind } from '../../ir/attribute.ts';

/** What an operator's version says of one operand or result. */
export interface Parameter {
  readonly name: string;
  /** A type variable of `typeConstraints`, or a type as text (`int64`, `seq(float32)`). */
  readonly type: string;
  /** `variadic` stands for any number of operands, and only in the last place. */
  readonly option: 'single' | 'optional' | 'variadic';
  /** Of a variadic parameter: whether all its operands have the same type. */
  readonly homogeneous: boolean;
  /** Of a variadic parameter: how many operands there are at least. */
  readonly minArity: number;
}

/** What an attribute holds when a node does not give it. */
export type AttributeDefault = number | string | readonly number[] | readonly string[];

/** What an operator's version says of one attribute. */
export interface AttributeSpec {
  readonly name: string;
  readonly kind: AttributeKind;
  readonly required: boolean;
  readonly default: AttributeDefault | undefined;
}

/** One version of an operator: what a node that follows it may look like. Facts of the ONNX standard, no behaviour. */
export interface OperatorSchema {
  /** `''` is ai.onnx. */
  readonly domain: string;
  readonly op: string;
  /** The first opset of the domain in which this version holds. */
  readonly since: number;
  /** From `since` on the operator may no longer be used. */
  readonly deprecated: boolean;
  readonly inputs: readonly Parameter[];
  readonly outputs: readonly Parameter[];
  readonly attributes: ReadonlyMap<string, AttributeSpec>;
  /** The types that each type variable may stand for, as text (`float32`, `seq(float32)`). */
  readonly typeConstraints: ReadonlyMap<string, readonly string[]>;
  /** Whether the operator itself draws no random numbers. Subgraphs are another matter: see `isDeterministic`. */
  readonly deterministic: boolean;
  /** Whether the standard defines it as a function of other operators. */
  readonly isFunction: boolean;
}
