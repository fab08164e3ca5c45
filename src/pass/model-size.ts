import type { Model } from '../ir/model.ts';
import { type Tensor, tensorByteLength } from '../ir/tensor.ts';
import { graphsOf } from '../ir/walk.ts';

/** How large a model is: nodes in all its graphs, and bytes of its constants. */
export interface ModelSize {
  readonly nodes: number;
  /** Bytes of initializers and of tensors in attributes; one tensor that several places share counts once. */
  readonly bytes: number;
}

export function sizeOf(model: Model): ModelSize {
  let nodes = 0;
  let bytes = 0;
  const seen = new Set<Tensor>();
  const add = (tensor: Tensor | undefined): void => {
    if (tensor === undefined || seen.has(tensor)) return;
    seen.add(tensor);
    bytes += tensorByteLength(tensor);
  };
  for (const graph of graphsOf(model)) {
    nodes += graph.nodeCount;
    for (const value of graph.constants()) add(value.constant ?? value.initial ?? value.sparse?.values);
    for (const node of graph.nodes()) {
      for (const attribute of node.attributes.values()) if (attribute.kind === 'tensor') add(attribute.value);
    }
  }
  return { nodes, bytes };
}
