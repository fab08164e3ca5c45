import { note, warning } from '../src/diagnostics/diagnostic.ts';
import { cloneModel } from '../src/ir/clone.ts';
import type { Graph } from '../src/ir/graph.ts';
import { type Model, opsetOf } from '../src/ir/model.ts';
import { describeNode, type Node } from '../src/ir/node.ts';
import { graphsWithin } from '../src/ir/walk.ts';
import { changeAt, NEWEST_OPSET, OLDEST_OPSET } from '../src/ops/opset-adapters/opset-changes.ts';
import { schemaVersions } from '../src/ops/schema/schema-of.ts';
import { definePass } from '../src/pass/define-pass.ts';

/**
 * Raises the ai.onnx opset of a model by rewriting every node whose operator changed on the way, after the changelog of
 * ONNX. All or nothing: where one node cannot be brought along, the model stays as it is and the reason is reported.
 */
export const convertOpset = definePass({
  name: 'convert-opset',
  summary: 'Raise the opset, rewriting the operators that changed',
  effect: 'exact',
  scope: 'model',
  options: {
    to: {
      kind: 'number',
      default: NEWEST_OPSET,
      min: OLDEST_OPSET,
      max: NEWEST_OPSET,
      integer: true,
      help: 'The ai.onnx opset to reach',
    },
  },
  run(_graph, { model, options, count, report }) {
    const from = opsetOf(model);
    // A model without ai.onnx operators has nothing to convert.
    if (!model.opsetImports.has('') || from >= options.to) return;
    const refusal = convert(cloneModel(model).model, options.to, () => {});
    if (refusal !== undefined) {
      report(
        warning({
          code: 'convert-opset-refused',
          message: `opset ${from} was not raised to ${options.to}: ${refusal}`,
          at: model.graph.name,
          hint: 'Export the model again with a newer opset.',
        }),
      );
      return;
    }
    convert(model, options.to, count);
    report(
      note({
        code: 'convert-opset-raised',
        message: `opset ${from} was raised to ${options.to}`,
        at: model.graph.name,
      }),
    );
  },
});

/** Converts a model; answers why it could not, and has changed a part of it then. */
function convert(model: Model, to: number, count: (what: string) => void): string | undefined {
  const from = opsetOf(model);
  if (from < OLDEST_OPSET) return `conversions start at opset ${OLDEST_OPSET}`;
  if (model.functions.length > 0) return 'it has functions of its own, which are written for its opset';
  for (let opset = from + 1; opset <= to; opset++) {
    for (const graph of graphsWithin(model.graph)) {
      const refusal = convertGraph(graph, opset, count);
      if (refusal !== undefined) return refusal;
    }
  }
  model.opsetImports.set('', to);
  model.irVersion = Math.max(model.irVersion, irVersionOf(to));
  return undefined;
}

/** The IR version of the ONNX release that brought an opset: the least that the checker accepts for it. */
function irVersionOf(opset: number): number {
  // Last opset of the releases with IR 3, 4, 5 and so on (ONNX, docs/Versioning.md).
  const lastOpsets = [8, 9, 10, 11, 14, 18, 20, 22, 24];
  const index = lastOpsets.findIndex((last) => opset <= last);
  return 3 + (index < 0 ? lastOpsets.length : index);
}

/** Brings the nodes of one graph from the opset before `opset` to it. */
function convertGraph(graph: Graph, opset: number, count: (what: string) => void): string | undefined {
  for (const node of graph.nodes()) {
    if (!hasChange(node, opset)) continue;
    const change = changeAt(node.op, opset);
    if (change === 'compatible') continue;
    const before = graph.version;
    const name = describeNode(node);
    const refusal = change === undefined ? `${node.op} of opset ${opset} is another operator` : change(node, graph);
    if (refusal !== undefined) return `${name}: ${refusal}`;
    if (graph.version !== before) count('nodes rewritten');
  }
  return undefined;
}

/** Whether the operator has a version that came with `opset`, and had one before. */
function hasChange(node: Node, opset: number): boolean {
  if (node.domain !== '') return false;
  const versions = schemaVersions('', node.op);
  return versions.some(({ since }) => since === opset) && versions[0]!.since < opset;
}
