import type { Node } from '../ir/node.ts';

/** The nodes still to be looked at, first in, first out, each at most once at a time. */
export interface Worklist {
  add(node: Node): void;
  take(): Node | undefined;
}

export function worklistOf(nodes: readonly Node[]): Worklist {
  const queue = [...nodes];
  // Made when something is added: in most runs of a pass nothing is.
  let waiting: Set<Node> | undefined;
  let next = 0;
  return {
    add: (node) => {
      waiting ??= new Set(queue.slice(next));
      if (waiting.has(node)) return;
      waiting.add(node);
      queue.push(node);
    },
    take: () => {
      const node = queue[next];
      if (node === undefined) return undefined;
      next++;
      waiting?.delete(node);
      return node;
    },
  };
}
