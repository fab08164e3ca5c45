import { Graph } from '../src/ir/graph.ts';
import { isOp, type Node, type OutputSpec } from '../src/ir/node.ts';
import type { Value } from '../src/ir/value.ts';
import { enclosing } from '../src/ir/walk.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { copyBranch, movableBranch } from '../src/rewrite/copy-branch.ts';

const BRANCHES = ['then_branch', 'else_branch'] as const;

/**
 * Makes one If of two that depend on the same condition, in the place of the second, where no node between them reads
 * what the first gives.
 */
export const fuseIfs = definePass({
  name: 'fuse-ifs',
  summary: 'Merge Ifs that depend on the same condition',
  effect: 'exact',
  options: {},
  run(graph, { count }) {
    const earlier = new Map<Value, Node>();
    for (const node of graph.nodes()) {
      const condition = isOp(node, 'If') ? node.inputs[0] : undefined;
      if (condition === undefined || !hasPlainBranches(node)) continue;
      const first = earlier.get(condition);
      const merged = first !== undefined && mayMove(graph, first, node) ? merge(graph, first, node) : undefined;
      if (merged !== undefined) count('Ifs merged');
      earlier.set(condition, merged ?? node);
    }
  },
});

function hasPlainBranches(node: Node): boolean {
  return BRANCHES.every((name) => movableBranch(node, name) !== undefined);
}

function branchOf(node: Node, name: (typeof BRANCHES)[number]): Graph {
  const branch = node.attributes.get(name);
  if (branch?.kind !== 'graph') throw new TypeError(`the If has no ${name}`);
  return branch.value;
}

/** Whether everything that reads what `first` gives stands behind `second` or in it. */
function mayMove(graph: Graph, first: Node, second: Node): boolean {
  const between = new Set<Node>();
  let inside = false;
  for (const node of graph.nodes()) {
    if (node === second) break;
    if (inside) between.add(node);
    inside ||= node === first;
  }
  return first.outputs.every((value) => {
    if (value === undefined) return true;
    const readers = [...value.uses].map(({ node }) => topmost(graph, node));
    // A nested graph that gives the value as it is cannot be told from its uses.
    const own = graph.outputs.filter((output) => output.value === value).length;
    const ofSecond = BRANCHES.flatMap((name) => branchOf(second, name).outputs).filter(
      (output) => output.value === value,
    );
    return (
      value.outputCount === own + ofSecond.length && readers.every((node) => node !== undefined && !between.has(node))
    );
  });
}

/** The node of `graph` that `node` is or lies in. */
function topmost(graph: Graph, node: Node): Node | undefined {
  let at: Node | undefined = node;
  for (const around of node.graph === undefined ? [] : enclosing(node.graph)) {
    if (around === graph) return at;
    at = around.owner;
  }
  return undefined;
}

function merge(graph: Graph, first: Node, second: Node): Node {
  // What only the second reads need not leave the branches.
  const kept = first.outputs.map((value) => value !== undefined && isReadBeside(graph, value, second));
  const results = [...first.outputs.filter((_, index) => kept[index]), ...second.outputs];
  const [then, otherwise] = BRANCHES.map((name) => joined(first, second, name, kept));
  const merged = graph.insertBefore(second, {
    op: 'If',
    name: second.name,
    inputs: second.inputs,
    attributes: { then_branch: { kind: 'graph', value: then! }, else_branch: { kind: 'graph', value: otherwise! } },
    outputs: results.map(
      (value): OutputSpec | undefined => value && { name: value.name, type: value.type, declared: value.declared },
    ),
    origin: { nodes: [first.name, second.name], rules: ['fuse-ifs'] },
  });
  for (const [index, value] of results.entries()) {
    if (value !== undefined) graph.replaceAllUses(value, merged.outputs[index]!, { outputs: true });
  }
  graph.erase(second);
  graph.erase(first);
  return merged;
}

/** Whether anything but `second` and what lies in it reads a value. */
function isReadBeside(graph: Graph, value: Value, second: Node): boolean {
  if (graph.outputs.some((output) => output.value === value)) return true;
  return [...value.uses].some(({ node }) => topmost(graph, node) !== second);
}

/** Both branches one after the other; the second reads the results of the first directly. */
function joined(first: Node, second: Node, name: (typeof BRANCHES)[number], kept: readonly boolean[]): Graph {
  const [a, b] = [branchOf(first, name), branchOf(second, name)];
  const graph = new Graph(b.name);
  const values = new Map<Value, Value>();
  copyBranch(a, graph, values);
  for (const [index, value] of first.outputs.entries()) {
    const result = a.outputs[index]!.value;
    if (value !== undefined) values.set(value, values.get(result) ?? result);
  }
  copyBranch(b, graph, values);
  const names = new Set<string>();
  for (const { value, name: wanted, declared, extra } of [
    ...a.outputs.filter((_, index) => kept[index]),
    ...b.outputs,
  ]) {
    let name = wanted;
    for (let i = 1; names.has(name); i++) name = `${wanted}_${i}`;
    names.add(name);
    graph.addOutput(values.get(value) ?? value, name, { declared, extra });
  }
  return graph;
}
