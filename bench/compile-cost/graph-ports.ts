import type { Graph } from '../../src/ir/graph.ts';
import type { Port } from '../../src/runtime/session.ts';

/** What a graph has to be fed with, as its file declares it: its inputs without those that have a default. */
export function graphPorts(graph: Graph): readonly Port[] {
  return graph.inputs
    .filter(({ initial }) => initial === undefined)
    .map(({ name, declared, type = declared }) =>
      type?.kind === 'tensor'
        ? { name, dtype: type.dtype, dims: type.shape ?? [] }
        : { name, dtype: 'non-tensor', dims: [] },
    );
}
