interface Edge {
  readonly to: number;
  /** Index of the edge the other way in the list of `to`. */
  readonly back: number;
  capacity: number;
}

/**
 * Splits vertices into two sides at the least total capacity of the edges that lead from the first side to the second
 * (maximum flow after Dinic, 1970). Vertex 0 is on the first side, vertex 1 on the second.
 */
export class MinCut {
  readonly #edges: Edge[][] = [[], []];

  /** The vertex that is always on the first side. */
  static readonly FIRST = 0;
  /** The vertex that is always on the second side. */
  static readonly SECOND = 1;

  addVertex(): number {
    return this.#edges.push([]) - 1;
  }

  /** Makes it cost `capacity` to have `from` on the first side and `to` on the second. */
  addEdge(from: number, to: number, capacity: number): void {
    if (from === to || capacity <= 0) return;
    const forward = this.#edges[from]!;
    const backward = this.#edges[to]!;
    forward.push({ to, back: backward.length, capacity });
    backward.push({ to: from, back: forward.length - 1, capacity: 0 });
  }

  /** Which vertices are on the first side of a least cut; of several, the one with the largest first side. */
  solve(): readonly boolean[] {
    for (let levels = this.#levels(); levels[MinCut.SECOND]! >= 0; levels = this.#levels()) {
      const next = new Array<number>(this.#edges.length).fill(0);
      while (this.#augment(levels, next));
    }
    return this.#reachesSecond().map((reaches) => !reaches);
  }

  /** Which vertices have a way to the second side over edges with capacity left. */
  #reachesSecond(): boolean[] {
    const reaches = new Array<boolean>(this.#edges.length).fill(false);
    reaches[MinCut.SECOND] = true;
    const queue: number[] = [MinCut.SECOND];
    for (const vertex of queue) {
      for (const { to, back } of this.#edges[vertex]!) {
        if (reaches[to] || this.#edges[to]![back]!.capacity === 0) continue;
        reaches[to] = true;
        queue.push(to);
      }
    }
    return reaches;
  }

  /** Distance of each vertex from the first side over edges with capacity left; -1 where it is out of reach. */
  #levels(): number[] {
    const levels = new Array<number>(this.#edges.length).fill(-1);
    levels[MinCut.FIRST] = 0;
    const queue = [MinCut.FIRST];
    for (const vertex of queue) {
      for (const { to, capacity } of this.#edges[vertex]!) {
        if (capacity > 0 && levels[to]! < 0) {
          levels[to] = levels[vertex]! + 1;
          queue.push(to);
        }
      }
    }
    return levels;
  }

  /** Sends flow along one shortest path, found without recursion; false where there is none left. */
  #augment(levels: readonly number[], next: number[]): boolean {
    const path: Edge[] = [];
    let vertex = MinCut.FIRST;
    while (vertex !== MinCut.SECOND) {
      const edges = this.#edges[vertex]!;
      while (next[vertex]! < edges.length) {
        const { to, capacity } = edges[next[vertex]!]!;
        if (capacity > 0 && levels[to] === levels[vertex]! + 1) break;
        next[vertex]!++;
      }
      const edge = edges[next[vertex]!];
      if (edge !== undefined) {
        path.push(edge);
        vertex = edge.to;
        continue;
      }
      const last = path.pop();
      if (last === undefined) return false;
      vertex = this.#edges[last.to]![last.back]!.to;
      next[vertex]!++;
    }
    let flow = Number.POSITIVE_INFINITY;
    for (const { capacity } of path) flow = Math.min(flow, capacity);
    for (const edge of path) {
      edge.capacity -= flow;
      this.#edges[edge.to]![edge.back]!.capacity += flow;
    }
    return true;
  }
}
