import type { Node } from '../ir/node.ts';

/** The nodes still to be looked at, first in, first out, each at most once at a time. */
export interface Worklist {
  add(node: Node): void;
  take(): Node | undefined;
}

export function worklistOf(nodes: Iterable<Node>): Worklist {
  const queue = [...nodes];
  const waiting = new Set(queue);
  let next = 0;
  return {
    add: (node) => {
      if (waiting.has(node)) return;
      waiting.add(node);
      queue.push(node);
    },
    take: () => {
      const node = queue[next];
      if (node === undefined) return undefined;
      next++;
      waiting.delete(node);
      return node;
    },
  };
}
