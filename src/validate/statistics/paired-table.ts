/** Samples by whether each of two models got them right. */
export interface PairedTable {
  readonly both: number;
  /** Right only by the first. */
  readonly onlyFirst: number;
  /** Right only by the second. */
  readonly onlySecond: number;
  readonly neither: number;
}

/** Counts pairs of scores; undefined when one of them is neither 0 nor 1, or there are none. */
export function pairedTable(first: ArrayLike<number>, second: ArrayLike<number>): PairedTable | undefined {
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < first.length; i++) {
    const a = first[i]!;
    const b = second[i]!;
    if ((a !== 0 && a !== 1) || (b !== 0 && b !== 1)) return undefined;
    counts[2 * a + b]!++;
  }
  if (first.length === 0) return undefined;
  const [neither, onlySecond, onlyFirst, both] = counts as [number, number, number, number];
  return { both, onlyFirst, onlySecond, neither };
}
