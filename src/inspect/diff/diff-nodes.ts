import { createHash } from 'node:crypto';
import { type AttributeValue, graphsIn } from '../../ir/attribute.ts';
import { equalData } from '../../ir/equal-data.ts';
import { differenceOfGraphs } from '../../ir/equal-models.ts';
import type { Graph } from '../../ir/graph.ts';
import type { Node } from '../../ir/node.ts';
import { tensorBytes } from '../../ir/tensor.ts';
import type { Value } from '../../ir/value.ts';
import type { NodeDiff } from './model-diff.ts';

/** Pairs the nodes of two graphs by the name of what they compute first, and tells which are not the same. */
export function diffNodes(a: Graph, b: Graph): NodeDiff {
  const others = new Map(Array.from(b.nodes(), (node) => [nameOf(node), node]));
  const changed: NodeDiff['changed'][number][] = [];
  const onlyA: string[] = [];
  let same = 0;
  for (const node of a.nodes()) {
    const name = nameOf(node);
    const other = others.get(name);
    others.delete(name);
    if (other === undefined) onlyA.push(`${node.op} ${name}`);
    else if (sameNode(node, other)) same++;
    else changed.push({ value: name, a: callOf(node), b: callOf(other) });
  }
  return { same, changed, onlyA, onlyB: Array.from(others, ([name, node]) => `${node.op} ${name}`) };
}

function nameOf(node: Node): string {
  return node.outputs.find((value) => value !== undefined)?.name ?? node.name;
}

/** A node as a call: `Conv(x, float32[16,3,3,3], b)`. */
function callOf({ domain, op, inputs }: Node): string {
  const operands = inputs.map((value) => {
    if (value === undefined) return '';
    return value.constant === undefined ? value.name : `${value.constant.dtype}[${value.constant.dims.join(',')}]`;
  });
  return `${domain === '' ? '' : `${domain}.`}${op}(${operands.join(', ')})`;
}

function sameNode(a: Node, b: Node): boolean {
  if (a.domain !== b.domain || a.op !== b.op || a.overload !== b.overload) return false;
  if (a.inputs.length !== b.inputs.length || a.outputs.length !== b.outputs.length) return false;
  if (a.attributes.size !== b.attributes.size) return false;
  if (!a.inputs.every((value, i) => operandKey(value) === operandKey(b.inputs[i]))) return false;
  return [...a.attributes].every(([name, value]) => sameAttribute(value, b.attributes.get(name)));
}

function sameAttribute(a: AttributeValue, b: AttributeValue | undefined): boolean {
  if (b === undefined || a.kind !== b.kind) return false;
  const [graphs, others] = [graphsIn(a), graphsIn(b)];
  if (graphs.length === 0) return equalData(a.value, b.value);
  return (
    graphs.length === others.length && graphs.every((graph, i) => differenceOfGraphs(graph, others[i]!) === undefined)
  );
}

/** Computed operands by name, constants by what they hold: names of constants mean nothing. */
function operandKey(value: Value | undefined): string {
  if (value === undefined) return '';
  const { constant } = value;
  if (constant === undefined) return `%${value.name}`;
  const elements = createHash('sha256').update(tensorBytes(constant)).digest('hex');
  return `${constant.dtype}[${constant.dims.join(',')}]${elements}`;
}
