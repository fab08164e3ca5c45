import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodeList, type Place } from '../../src/ir/node-list.ts';

/** A change made while an item is being visited; positions are taken modulo the number of items. */
const change = fc.record({ kind: fc.constantFrom('insert', 'erase', 'move'), at: fc.nat(20), before: fc.nat(21) });

/** Iterates over a list while the plan of each visit changes it; answers what was visited and what may be said of it. */
function iterate(
  size: number,
  plans: readonly (readonly { kind: string; at: number; before: number }[])[],
  reversed: boolean,
) {
  const list = new NodeList<number>();
  const places = new Map<number, Place<number>>();
  for (let item = 0; item < size; item++) places.set(item, list.insertBefore(undefined, item));
  const untouched = new Set(places.keys());
  const visited: number[] = [];
  const gone = new Set<number>();
  const visitedAfterGone: number[] = [];
  let next = size;
  let step = 0;
  for (const item of reversed ? list.reversed() : list) {
    visited.push(item);
    if (gone.has(item)) visitedAfterGone.push(item);
    for (const { kind, at, before } of plans[step] ?? []) {
      const items = [...places.keys()];
      const anchor = places.get(items[before % (items.length + 1)]!);
      const chosen = items[at % items.length];
      if (kind === 'insert') {
        places.set(next, list.insertBefore(anchor, next));
        next++;
      } else if (chosen !== undefined && places.get(chosen) !== anchor) {
        list.remove(places.get(chosen)!);
        places.delete(chosen);
        untouched.delete(chosen);
        if (kind === 'move') places.set(chosen, list.insertBefore(anchor, chosen));
        else gone.add(chosen);
      }
    }
    if (++step > 200) break;
  }
  return { visited, untouched, visitedAfterGone, items: [...list], size: list.size, ended: step <= 200, places };
}

describe('NodeList', () => {
  const plan = fc.array(fc.array(change, { maxLength: 3 }), { maxLength: 12 });

  it.each([
    ['forwards', false],
    ['backwards', true],
  ])('visits what stays exactly once, in order, and nothing that is gone, %s', (_, reversed) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), plan, (size, plans) => {
        const run = iterate(size, plans, reversed);
        expect(run.ended).toBe(true);
        expect(run.visitedAfterGone).toEqual([]);
        const kept = run.visited.filter((item) => run.untouched.has(item));
        expect(kept).toEqual([...run.untouched].sort((a, b) => (reversed ? b - a : a - b)));
        expect(run.items).toHaveLength(run.size);
        expect(new Set(run.items)).toEqual(new Set(run.places.keys()));
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  it('visits what is inserted right after the current item', () => {
    const list = new NodeList<string>();
    const a = list.insertBefore(undefined, 'a');
    list.insertBefore(undefined, 'b');
    const seen: string[] = [];
    for (const item of list) {
      seen.push(item);
      if (item === 'a') {
        list.insertBefore(a.next, 'after a');
        list.remove(a);
      }
    }
    expect(seen).toEqual(['a', 'after a', 'b']);
    expect([list.first, list.last, list.size]).toEqual(['after a', 'b', 2]);
  });
});
