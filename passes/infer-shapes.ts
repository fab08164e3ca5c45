import { type Reporter, warning } from '../src/diagnostics/diagnostic.ts';
import type { Model } from '../src/ir/model.ts';
import type { Value } from '../src/ir/value.ts';
import { formatType, tensorType, type ValueType } from '../src/ir/value-type.ts';
import { graphsWithin } from '../src/ir/walk.ts';
import { contradicts } from '../src/ops/infer/contradicts.ts';
import { inferGraph, keepFacts } from '../src/ops/infer/infer-graph.ts';
import { sameType } from '../src/ops/infer/join-types.ts';
import { hasTrait } from '../src/ops/traits.ts';
import { definePass } from '../src/pass/define-pass.ts';

/** Contradictions that one diagnostic names; a model with wrong shapes has hundreds. */
const MAX_NOTES = 5;

/**
 * Infers the types of all values forward from the graph inputs and writes what is proven, into nested graphs too.
 *
 * What a file declares of inner values is not used: where it contradicts it is reported, and where something is proven
 * it is withdrawn. The types of graph inputs and the declared types of graph outputs belong to the interface and stay.
 */
export const inferShapes = definePass({
  name: 'infer-shapes',
  summary: 'Infer types and shapes forward from the inputs, as far as they are proven',
  effect: 'exact',
  scope: 'model',
  options: {},
  run(graph, { model, count, report }) {
    const facts = inferGraph(graph, model);
    const { types } = facts;
    const contradictions: string[] = [];
    for (const [value, type] of types) {
      if (value.isInput && value.graph === graph) continue;
      if (!sameType(value.type, type)) {
        value.graph.setType(value, type);
        count('types inferred');
      }
      if (value.declared === undefined) continue;
      if (contradicts(value.declared, type)) contradictions.push(contradiction(value.name, value.declared, type));
      value.graph.setDeclared(value, undefined);
    }
    for (const input of bodyInputs(model)) {
      if (types.has(input) || input.type?.kind !== 'tensor' || input.type.shape === undefined) continue;
      input.graph.setType(input, tensorType(input.type.dtype));
    }
    keepFacts(model, facts);
    for (const { name, declared, value } of outputsOf(model)) {
      const type = types.get(value);
      if (type !== undefined && declared !== undefined && contradicts(declared, type))
        contradictions.push(contradiction(name, declared, type));
    }
    reportContradictions(contradictions, report);
  },
});

/** Inputs of loop bodies: what the file says of them is a claim like any other, but for the element type. */
function* bodyInputs(model: Model): Generator<Value> {
  for (const graph of graphsWithin(model.graph)) {
    if (graph.owner !== undefined && hasTrait(graph.owner, 'control-flow')) yield* graph.inputs;
  }
}

function* outputsOf(
  model: Model,
): Generator<{ readonly name: string; readonly declared: ValueType | undefined; readonly value: Value }> {
  for (const graph of graphsWithin(model.graph)) yield* graph.outputs;
}

function contradiction(name: string, declared: ValueType, proven: ValueType): string {
  return `'${name}' is declared ${formatType(declared)} and proven ${formatType(proven)}`;
}

function reportContradictions(contradictions: readonly string[], report: Reporter): void {
  const [first] = contradictions;
  if (first === undefined) return;
  const more = contradictions.length - 1;
  report(
    warning({
      code: 'shape-contradicts-declared',
      message: `the file declares types that its own nodes contradict: ${first}${more > 0 ? `, and ${more} more` : ''}`,
      hint: 'The proven types are used. Export the model again, without fixed sizes from tracing, to get rid of the claims.',
      notes: contradictions.slice(0, MAX_NOTES),
    }),
  );
}
