import type { Node } from '../ir/node.ts';

/** The nodes still to be looked at, first in, first out, each at most once at a time. */
export interface Worklist {
  add(node: Node): void;
  take(): Node | undefined;
}

export function worklistOf(nodes: Iterable<Node>): Worklist {
  const waiting = new Set<Node>(nodes);
  return {
    add: (node) => {
      waiting.add(node);
    },
    take: () => {
      const next = waiting.values().next();
      if (next.done) return undefined;
      waiting.delete(next.value);
      return next.value;
    },
  };
}
