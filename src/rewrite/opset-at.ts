import type { Graph } from '../ir/graph.ts';
import type { Model } from '../ir/model.ts';
import { enclosing } from '../ir/walk.ts';

/** The opsets by domain that the nodes of a graph follow: the model's, or those of the function it is (in) the body of. */
export function opsetsAt(model: Model, graph: Graph): ReadonlyMap<string, number> {
  let outermost = graph;
  for (const around of enclosing(graph)) outermost = around;
  return (model.functions.find((candidate) => candidate.graph === outermost) ?? model).opsetImports;
}

/** The ai.onnx opset of a graph; see `opsetsAt`. */
export function opsetAt(model: Model, graph: Graph): number {
  return opsetsAt(model, graph).get('') ?? 1;
}
