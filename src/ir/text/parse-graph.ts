import type { Attribute } from '../attribute.ts';
import { Graph } from '../graph.ts';
import type { NodeSpec, OutputSpec } from '../node.ts';
import type { Value } from '../value.ts';
import type { ValueType } from '../value-type.ts';
import { parseAttribute } from './parse-attribute.ts';
import type { TextCursor } from './parse-cursor.ts';
import { parseElements, parseSparseParts } from './parse-tensor.ts';
import { MAX_TEXT_DEPTH, parseQualified, parseType, seesType } from './parse-type.ts';

/** The names that a graph can see: its own and, behind them, those of the graphs around it. */
interface Scope {
  readonly values: Map<string, Value>;
  readonly outer: Scope | undefined;
  readonly depth: number;
}

/** A graph with its name. Operands must be defined before they are used. */
export function parseGraphText(cursor: TextCursor): Graph {
  return parseGraph(cursor, undefined);
}

/** A graph after its name; see `printGraphBody`. */
export function parseGraphBody(cursor: TextCursor, graph: Graph): void {
  parseBody(cursor, graph, { values: new Map(), outer: undefined, depth: 0 });
}

function parseGraph(cursor: TextCursor, outer: Scope | undefined): Graph {
  const depth = outer === undefined ? 0 : outer.depth + 1;
  if (depth > MAX_TEXT_DEPTH) cursor.fail(`graphs are nested deeper than ${MAX_TEXT_DEPTH}`);
  const graph = new Graph(cursor.name());
  parseBody(cursor, graph, { values: new Map(), outer, depth });
  return graph;
}

function parseBody(cursor: TextCursor, graph: Graph, scope: Scope): void {
  cursor.expect('(');
  for (const value of cursor.list(')', () => parseInput(cursor, graph))) define(cursor, scope, value);
  cursor.expect('=>');
  cursor.expect('(');
  const slots = cursor.list(')', () => parseSlot(cursor));
  const claims = parseConstants(cursor, graph, scope);
  cursor.expect('{');
  while (!cursor.takes('}')) parseNode(cursor, graph, scope, claims);
  for (const { name, from, declared } of slots) {
    const value = lookup(scope, from) ?? cursor.fail(`the output '${from}' of the graph before this is not defined`);
    graph.addOutput(value, name, { declared });
  }
}

function parseInput(cursor: TextCursor, graph: Graph): Value {
  const type = seesType(cursor) ? parseType(cursor) : undefined;
  const name = cursor.name();
  if (!cursor.takes('=')) return graph.addInput(name, type);
  return graph.addInput(name, type, { initial: parseElements(cursor, type ?? cursor.fail(`'${name}' needs a type`)) });
}

function parseSlot(cursor: TextCursor): {
  readonly name: string;
  readonly from: string;
  readonly declared: ValueType | undefined;
} {
  const declared = seesType(cursor) ? parseType(cursor) : undefined;
  const name = cursor.name();
  return { name, from: cursor.takes('=') ? cursor.name() : name, declared };
}

/** The list of constants, which are added, and of types, which are the answer. */
function parseConstants(cursor: TextCursor, graph: Graph, scope: Scope): Map<string, ValueType> {
  const claims = new Map<string, ValueType>();
  if (!cursor.takes('<')) return claims;
  cursor.list('>', () => {
    const updatable = cursor.word === 'updatable' && cursor.takes('updatable');
    const type = seesType(cursor) ? parseType(cursor) : cursor.fail('expected a type');
    const name = cursor.name();
    if (!cursor.takes('=')) claims.set(name, type);
    else if (type.kind === 'sparse-tensor')
      define(cursor, scope, graph.addSparseConstant(parseSparseParts(cursor, type), name));
    else define(cursor, scope, graph.addConstant(parseElements(cursor, type), name, { updatable }));
  });
  for (const value of graph.constants()) if (claims.has(value.name)) graph.setDeclared(value, claims.get(value.name));
  return claims;
}

function parseNode(cursor: TextCursor, graph: Graph, scope: Scope, claims: ReadonlyMap<string, ValueType>): void {
  const name = cursor.takes('[') ? cursor.name() : '';
  if (name !== '') cursor.expect(']');
  const outputs = cursor
    .list('=', () => cursor.name())
    .map((output) => (output === '' ? undefined : outputSpec(output, claims)));
  const operator = parseQualified(cursor);
  const split = operator.lastIndexOf('.');
  const overload = cursor.takes(':') ? cursor.name() : '';
  const attributes = new Map<string, Attribute>();
  parseAttributes(cursor, scope, attributes);
  cursor.expect('(');
  const inputs = cursor.list(')', () => {
    const operand = cursor.sees(',') || cursor.sees(')') ? '' : cursor.name();
    if (operand === '') return undefined;
    return lookup(scope, operand) ?? cursor.fail(`'${operand}', before this, is not defined`);
  });
  if (attributes.size === 0) parseAttributes(cursor, scope, attributes);
  const domain = split < 0 ? '' : operator.slice(0, split);
  const spec: NodeSpec = {
    op: operator.slice(split + 1),
    domain: domain === 'ai.onnx' ? '' : domain,
    overload,
    name,
    inputs,
    outputs,
    attributes,
  };
  for (const value of graph.append(spec).outputs) if (value !== undefined) define(cursor, scope, value);
}

function outputSpec(name: string, claims: ReadonlyMap<string, ValueType>): OutputSpec {
  const declared = claims.get(name);
  return declared === undefined ? { name } : { name, declared };
}

function parseAttributes(cursor: TextCursor, scope: Scope, attributes: Map<string, Attribute>): void {
  if (!cursor.takes('<')) return;
  cursor.list('>', () => {
    const name = cursor.name();
    attributes.set(
      name,
      parseAttribute(cursor, () => parseGraph(cursor, scope)),
    );
  });
}

function define(cursor: TextCursor, scope: Scope, value: Value): void {
  if (scope.values.has(value.name)) cursor.fail(`'${value.name}', before this, is defined twice`);
  scope.values.set(value.name, value);
}

function lookup(scope: Scope, name: string): Value | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const value = at.values.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}
