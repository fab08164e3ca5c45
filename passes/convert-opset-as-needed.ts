import { type Model, opsetOf } from '../src/ir/model.ts';
import { graphsWithin } from '../src/ir/walk.ts';
import { NEWEST_OPSET, OLDEST_OPSET } from '../src/ops/opset-adapters/opset-changes.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { rulesThatFit } from '../src/rewrite/apply-rules.ts';
import { convertOpset } from './convert-opset.ts';
import { fuseGelu } from './fuse-gelu.ts';
import { fuseLayerNormalization } from './fuse-layer-normalization.ts';
import { fuseRmsNormalization } from './fuse-rms-normalization.ts';

/** Rules that a newer opset is worth: each makes one node of about nine, for which runtimes have kernels. */
const WORTH_IT = [fuseLayerNormalization, fuseRmsNormalization, fuseGelu]
  .flatMap(({ rules }) => rules)
  .filter(({ since }) => since !== undefined);

/** The opset that a model is raised to at most without being asked: that of RMSNormalization, the last of these. */
const WITHOUT_ASKING = 23;

/**
 * Raises the opset of a model as far as an operator needs that the model writes out in many nodes, and no further. A
 * model that writes out none keeps its opset, as one does that cannot be brought along.
 */
export const convertOpsetAsNeeded = definePass({
  name: 'convert-opset-as-needed',
  summary: 'Raise the opset where a normalization or activation that is written out has an operator in a newer one',
  effect: 'exact',
  scope: 'model',
  options: {
    limit: {
      kind: 'number',
      default: WITHOUT_ASKING,
      min: OLDEST_OPSET,
      max: NEWEST_OPSET,
      integer: true,
      help: 'The newest ai.onnx opset to go to',
    },
  },
  run(graph, { model, options: { limit }, report, ...context }) {
    const from = opsetOf(model);
    if (!model.opsetImports.has('') || from >= limit) return;
    const to = neededOpset(model, limit);
    if (to <= from) return;
    convertOpset.run(graph, {
      ...context,
      model,
      options: { to, lower: false },
      // Nobody asked for it, so that it could not be done is no reason to worry.
      report: (diagnostic) => report({ ...diagnostic, severity: 'note' }),
    });
  },
});

/** The least opset in which every rule may fire that would by `limit`. */
function neededOpset(model: Model, limit: number): number {
  let needed = 0;
  for (const graph of graphsWithin(model.graph)) {
    for (const { since = 0 } of rulesThatFit(graph, WORTH_IT, { model, opset: limit }))
      needed = Math.max(needed, since);
  }
  return needed;
}
