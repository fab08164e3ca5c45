import type { Graph } from '../ir/graph.ts';
import type { Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import type { Build } from './build.ts';
import type { NodePattern } from './pattern.ts';

/** Where a match stands. */
export interface Site {
  readonly model: Model;
  readonly graph: Graph;
  /** The ai.onnx opset that the graph's nodes follow: the model's, or the function's that the graph is the body of. */
  readonly opset: number;
  /** The node that the rule replaces. */
  readonly root: Node;
}

/**
 * A rewrite rule: where `match` fits and `reject` finds nothing against it, `rewrite` builds what takes the root's place.
 *
 * The driver does the rest: it refuses matches with interior nodes that others read, moves the uses, carries over names,
 * types and origins, and erases what died.
 */
export interface Rule<C, P extends object = object> {
  /** Kebab-case; counted as it is when the rule fires, and with the reason when it is rejected. */
  readonly name: string;
  readonly match: NodePattern<C>;
  /** The first opset of ai.onnx that has what it builds; a match in an older one is rejected. */
  readonly since?: number;
  /** Why the match must not be rewritten, as a short sentence part without names of objects; pure. */
  reject?(captures: C, site: Site): string | undefined;
  /** Works out what `rewrite` needs, where that shows whether it can be done at all: the plan, or the reason as in `reject`; pure. */
  plan?(captures: C, site: Site): P | string;
  /** Builds, in the order of the root's results, what takes their places. It only builds. */
  rewrite(captures: C, build: Build, plan: P): Value | readonly (Value | undefined)[];
  /** How many of the root's results `rewrite` gives; a match with further ones in use is rejected. Default 1. */
  readonly results?: number;
}

/** A rule whose capture types have been forgotten, as lists of rules hold it. */
// biome-ignore lint/suspicious/noExplicitAny: the captures of different rules have nothing in common
export type AnyRule = Rule<any, any>;

/** Declares a rule; infers the types of its captures from the pattern, and that of its plan. */
export function defineRule<C, P extends object = object>(rule: Rule<C, P>): Rule<C, P> {
  return rule;
}
