import { type Diagnostic, warning } from '../../../diagnostics/diagnostic.ts';
import type { Graph } from '../../../ir/graph.ts';
import { describeNode, isOp, type Node } from '../../../ir/node.ts';
import { scalarTensor } from '../../../ir/tensor.ts';
import { shapeOf } from '../../../ir/value-type.ts';
import { nodesWithin } from '../../../ir/walk.ts';
import { bindingHint } from '../binding-hint.ts';
import { staticShape } from '../layout/static-shape.ts';

/**
 * Makes the condition of an If constant of which one branch fails in any runtime, for the sizes that the model has been
 * given: whatever the model answers, it answers by the other branch. A branch for another sampling rate is of that kind,
 * where its window is not the input's.
 *
 * @returns what to tell of each: there the source refuses inputs that the result takes.
 */
export function dropImpossibleBranches(graph: Graph): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const node of [...nodesWithin(graph)].filter((each) => isOp(each, 'If'))) {
    if (node.inputs[0]?.constant !== undefined) continue;
    const [then, otherwise] = ['then_branch', 'else_branch'].map((name) => failingNode(node, name));
    const failing = then ?? otherwise;
    if (failing === undefined || (then !== undefined && otherwise !== undefined)) continue;
    found.push(told(node, failing, then === undefined ? 'then_branch' : 'else_branch'));
    const condition = node.graph!.addConstant(scalarTensor('bool', then === undefined ? 1 : 0));
    node.graph!.setInput(node, 0, condition);
  }
  return found;
}

function told(node: Node, failing: Node, taken: string): Diagnostic {
  return warning({
    code: 'branch-cannot-run',
    at: describeNode(node),
    message:
      `${describeNode(node)} is lowered as its ${taken} alone: with these sizes the other branch fails in ` +
      `${describeNode(failing)}, whose operands do not fit each other`,
    hint: bindingHint([node.inputs[0]!]) ?? 'Give other sizes if that branch is the one that is wanted.',
  });
}

/** A node that runs whenever the branch does, and cannot. */
function failingNode(node: Node, name: string): Node | undefined {
  const branch = node.attributes.get(name);
  return branch?.kind === 'graph' ? [...branch.value.nodes()].find(fails) : undefined;
}

/** Whether the sizes of a node's operands are proven to contradict what its operator takes. */
function fails(node: Node): boolean {
  if (node.domain !== '') return false;
  const rank = shapeOf(node.inputs[0]?.type)?.length;
  const [a, b] = [staticShape(node.inputs[0]), staticShape(node.inputs[1])];
  switch (node.op) {
    case 'LSTM':
    case 'GRU':
    case 'RNN':
      return rank !== undefined && rank !== 3;
    case 'Conv':
    case 'ConvTranspose':
      return a !== undefined && b !== undefined && a.length !== b.length;
    case 'MatMul':
      return a !== undefined && b !== undefined && a.at(-1) !== b.at(Math.max(-2, -b.length));
    default:
      return false;
  }
}
