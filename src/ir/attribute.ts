import type { Extra } from './extra.ts';
import type { Graph } from './graph.ts';
import type { Node } from './node.ts';
import type { SparseTensor, Tensor } from './tensor.ts';
import type { ValueType } from './value-type.ts';

/**
 * The value of an attribute, after ONNX's `AttributeProto`. Integers are bigints because INT64_MIN and INT64_MAX are
 * used as sentinels; strings are bytes because files hold ones that are not UTF-8. A `reference` stands in a function
 * body for the attribute of that name of the calling node.
 */
export type AttributeValue =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'string'; readonly value: Uint8Array }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'graph'; readonly value: Graph }
  | { readonly kind: 'sparse-tensor'; readonly value: SparseTensor }
  | { readonly kind: 'type'; readonly value: ValueType }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'ints'; readonly value: readonly bigint[] }
  | { readonly kind: 'strings'; readonly value: readonly Uint8Array[] }
  | { readonly kind: 'tensors'; readonly value: readonly Tensor[] }
  | { readonly kind: 'graphs'; readonly value: readonly Graph[] }
  | { readonly kind: 'sparse-tensors'; readonly value: readonly SparseTensor[] }
  | { readonly kind: 'types'; readonly value: readonly ValueType[] }
  | { readonly kind: 'reference'; readonly value: string; readonly of: Exclude<AttributeKind, 'reference'> };

export type AttributeKind =
  | 'float'
  | 'int'
  | 'string'
  | 'tensor'
  | 'graph'
  | 'sparse-tensor'
  | 'type'
  | 'floats'
  | 'ints'
  | 'strings'
  | 'tensors'
  | 'graphs'
  | 'sparse-tensors'
  | 'types'
  | 'reference';

/** An attribute as a node holds it under its name. */
export type Attribute = AttributeValue & { readonly extra?: Extra };

export function int(value: number | bigint): Attribute {
  return { kind: 'int', value: BigInt(value) };
}

export function ints(values: readonly (number | bigint)[]): Attribute {
  return { kind: 'ints', value: values.map(BigInt) };
}

/** A float attribute; rounded to 32 bits, as the file format stores it. */
export function float(value: number): Attribute {
  return { kind: 'float', value: Math.fround(value) };
}

export function floats(values: readonly number[]): Attribute {
  return { kind: 'floats', value: values.map(Math.fround) };
}

export function text(value: string): Attribute {
  return { kind: 'string', value: new TextEncoder().encode(value) };
}

/** The integer attribute `name` as a number; INT64 sentinels become the nearest double, which clamps as they do. */
export function intOf(node: Node, name: string): number | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'int' ? Number(attribute.value) : undefined;
}

export function intsOf(node: Node, name: string): number[] | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'ints' ? attribute.value.map(Number) : undefined;
}

export function floatOf(node: Node, name: string): number | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'float' ? attribute.value : undefined;
}

export function floatsOf(node: Node, name: string): readonly number[] | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'floats' ? attribute.value : undefined;
}

export function textOf(node: Node, name: string): string | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'string'
    ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(attribute.value)
    : undefined;
}

export function tensorOf(node: Node, name: string): Tensor | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'tensor' ? attribute.value : undefined;
}

/** The subgraphs that an attribute holds; none for any other kind. */
export function graphsIn(attribute: Attribute): readonly Graph[] {
  if (attribute.kind === 'graph') return [attribute.value];
  return attribute.kind === 'graphs' ? attribute.value : [];
}
