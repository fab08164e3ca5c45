import type { FunctionDef, Model } from './model.ts';
import type { Node } from './node.ts';

/** The model's own function that a node calls; undefined where the node is an operator. */
export function calledFunction(
  { domain, op, overload }: Pick<Node, 'domain' | 'op' | 'overload'>,
  { functions }: Pick<Model, 'functions'>,
): FunctionDef | undefined {
  return functions.find((each) => each.domain === domain && each.name === op && each.overload === overload);
}
