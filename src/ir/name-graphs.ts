import type { Graph } from './graph.ts';
import type { Node } from './node.ts';
import type { Value } from './value.ts';
import { graphsWithin } from './walk.ts';

/** A graph output whose value has another name: it is written as the result of an Identity. */
export interface Bridge {
  readonly from: Value;
  readonly name: string;
}

/** The names under which one graph is written. */
export interface GraphNames {
  /** Of every value that the graph and those inside it use. */
  readonly values: ReadonlyMap<Value, string>;
  /** Of the outputs in order; those of the outermost graph are the names of its interface. */
  readonly outputs: readonly string[];
  readonly bridges: readonly Bridge[];
  readonly nodes: ReadonlyMap<Node, string>;
}

/**
 * Names every value of a graph and of the graphs inside it, so that each name leads to one value wherever it is used.
 *
 * Graph inputs and outputs keep their names. A value that stands in an output carries the output's name where it can.
 * Other values keep theirs unless it is empty or taken, in their graph or one around it: ONNX allows no name to be hidden,
 * and ONNX Runtime refuses it. New names are made from the producing operator and a number. The same model always gets the
 * same names.
 */
export function nameGraphs(root: Graph): ReadonlyMap<Graph, GraphNames> {
  const graphs = [...graphsWithin(root)];
  const everywhere: NamesInUse = { names: new Set(), next: new Map() };
  for (const graph of graphs) for (const name of namesIn(graph)) everywhere.names.add(name);
  const values = new Map<Value, string>();
  const named = new Map<Graph, GraphNames>();
  const scopes = new Map<Graph, Scope>();
  // Outer graphs come first, so what a graph captures has its name already.
  for (const graph of graphs) {
    const around = graph.owner?.graph;
    const scope: Scope = { own: new Set(), outer: around && scopes.get(around) };
    scopes.set(graph, scope);
    named.set(graph, nameGraph(graph, values, scope, everywhere));
  }
  return named;
}

/** All names of a model, and for each base the number to try next. */
interface NamesInUse {
  readonly names: Set<string>;
  readonly next: Map<string, number>;
}

/** The names given in one graph and, behind them, those given in the graphs around it. */
interface Scope {
  readonly own: Set<string>;
  readonly outer: Scope | undefined;
}

function nameGraph(graph: Graph, values: Map<Value, string>, scope: Scope, everywhere: NamesInUse): GraphNames {
  const give = (value: Value, name: string) => {
    values.set(value, name);
    scope.own.add(name);
  };
  const free = (name: string, base: string) =>
    name === '' || isTaken(scope, name) ? freshName(name || base, everywhere) : name;
  for (const input of graph.inputs) give(input, free(input.name, 'input'));

  const outputs: (string | undefined)[] = graph.outputs.map(() => undefined);
  const bridges: Bridge[] = [];
  for (const [index, { name, value }] of graph.outputs.entries()) {
    const own = value.graph === graph && !value.isInput && !values.has(value) && !isTaken(scope, name);
    if (value.name === name && name !== '' && own) give(value, name);
    if (values.get(value) === name) outputs[index] = name;
  }
  for (const [index, { name, value }] of graph.outputs.entries()) {
    if (outputs[index] !== undefined) continue;
    const wanted = free(name, 'output');
    outputs[index] = wanted;
    if (value.graph === graph && !value.isInput && !values.has(value)) give(value, wanted);
    else {
      bridges.push({ from: value, name: wanted });
      scope.own.add(wanted);
    }
  }

  const nodes = new Map<Node, string>();
  const nodeNames: NamesInUse = { names: new Set(), next: new Map() };
  const rest = (value: Value, base: string) => {
    if (!values.has(value)) give(value, free(value.name, base));
  };
  for (const constant of graph.constants()) rest(constant, 'constant');
  for (const node of graph.nodes()) {
    for (const output of node.outputs) if (output !== undefined) rest(output, node.op.toLowerCase());
    nodes.set(node, node.name === '' ? '' : freshUnlessFree(node.name, nodeNames));
  }
  return { values, outputs: outputs as string[], bridges, nodes };
}

function isTaken(scope: Scope, name: string): boolean {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) if (at.own.has(name)) return true;
  return false;
}

function* namesIn(graph: Graph): Generator<string, void, undefined> {
  for (const { name } of graph.inputs) yield name;
  for (const { name } of graph.constants()) yield name;
  for (const { name } of graph.outputs) yield name;
  for (const node of graph.nodes()) for (const output of node.outputs) if (output !== undefined) yield output.name;
}

function freshUnlessFree(name: string, used: NamesInUse): string {
  if (used.names.has(name)) return freshName(name, used);
  used.names.add(name);
  return name;
}

/** A name that nothing in the model has: the base with the first number that is free. */
function freshName(base: string, everywhere: NamesInUse): string {
  for (let number = everywhere.next.get(base) ?? 1; ; number++) {
    const name = `${base}_${number}`;
    if (everywhere.names.has(name)) continue;
    everywhere.next.set(base, number + 1);
    everywhere.names.add(name);
    return name;
  }
}
