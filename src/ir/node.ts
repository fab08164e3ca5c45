import type { Attribute } from './attribute.ts';
import type { Extra } from './extra.ts';
import type { Graph } from './graph.ts';
import { isUnused, type Value } from './value.ts';
import type { ValueType } from './value-type.ts';

/** Where a node came from: the names of the source nodes it replaces and the passes or rules that made it. */
export interface Origin {
  readonly nodes: readonly string[];
  readonly rules: readonly string[];
}

/**
 * One operation. Optional operands and results that are absent are holes (`undefined`). Only the mutators of `Graph`
 * write to it.
 */
export interface Node {
  /** The graph it stands in; `undefined` once erased. */
  readonly graph: Graph | undefined;
  /** `''` is ai.onnx. */
  readonly domain: string;
  readonly op: string;
  /** Which of several functions of the same name is called (ONNX IR 10); usually `''`. */
  readonly overload: string;
  readonly name: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly (Value | undefined)[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly origin: Origin;
  readonly extra: Extra | undefined;
}

/** One result of a node that is to be made. */
export interface OutputSpec {
  readonly name?: string;
  readonly type?: ValueType | undefined;
  readonly declared?: ValueType | undefined;
  readonly extra?: Extra | undefined;
}

/** A node that is to be made. */
export interface NodeSpec {
  readonly op: string;
  readonly domain?: string;
  readonly overload?: string;
  readonly name?: string;
  readonly inputs: readonly (Value | undefined)[];
  /** One entry per result, `undefined` for a hole. Default: one unnamed result. */
  readonly outputs?: readonly (OutputSpec | undefined)[];
  readonly attributes?: Readonly<Record<string, Attribute>> | ReadonlyMap<string, Attribute>;
  readonly origin?: Origin;
  readonly extra?: Extra | undefined;
}

/** Whether a node is the operator `op` of ai.onnx, or one of several. */
export function isOp(node: Node | undefined, ...ops: readonly string[]): node is Node {
  return node !== undefined && node.domain === '' && ops.includes(node.op);
}

/** Whether only the first result is read, so that the node can go with it; damaged files have results that operators do not give. */
export function hasOneResult({ outputs }: Node): boolean {
  return outputs.every((value, index) => index === 0 || value === undefined || isUnused(value));
}

/** The name that messages call a node by: its own, or its operator and first result. */
export function describeNode(node: Node): string {
  const operator = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
  const label = node.name !== '' ? node.name : (node.outputs.find((value) => value !== undefined)?.name ?? '');
  return label === '' ? operator : `${operator} '${label}'`;
}
