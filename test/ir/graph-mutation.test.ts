import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelpressError } from '../../src/diagnostics/modelpress-error.ts';
import { Graph } from '../../src/ir/graph.ts';
import type { Node } from '../../src/ir/node.ts';
import { int64Tensor } from '../../src/ir/tensor.ts';
import { printGraph } from '../../src/ir/text/print.ts';
import { isUnused, type Value } from '../../src/ir/value.ts';
import { tensorType } from '../../src/ir/value-type.ts';
import { verify } from '../../src/ir/verify.ts';
import { nodesWithin } from '../../src/ir/walk.ts';

const step = fc.record({
  kind: fc.constantFrom(
    'append',
    'insert',
    'erase',
    'setInput',
    'truncate',
    'replace',
    'output',
    'branch',
    'dropBranch',
    'constant',
    'move',
  ),
  a: fc.nat(1000),
  b: fc.nat(1000),
});

/** Values that a node standing before `anchor` of the main graph may read. */
function visibleBefore(graph: Graph, anchor: Node | undefined): Value[] {
  const values: Value[] = [...graph.inputs, ...graph.constants()];
  for (const node of graph.nodes()) {
    if (node === anchor) break;
    for (const output of node.outputs) if (output !== undefined) values.push(output);
  }
  return values;
}

function apply(graph: Graph, { kind, a, b }: { kind: string; a: number; b: number }): void {
  const nodes = [...graph.nodes()];
  const node = nodes[a % Math.max(nodes.length, 1)];
  const pick = (values: readonly Value[]) => values[b % values.length]!;
  switch (kind) {
    case 'append':
      graph.append({
        op: 'Add',
        inputs: [pick(visibleBefore(graph, undefined)), undefined, pick(visibleBefore(graph, undefined))],
      });
      return;
    case 'insert':
      if (node) graph.insertBefore(node, { op: 'Relu', inputs: [pick(visibleBefore(graph, node))] });
      return;
    case 'erase':
      if (node) graph.erase(node);
      return;
    case 'setInput':
      if (node)
        graph.setInput(node, a % (node.inputs.length + 1), b % 4 === 0 ? undefined : pick(visibleBefore(graph, node)));
      return;
    case 'truncate':
      if (node) graph.truncateInputs(node, a % 3);
      return;
    case 'replace': {
      const old = node?.outputs[0];
      if (node && old) graph.replaceAllUses(old, pick(visibleBefore(graph, node)), { outputs: b % 2 === 0 });
      return;
    }
    case 'output':
      if (graph.outputs.length > 2) graph.removeOutput(b % graph.outputs.length);
      else graph.addOutput(pick(visibleBefore(graph, undefined)), `out${a}_${b}`);
      return;
    case 'branch': {
      const inner = new Graph('branch');
      const outer = pick(visibleBefore(graph, undefined));
      inner.append({ op: 'Neg', inputs: [outer] });
      inner.addOutput(a % 2 === 0 ? outer : inner.nodes().next().value!.outputs[0]!, 'y');
      graph.append({ op: 'If', inputs: [], attributes: { then_branch: { kind: 'graph', value: inner } } });
      return;
    }
    case 'dropBranch':
      if (node) graph.setAttribute(node, 'then_branch', undefined);
      return;
    case 'constant':
      graph.addConstant(int64Tensor([a]), 'c');
      if (b % 2 === 0) for (const value of [...graph.constants()]) if (isUnused(value)) graph.eraseValue(value);
      return;
    case 'move':
      if (node) graph.move(node, undefined);
  }
}

/** Moving breaks the order and says so; it is left to its caller. */
function problems(graph: Graph): string[] {
  return verify(graph).flatMap(({ code, message }) => (code === 'ir-undefined' ? [] : [message]));
}

describe('Graph', () => {
  it('keeps uses and operands in step under any sequence of changes, and a refusal changes nothing', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const graph = new Graph('g');
        graph.addInput('x', tensorType('float32', [2]));
        graph.addOutput(graph.inputs[0]!, 'y');
        for (const each of steps) {
          const before = printGraph(graph);
          const version = graph.version;
          try {
            apply(graph, each);
            expect(graph.version > version || printGraph(graph) === before).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(ModelpressError);
            expect([printGraph(graph), graph.version]).toEqual([before, version]);
          }
          expect(problems(graph)).toEqual([]);
        }
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it('lets go of outer values when a node with a subgraph is erased', () => {
    const graph = new Graph('g');
    const x = graph.addInput('x', undefined);
    const inner = new Graph('inner');
    inner.append({ op: 'Neg', inputs: [x] });
    inner.addOutput(x, 'y');
    const node = graph.append({ op: 'If', inputs: [], attributes: { then_branch: { kind: 'graph', value: inner } } });
    expect([x.uses.size, x.outputCount, [...nodesWithin(graph)].length]).toEqual([1, 1, 2]);
    graph.erase(node);
    expect([x.uses.size, x.outputCount, inner.owner]).toEqual([0, 0, undefined]);
    graph.eraseValue(x);
    expect(graph.inputs).toEqual([]);
  });

  it('keeps the parameters of quantization annotations', () => {
    const graph = new Graph('g');
    const x = graph.addInput('x', undefined);
    const scale = graph.addConstant(int64Tensor([1]), 's');
    graph.addAnnotation(x, new Map([['SCALE_TENSOR', scale]]));
    expect(isUnused(scale)).toBe(false);
    expect(() => graph.eraseValue(scale)).toThrowError(/still used/);
    const node = graph.append({ op: 'Neg', inputs: [x] });
    graph.addAnnotation(node.outputs[0]!, new Map());
    graph.erase(node);
    expect(graph.annotations.map(({ value }) => value)).toEqual([x]);
  });
});
