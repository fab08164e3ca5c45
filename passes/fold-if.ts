import { isOp } from '../src/ir/node.ts';
import type { Value } from '../src/ir/value.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { constantInteger } from '../src/rewrite/constant-numbers.ts';
import { copyBranch, movableBranch } from '../src/rewrite/copy-branch.ts';

/** Puts the branch that an If always takes in its place, where the condition is constant, in nested graphs too. */
export const foldIf = definePass({
  name: 'fold-if',
  summary: 'Replace an If whose condition is constant by the branch that it takes',
  effect: 'exact',
  options: {},
  run(graph, { count }) {
    const pending = [...graph.nodes()].filter((node) => isOp(node, 'If'));
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      const condition = constantInteger(node.inputs[0]);
      if (condition === undefined) continue;
      const branch = movableBranch(node, condition === 0 ? 'else_branch' : 'then_branch');
      if (branch === undefined) continue;
      const values = new Map<Value, Value>();
      const copies = copyBranch(branch, graph, values, node);
      for (const [index, value] of node.outputs.entries()) {
        const result = branch.outputs[index]!.value;
        if (value !== undefined) graph.replaceAllUses(value, values.get(result) ?? result, { outputs: true });
      }
      graph.erase(node);
      pending.push(...copies.filter((copy) => isOp(copy, 'If')));
      count('branches inlined');
    }
  },
});
