import { type Extent, finiteExtent } from './finite-extent.ts';
import type { Observer } from './observer.ts';

/** Keeps the smallest and the largest value over all samples: nothing is clipped, outliers included. */
export function minMaxObserver(label: string): Observer {
  let kept: Extent | undefined;
  const observe = (values: Float32Array): void => {
    if (values.length === 0) return;
    const { min, max } = finiteExtent(label, values);
    kept = kept === undefined ? { min, max } : { min: Math.min(kept.min, min), max: Math.max(kept.max, max) };
  };
  return {
    sampledValues: 0,
    observe,
    // The mean lies between the ends, and is not finite where a value is not.
    observeSummary: ({ extremes }) => observe(extremes),
    range: () => kept ?? { min: 0, max: 0 },
  };
}
