import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { hasTrait } from '../ops/traits.ts';
import type { NodeSpecPattern, PatternSpec } from './pattern.ts';

/** One way in which a pattern fits a node. */
export interface Match {
  readonly root: Node;
  readonly captures: ReadonlyMap<string, Value | Node | undefined>;
  /** The nodes that the pattern names below the root, nearest first, each with whether others may read it. */
  readonly interior: ReadonlyMap<Node, { readonly shared: boolean }>;
}

/** Every way in which a pattern fits a node, in a fixed order. Pure. */
export function matches(pattern: NodeSpecPattern, root: Node): Generator<Match, void, undefined> {
  return matchNode(pattern, root, { root, captures: new Map(), interior: new Map() });
}

/** Whether the operators of a pattern stand where it wants them: what rules out most nodes, without a trace of a match. */
export function mayFit(pattern: NodeSpecPattern, node: Node): boolean {
  if (node.domain !== pattern.domain || !pattern.ops.includes(node.op)) return false;
  const { operands } = pattern;
  const { inputs } = node;
  if (operands.every((operand, index) => mayFitValue(operand, inputs[index]))) return true;
  if (operands.length < 2 || !hasTrait(node, 'commutative')) return false;
  return operands.every((operand, index) => mayFitValue(operand, inputs[index < 2 ? 1 - index : index]));
}

function mayFitValue(pattern: PatternSpec, value: Value | undefined): boolean {
  switch (pattern.kind) {
    case 'any':
      return value !== undefined;
    case 'constant':
      return value?.constant !== undefined;
    case 'hole':
      return value === undefined;
    case 'optional':
      return value === undefined || mayFitValue(pattern.inner, value);
    case 'any-of':
      return pattern.alternatives.some((alternative) => mayFitValue(alternative, value));
    case 'node':
      return value?.producer !== undefined && mayFit(pattern, value.producer);
  }
}

/** Whether an attribute of the node stands for one of the function around it, so that its value is not known. */
export function hasAttributeReference(node: Node): boolean {
  for (const attribute of node.attributes.values()) if (attribute.kind === 'reference') return true;
  return false;
}

function* matchNode(pattern: NodeSpecPattern, node: Node, sofar: Match): Generator<Match, void, undefined> {
  if (node.domain !== pattern.domain || !pattern.ops.includes(node.op)) return;
  if (!pattern.variadic && node.inputs.some((value, index) => value !== undefined && index >= pattern.operands.length))
    return;
  if (hasAttributeReference(node) || !pattern.tests.every((test) => test(node))) return;
  const captured = pattern.capture === undefined ? sofar : capture(sofar, pattern.capture, node);
  if (captured === undefined) return;
  yield* matchOperands(pattern.operands, node.inputs, 0, captured);
  if (pattern.operands.length >= 2 && hasTrait(node, 'commutative')) {
    const [first, second, ...rest] = node.inputs;
    if (first !== second) yield* matchOperands(pattern.operands, [second, first, ...rest], 0, captured);
  }
}

function* matchOperands(
  patterns: readonly PatternSpec[],
  operands: readonly (Value | undefined)[],
  index: number,
  sofar: Match,
): Generator<Match, void, undefined> {
  const pattern = patterns[index];
  if (pattern === undefined) {
    yield sofar;
    return;
  }
  for (const found of matchValue(pattern, operands[index], sofar))
    yield* matchOperands(patterns, operands, index + 1, found);
}

function* matchValue(pattern: PatternSpec, value: Value | undefined, sofar: Match): Generator<Match, void, undefined> {
  switch (pattern.kind) {
    case 'any': {
      const found = value === undefined ? undefined : capture(sofar, pattern.name, value);
      if (found !== undefined) yield found;
      return;
    }
    case 'constant': {
      if (value?.constant === undefined || pattern.test?.(value.constant) === false) return;
      const found = capture(sofar, pattern.name, value);
      if (found !== undefined) yield found;
      return;
    }
    case 'hole':
      if (value === undefined) yield sofar;
      return;
    case 'optional': {
      if (value !== undefined) yield* matchValue(pattern.inner, value, sofar);
      else yield captureAbsent(sofar, pattern.inner);
      return;
    }
    case 'any-of':
      for (const alternative of pattern.alternatives) yield* matchValue(alternative, value, sofar);
      return;
    case 'node': {
      const node = value?.producer;
      if (node === undefined || node.outputs[pattern.result] !== value || node.graph !== sofar.root.graph) return;
      const known = sofar.interior.get(node);
      const shared = pattern.shared && known?.shared !== false;
      const interior = new Map(sofar.interior).set(node, { shared });
      yield* matchNode(pattern, node, { ...sofar, interior });
      return;
    }
  }
}

/** The match with one more capture; none where the name already stands for something else. */
function capture(sofar: Match, name: string, captured: Value | Node): Match | undefined {
  if (sofar.captures.has(name)) return sofar.captures.get(name) === captured ? sofar : undefined;
  return { ...sofar, captures: new Map(sofar.captures).set(name, captured) };
}

function captureAbsent(sofar: Match, pattern: PatternSpec): Match {
  const captures = new Map(sofar.captures);
  for (const name of captureNames(pattern)) if (!captures.has(name)) captures.set(name, undefined);
  return { ...sofar, captures };
}

function captureNames(pattern: PatternSpec): readonly string[] {
  switch (pattern.kind) {
    case 'any':
    case 'constant':
      return [pattern.name];
    case 'hole':
      return [];
    case 'optional':
      return captureNames(pattern.inner);
    case 'any-of':
      return pattern.alternatives.flatMap(captureNames);
    case 'node':
      return [...(pattern.capture === undefined ? [] : [pattern.capture]), ...pattern.operands.flatMap(captureNames)];
  }
}
