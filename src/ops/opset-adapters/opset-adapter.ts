import type { Graph } from '../../ir/graph.ts';
import type { Node } from '../../ir/node.ts';

/**
 * Rewrites a node that follows the version of its operator before a change so that it follows the one after it (or, on
 * the way down, the other way round) and computes the same.
 *
 * @returns why it cannot, with nothing changed; `undefined` when it did.
 */
export type OpsetAdapter = (node: Node, graph: Graph) => string | undefined;

/** An adapter for a change that no rewrite makes up for. */
export function refuses(reason: string): OpsetAdapter {
  return () => reason;
}
