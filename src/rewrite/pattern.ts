import type { Attribute } from '../ir/attribute.ts';
import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';

/** A value whose elements are known. */
export type ConstantValue = Value & { readonly constant: Tensor };

/** What a pattern asks for, without its types; `match.ts` interprets it. */
export type PatternSpec =
  | { readonly kind: 'any'; readonly name: string }
  | { readonly kind: 'constant'; readonly name: string; readonly test?: (tensor: Tensor) => boolean }
  | { readonly kind: 'hole' }
  | { readonly kind: 'optional'; readonly inner: PatternSpec }
  | { readonly kind: 'any-of'; readonly alternatives: readonly PatternSpec[] }
  | NodeSpecPattern;

/** The part of a pattern that stands for a node. */
export interface NodeSpecPattern {
  readonly kind: 'node';
  readonly domain: string;
  readonly ops: readonly string[];
  readonly operands: readonly PatternSpec[];
  /** Whether operands beyond those of the pattern may be there. */
  readonly variadic: boolean;
  readonly tests: readonly ((node: Node) => boolean)[];
  /** The result that the pattern around it reads. */
  readonly result: number;
  /** Whether nodes outside the match may read its results; it then stays for them. */
  readonly shared: boolean;
  readonly capture: string | undefined;
}

/** A pattern of a value that captures `C` when it matches. */
export interface Pattern<C = unknown> {
  readonly spec: PatternSpec;
  /** Carries the type of the captures; never set. */
  readonly captures?: C;
}

/** A pattern of a node. Each method gives a new pattern. */
export interface NodePattern<C = unknown> extends Pattern<C> {
  readonly spec: NodeSpecPattern;
  /** Captures the node itself. */
  as<const N extends string>(name: N): NodePattern<C & Readonly<Record<N, Node>>>;
  /** Asks for more of the node; `test` must be pure. */
  where(test: (node: Node) => boolean): NodePattern<C>;
  /** Asks for more of one attribute, which is `undefined` where the node does not give it. */
  attribute(name: string, test: (attribute: Attribute | undefined) => boolean): NodePattern<C>;
  /** Means result `index` of the node instead of the first. */
  output(index: number): NodePattern<C>;
  /** Lets nodes outside the match read the node's results: it then stays for them. */
  shared(): NodePattern<C>;
  /** Allows operands beyond those of the pattern. */
  variadic(): NodePattern<C>;
}

type CapturesOf<P> = P extends Pattern<infer C> ? C : never;
type AllOf<Ps> = Ps extends readonly [infer First, ...infer Rest] ? CapturesOf<First> & AllOf<Rest> : unknown;
type KeysOfUnion<U> = U extends unknown ? keyof U : never;
type OneOf<U> = { readonly [K in keyof U]: U[K] } & {
  readonly [K in Exclude<KeysOfUnion<U>, keyof U>]?: (U extends Readonly<Record<K, infer V>> ? V : never) | undefined;
};

/** Any present value. A name that is captured twice stands for the same value both times. */
export function v<const N extends string>(name: N): Pattern<Readonly<Record<N, Value>>> {
  return { spec: { kind: 'any', name } };
}

/** A value whose elements are known; `test` must be pure. */
export function constant<const N extends string>(
  name: N,
  test?: (tensor: Tensor) => boolean,
): Pattern<Readonly<Record<N, ConstantValue>>> {
  return { spec: { kind: 'constant', name, ...(test && { test }) } };
}

/** An absent operand. */
export function hole(): Pattern<unknown> {
  return { spec: { kind: 'hole' } };
}

/** An operand that may be absent; what it captures is then `undefined`. */
export function optional<C>(pattern: Pattern<C>): Pattern<{ readonly [K in keyof C]: C[K] | undefined }> {
  return { spec: { kind: 'optional', inner: pattern.spec } };
}

/** The first of several patterns that matches and whose match the rule does not reject. */
export function anyOf<const Ps extends readonly Pattern[]>(...patterns: Ps): Pattern<OneOf<CapturesOf<Ps[number]>>> {
  return { spec: { kind: 'any-of', alternatives: patterns.map((pattern) => pattern.spec) } };
}

/**
 * A node of ai.onnx with these operands, or one of several operators. Operands beyond the pattern's must be absent
 * unless `variadic` is said. Operators with the trait `commutative` match with their first two operands either way.
 * A node with an attribute that refers to its function's attribute never matches: its value is not known.
 */
export function op<const Ps extends readonly Pattern[]>(
  name: string | readonly string[],
  ...operands: Ps
): NodePattern<AllOf<Ps>> {
  return opIn('', name, ...operands);
}

/** As `op`, in another domain. */
export function opIn<const Ps extends readonly Pattern[]>(
  domain: string,
  name: string | readonly string[],
  ...operands: Ps
): NodePattern<AllOf<Ps>> {
  return nodePattern({
    kind: 'node',
    domain,
    ops: typeof name === 'string' ? [name] : name,
    operands: operands.map((operand) => operand.spec),
    variadic: false,
    tests: [],
    result: 0,
    shared: false,
    capture: undefined,
  });
}

/** How many nodes lie on the longest way through a pattern. */
export function depthOf(spec: PatternSpec): number {
  switch (spec.kind) {
    case 'any':
    case 'constant':
    case 'hole':
      return 0;
    case 'optional':
      return depthOf(spec.inner);
    case 'any-of':
      return Math.max(0, ...spec.alternatives.map(depthOf));
    case 'node':
      return 1 + Math.max(0, ...spec.operands.map(depthOf));
  }
}

function nodePattern<C>(spec: NodeSpecPattern): NodePattern<C> {
  const test = (added: (node: Node) => boolean) => nodePattern<C>({ ...spec, tests: [...spec.tests, added] });
  return {
    spec,
    as: (name) => nodePattern({ ...spec, capture: name }),
    where: test,
    attribute: (name, check) => test((node) => check(node.attributes.get(name))),
    output: (index) => nodePattern({ ...spec, result: index }),
    shared: () => nodePattern({ ...spec, shared: true }),
    variadic: () => nodePattern({ ...spec, variadic: true }),
  };
}
