import { opsetOf } from '../src/ir/model.ts';
import { isOp } from '../src/ir/node.ts';
import { evaluateNode } from '../src/ops/evaluate/evaluate-node.ts';
import { definePass } from '../src/pass/define-pass.ts';

/** Turns Constant nodes into initializers, so that later passes know one form of constant. */
export const liftConstants = definePass({
  name: 'lift-constants',
  summary: 'Turn Constant nodes into initializers',
  effect: 'exact',
  options: {},
  run(graph, context) {
    for (const node of graph.nodes()) {
      const [output] = node.outputs;
      if (!isOp(node, 'Constant') || output === undefined || node.outputs.length > 1) continue;
      const result = evaluateNode(node, [], opsetOf(context.model));
      const tensor = result.kind === 'value' ? result.outputs[0] : undefined;
      if (tensor === undefined) continue;
      const constant = graph.addConstant(tensor, output.name, { extra: output.extra });
      graph.replaceAllUses(output, constant, { outputs: true });
      graph.erase(node);
      context.count('constants lifted');
    }
  },
});
