import type { Graph } from '../../ir/graph.ts';
import type { Node } from '../../ir/node.ts';

/**
 * Rewrites a node that follows the version of its operator before a change so that it follows the one after it and
 * computes the same.
 *
 * @returns why it cannot, with nothing changed; `undefined` when it did.
 */
export type OpsetAdapter = (node: Node, graph: Graph) => string | undefined;
