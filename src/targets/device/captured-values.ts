import type { Graph } from '../../ir/graph.ts';
import type { Value } from '../../ir/value.ts';
import { graphsWithin } from '../../ir/walk.ts';

/**
 * What nested graphs read of the graphs around them, in order of first use. Constants are left out: every graph of a
 * file may have them.
 */
export function capturedValues(graphs: readonly Graph[]): readonly Value[] {
  const all = graphs.flatMap((graph) => [...graphsWithin(graph)]);
  const inside = new Set(all);
  const captured = new Set<Value>();
  const read = (value: Value | undefined): void => {
    if (value !== undefined && value.constant === undefined && !inside.has(value.graph)) captured.add(value);
  };
  for (const graph of all) {
    for (const node of graph.nodes()) for (const value of node.inputs) read(value);
    for (const { value } of graph.outputs) read(value);
  }
  return [...captured];
}
