import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MinCut } from '../../../../src/targets/nhwc/layout/min-cut.ts';

type Edge = readonly [from: number, to: number, capacity: number];

function cost(edges: readonly Edge[], first: readonly boolean[]): number {
  return edges.reduce((sum, [from, to, capacity]) => sum + (first[from] && !first[to] ? capacity : 0), 0);
}

it('finds a cut that no other beats, and of equal ones the one with the largest first side', () => {
  const vertices = 6;
  const vertex = fc.integer({ min: 0, max: vertices - 1 });
  const graph = fc.array(fc.tuple(vertex, vertex, fc.integer({ min: 1, max: 4 })), { maxLength: 14 });
  fc.assert(
    fc.property(graph, (edges) => {
      const cut = new MinCut();
      for (let k = 2; k < vertices; k++) cut.addVertex();
      for (const [from, to, capacity] of edges) cut.addEdge(from, to, capacity);
      const first = cut.solve();
      expect([first[MinCut.FIRST], first[MinCut.SECOND]]).toEqual([true, false]);
      let best = Number.POSITIVE_INFINITY;
      let largest = 0;
      for (let choice = 0; choice < 2 ** (vertices - 2); choice++) {
        const sides = [true, false, ...Array.from({ length: vertices - 2 }, (_, k) => ((choice >> k) & 1) === 1)];
        const value = cost(edges, sides);
        const size = sides.filter(Boolean).length;
        if (value < best || (value === best && size > largest)) largest = size;
        best = Math.min(best, value);
      }
      expect(cost(edges, first)).toBe(best);
      expect(first.filter(Boolean)).toHaveLength(largest);
    }),
    { seed: 3, numRuns: 300 },
  );
});
