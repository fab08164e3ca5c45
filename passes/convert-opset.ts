import { note, warning } from '../src/diagnostics/diagnostic.ts';
import { cloneModel } from '../src/ir/clone.ts';
import type { Graph } from '../src/ir/graph.ts';
import { type Model, opsetOf } from '../src/ir/model.ts';
import { describeNode } from '../src/ir/node.ts';
import { graphsWithin } from '../src/ir/walk.ts';
import { lowerNode, NEWEST_OPSET, OLDEST_OPSET, raiseNode } from '../src/ops/opset-adapters/opset-changes.ts';
import { definePass } from '../src/pass/define-pass.ts';

/**
 * Raises the ai.onnx opset of a model, or on request lowers it where that loses nothing, by rewriting every node whose
 * operator changed on the way, after the changelog of ONNX. All or nothing: where one node cannot be brought along, the
 * model stays as it is and the reason is reported.
 */
export const convertOpset = definePass({
  name: 'convert-opset',
  summary: 'Raise or lower the opset, rewriting the operators that changed',
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
    lower: {
      kind: 'boolean',
      default: false,
      help: 'Also go down, where every operator can be said in the older opset',
    },
  },
  run(_graph, { model, options, count, report }) {
    const from = opsetOf(model);
    const { to } = options;
    const verb = to > from ? 'raised' : 'lowered';
    // A model without ai.onnx operators has nothing to convert.
    if (!model.opsetImports.has('') || from === to || (to < from && !options.lower)) return;
    const refusal = convertModel(cloneModel(model).model, to, () => {});
    if (refusal !== undefined) {
      report(
        warning({
          code: 'convert-opset-refused',
          message: `opset ${from} was not ${verb} to ${to}: ${refusal.reason}`,
          at: refusal.at,
          hint:
            to > from ? 'Export the model again with a newer opset.' : 'Ask for an opset nearer to that of the model.',
        }),
      );
      return;
    }
    convertModel(model, to, count);
    report(
      note({
        code: `convert-opset-${verb}`,
        message: `opset ${from} was ${verb} to ${to}`,
        at: model.graph.name,
      }),
    );
  },
});

interface Refusal {
  readonly reason: string;
  /** The node, or what else it lies at. */
  readonly at: string;
}

/** Converts a model with its functions; answers why it could not, and has changed a part of it then. */
function convertModel(model: Model, to: number, count: (what: string) => void): Refusal | undefined {
  for (const part of [model, ...model.functions]) {
    const from = part.opsetImports.get('');
    if (from === undefined) continue;
    if (from < OLDEST_OPSET || from > NEWEST_OPSET)
      return { reason: `conversions are known from opset ${OLDEST_OPSET} to ${NEWEST_OPSET}`, at: part.graph.name };
    const refusal = convertGraphs(part.graph, from, to, count);
    if (refusal !== undefined) return refusal;
    part.opsetImports.set('', to);
  }
  const needed = irVersionOf(to);
  // Functions need a newer format than the opset does; initializers that are no inputs need IR version 4.
  const keeps = model.functions.length > 0 || model.irVersion < needed;
  model.irVersion = keeps ? Math.max(model.irVersion, needed) : Math.max(needed, Math.min(model.irVersion, 4));
  return undefined;
}

/** Brings the nodes of a graph and those nested in it from one opset to another, one opset at a time. */
function convertGraphs(graph: Graph, from: number, to: number, count: (what: string) => void): Refusal | undefined {
  const step = to > from ? 1 : -1;
  for (let opset = from; opset !== to; opset += step) {
    for (const nested of graphsWithin(graph)) {
      for (const node of nested.nodes()) {
        const before = nested.version;
        const at = describeNode(node);
        const refusal = step > 0 ? raiseNode(node, nested, opset + 1) : lowerNode(node, nested, opset);
        if (refusal !== undefined) return { reason: `${at}: ${refusal}`, at };
        if (nested.version !== before) count('nodes rewritten');
      }
    }
  }
  return undefined;
}

/** The IR version of the ONNX release that brought an opset: the least that the checker accepts for it. */
function irVersionOf(opset: number): number {
  // Last opset of the releases with IR 3, 4, 5 and so on (ONNX, docs/Versioning.md).
  const lastOpsets = [8, 9, 10, 11, 14, 18, 20, 22, 23, 24];
  const index = lastOpsets.findIndex((last) => opset <= last);
  return 3 + (index < 0 ? lastOpsets.length : index);
}
