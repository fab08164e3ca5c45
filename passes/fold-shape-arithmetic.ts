import { isInteger } from '../src/ir/dtype.ts';
import { type Graph, subgraphsOf } from '../src/ir/graph.ts';
import { type Tensor, tensorFromNumbers } from '../src/ir/tensor.ts';
import { isUnused, type Value } from '../src/ir/value.ts';
import { enclosing } from '../src/ir/walk.ts';
import { inferModel } from '../src/ops/infer/infer-graph.ts';
import { isKnown, type SymbolicValue } from '../src/ops/infer/symbolic-value.ts';
import { isDeterministic } from '../src/ops/is-deterministic.ts';
import { definePass } from '../src/pass/define-pass.ts';

/**
 * Replaces small integer and boolean tensors (shapes and their parts, axes, conditions) by constants where all their
 * elements are proven, also where they are computed from tensors of which some sizes are not known; and by an earlier
 * tensor where both are proven to hold the same expressions of the model's symbols.
 */
export const foldShapeArithmetic = definePass({
  name: 'fold-shape-arithmetic',
  summary: 'Replace computed shapes, axes and conditions by what is proven of their elements',
  effect: 'exact',
  options: {},
  scope: 'model',
  run(_, { model, count }) {
    const earlier = new Map<string, Value[]>();
    const facts = inferModel(model);
    for (const value of resultsInOrder(model.graph)) {
      const known = facts.get(value);
      const { producer, graph } = value;
      if (known === undefined || producer?.graph === undefined || isUnused(value) || value.heldCount > 0) continue;
      if (subgraphsOf(producer).length > 0 || !isDeterministic(producer, model)) continue;
      const tensor = tensorOf(known);
      const replacement =
        tensor === undefined ? earlierEqual(value, known, earlier) : graph.addConstant(tensor, value.name);
      if (replacement === undefined) continue;
      graph.replaceAllUses(value, replacement, { outputs: true });
      if (producer.outputs.every((output) => output === undefined || isUnused(output))) graph.erase(producer);
      count(tensor === undefined ? 'equal shapes merged' : 'values folded');
    }
  },
});

/** The results of all nodes, each after everything that it may be computed from; those of a nested graph before its owner's. */
function* resultsInOrder(graph: Graph): Generator<Value, void, undefined> {
  for (const node of graph.nodes()) {
    for (const inner of subgraphsOf(node)) yield* resultsInOrder(inner);
    for (const value of node.outputs) if (value !== undefined) yield value;
  }
}

/** The elements as a constant, if all are proven integers or booleans that doubles hold exactly. */
function tensorOf(known: SymbolicValue): Tensor | undefined {
  if (!isInteger(known.dtype) && known.dtype !== 'bool') return undefined;
  if (!isKnown(known) || !known.elements.every(Number.isSafeInteger)) return undefined;
  return tensorFromNumbers(known.dtype, known.dims, known.elements);
}

/** A value that is computed before this one, in its graph or one around it, and holds the same; else this one is kept for later. */
function earlierEqual(value: Value, known: SymbolicValue, earlier: Map<string, Value[]>): Value | undefined {
  if (!isInteger(known.dtype) || known.elements.some((element) => element === undefined)) return undefined;
  const key = JSON.stringify([known.dtype, known.dims, known.elements]);
  const candidates = earlier.get(key) ?? [];
  const around = new Set(enclosing(value.graph));
  const found = candidates.find((candidate) => around.has(candidate.graph));
  if (found === undefined) earlier.set(key, [...candidates, value]);
  return found;
}
